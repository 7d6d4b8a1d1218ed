"""What is kept no longer than needed: each table says how long (`models/lifecycle.py`), and here it goes."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Table, delete, select, tuple_, update
from sqlalchemy.orm import Session

from models.base import Base
from models.clinics import OF, Clinic
from models.lifecycle import WHILE_KNOWN, Retention

BATCH = 1_000


def forget(session: Session, clinic: Clinic, real_now: datetime) -> int:
    """Delete one batch of each table's rows whose time is over, with what goes with them; how many rows went by time.

    What still points at them forgets where it pointed.
    """
    models = {mapper.local_table: mapper.class_ for mapper in Base.registry.mappers}
    gone = 0
    for table in Base.metadata.sorted_tables:
        retention: Retention = getattr(models[table], "retention", WHILE_KNOWN)
        if retention.life is not None:
            gone += _forget(session, table, retention, clinic, real_now - retention.life)
    return gone


def _forget(session: Session, table: Table, retention: Retention, clinic: Clinic, before: datetime) -> int:
    old = (
        select(*table.primary_key)
        .where(table.c.clinic_id == clinic.id, table.c[retention.since] < before)
        .limit(BATCH)
        # Before what points at them, which is the order in which a merge locks; what somebody holds goes another day.
        .with_for_update(skip_locked=True)
    )
    if retention.states:
        old = old.where(table.c.state.in_(retention.states))
    keys = session.execute(old).all()
    for other, column in _pointing_at(table):
        named = [getattr(key, column.info["key"]) for key in keys]
        pointing = (other.c.clinic_id == clinic.id, column.in_(named))
        if column.nullable:
            session.execute(update(other).where(*pointing).values({column: None}))
        else:
            session.execute(delete(other).where(*pointing))
    session.execute(delete(table).where(tuple_(*table.primary_key).in_(keys)))
    return len(keys)


def _pointing_at(table: Table) -> Iterator[tuple[Table, Column[Any]]]:
    for other in Base.metadata.sorted_tables:
        for column in other.columns:
            if column.info.get(OF) == table.name:
                yield other, column
