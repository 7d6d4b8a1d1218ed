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

_WRITE_ALL = text(
    """
    INSERT INTO customer_journey_events (id, clinic_id, customer_id, type, key, occurred_at, data)
    SELECT new.id, :clinic, new.customer_id, :type, new.key, :at, new.data
    FROM json_to_recordset(CAST(:facts AS json)) new (id uuid, customer_id uuid, key text, data jsonb)
    ON CONFLICT DO NOTHING
    """
)


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
    }
    return session.scalars(
        insert(JourneyEvent).values(row).on_conflict_do_nothing().returning(JourneyEvent.id)
    ).one_or_none()


def write_all(session: Session, clinic_id: UUID, type_: str, at: datetime, facts: Sequence[Fact]) -> None:
    """One fact each about many customers of a clinic, in their order; what is known by its key stays as it is."""
    rows = [
        {"id": str(new_id()), "customer_id": str(one.customer_id), "key": one.key, "data": one.data} for one in facts
    ]
    if rows:
        session.execute(_WRITE_ALL, {"clinic": clinic_id, "type": type_, "at": at, "facts": json.dumps(rows)})
