"""The journey: the stream of dated facts about customers. This is its one writer; each reader keeps its own mark.

Nobody who writes a fact knows who reads it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.base import new_id
from models.customers import Customer, JourneyData, JourneyEvent


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
    row = _row(customer.clinic_id, customer.id, type_, at, key, data)
    return session.scalars(
        insert(JourneyEvent).values(row).on_conflict_do_nothing().returning(JourneyEvent.id)
    ).one_or_none()


def write_all(session: Session, clinic_id: UUID, type_: str, at: datetime, facts: Sequence[Fact]) -> None:
    """One fact each about many customers of a clinic, in their order; what is known by its key stays as it is."""
    if facts:
        rows = [_row(clinic_id, one.customer_id, type_, at, one.key, one.data) for one in facts]
        session.execute(insert(JourneyEvent).on_conflict_do_nothing(), rows)


def _row(
    clinic_id: UUID, customer_id: UUID, type_: str, at: datetime, key: str | None, data: JourneyData | None
) -> dict[str, object]:
    return {
        "id": new_id(),
        "clinic_id": clinic_id,
        "customer_id": customer_id,
        "type": type_,
        "key": key,
        "occurred_at": at,
        "data": data or {},
    }
