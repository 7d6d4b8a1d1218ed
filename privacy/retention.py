"""What is kept no longer than needed: each table says how long (`models/lifecycle.py`), and here it goes."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Table, delete, select, tuple_, update
from sqlalchemy.orm import Session

from models.base import Base
from models.clinics import OF, Clinic
from models.lifecycle import WHILE_KNOWN, Retention
from runtime.work import Batch


def dated() -> dict[str, tuple[Table, Retention]]:
    """The tables whose rows go when their time is over, by name."""
    models = {mapper.local_table: mapper.class_ for mapper in Base.registry.mappers}
    kept = ((table, getattr(models[table], "retention", WHILE_KNOWN)) for table in Base.metadata.sorted_tables)
    return {table.name: (table, retention) for table, retention in kept if retention.life is not None}


def forget(session: Session, clinic: Clinic, real_now: datetime, name: str, batch: Batch) -> int:
    """Delete one batch of a table's rows whose time is over, with what goes with them; how many, without those that
    somebody holds.

    What still points at them forgets where it pointed. A table without ids is gone through by what its key begins with.
    """
    table, retention = dated()[name]
    if retention.life is None:
        raise ValueError(f"the rows of {name} have no time")
    one = next(column for column in table.primary_key if column.name != "clinic_id")
    over = [table.c.clinic_id == clinic.id, table.c[retention.since] < real_now - retention.life]
    if retention.states:
        over.append(table.c.state.in_(retention.states))
    if retention.spares:
        name_of, word = retention.spares
        over.append(table.c[name_of] != word)
    since = table.c[retention.since]
    if not batch.take(session, select(since, one).where(*over)):
        return 0
    taken = [place[1:] for place in batch.places]
    among = (since >= taken[0][0], since <= taken[-1][0], one.in_(batch.ids))
    # Before what points at them, which is the order in which a merge locks; what somebody holds goes another day.
    old = select(*table.primary_key, since).where(*over, *among).with_for_update(skip_locked=True)
    rows = session.execute(old).all()
    for other, column in _pointing_at(table):
        named = [getattr(row, column.info["key"]) for row in rows]
        pointing = (other.c.clinic_id == clinic.id, column.in_(named))
        if column.nullable:
            session.execute(update(other).where(*pointing).values({column: None}))
        else:
            session.execute(delete(other).where(*pointing))
    session.execute(delete(table).where(tuple_(*table.primary_key).in_([row[:-1] for row in rows])))
    gone = {(getattr(row, since.name), getattr(row, one.name)) for row in rows}
    return sum(place in gone for place in taken)


def _pointing_at(table: Table) -> Iterator[tuple[Table, Column[Any]]]:
    for other in Base.metadata.sorted_tables:
        for column in other.columns:
            if column.info.get(OF) == table.name:
                yield other, column
