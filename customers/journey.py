"""The journey: the stream of dated facts about customers. This is its one writer; each reader keeps its own mark.

Nobody who writes a fact knows who reads it.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.base import new_id
from models.customers import Customer, JourneyData, JourneyEvent
from runtime import wake

# The table and not the class: the unit of work has nothing to add, and it costs as much again.
_EVENTS = JourneyEvent.metadata.tables[JourneyEvent.__tablename__]
_WRITE = insert(_EVENTS).on_conflict_do_nothing().returning(_EVENTS.c.id)
_WRITE_ALL = text(
    """
    INSERT INTO customer_journey_events (id, clinic_id, customer_id, type, key, occurred_at, data, unplanned)
    SELECT new.id, :clinic, new.customer_id, :type, new.key, :at, new.data, :unplanned
    FROM json_to_recordset(CAST(:facts AS json)) new (id uuid, customer_id uuid, key text, data jsonb)
    ON CONFLICT DO NOTHING
    """
)

_planned_from: set[str] = set()
"""Types from which something is planned. Only these are marked: the mark costs an entry of an index and an UPDATE."""


def keep_for_planning(*types: str) -> None:
    """Whoever reads the stream for these says so once, before anything is written."""
    _planned_from.update(types)


@dataclass(frozen=True)
class Fact:
    """One of many: about whom, its key, and its data."""

    customer_id: UUID
    key: str
    data: JourneyData


def known(session: Session, clinic_id: UUID, keys: Collection[str]) -> bool:
    """Whether a fact of the clinic has any of these keys."""
    named = exists().where(JourneyEvent.clinic_id == clinic_id, JourneyEvent.key.in_(keys))
    return bool(session.scalar(select(named)))


def write(
    session: Session,
    customer: Customer,
    type_: str,
    at: datetime,
    *,
    key: str | None = None,
    data: JourneyData | None = None,
) -> UUID | None:
    """Write one fact. With a `key` the same fact told twice is one row; None then says it was known.

    `at` is business time. `data` holds codes, ids and amounts only, nothing that names a person.
    """
    session.flush()
    row = {
        "id": new_id(),
        "clinic_id": customer.clinic_id,
        "customer_id": customer.id,
        "type": type_,
        "key": key,
        "occurred_at": at,
        "data": data or {},
        "unplanned": type_ in _planned_from,
    }
    if row["unplanned"]:
        wake.after(session, "followups")
    return session.scalars(_WRITE, row).one_or_none()


def write_all(session: Session, clinic_id: UUID, type_: str, at: datetime, facts: Sequence[Fact]) -> None:
    """One fact each about many customers of a clinic, in their order; what is known by its key stays as it is."""
    rows = [
        {"id": str(new_id()), "customer_id": str(one.customer_id), "key": one.key, "data": one.data} for one in facts
    ]
    if rows:
        unplanned = type_ in _planned_from
        said = {"clinic": clinic_id, "type": type_, "at": at, "facts": json.dumps(rows), "unplanned": unplanned}
        session.execute(_WRITE_ALL, said)
        if unplanned:
            wake.after(session, "followups")
