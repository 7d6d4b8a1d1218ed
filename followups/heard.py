"""The facts from which something may follow, taken from the journey in the order in which they came."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.clinics import Clinic
from models.customers import JourneyEvent

BATCH = 1_000
"""Facts that are planned from in one transaction."""


@dataclass(frozen=True)
class Heard:
    """A fact from which something may follow."""

    id: UUID
    type: str
    data: Mapping[str, Any]


def hear(session: Session, clinic: Clinic, most: int = BATCH) -> list[Heard]:
    """Take the oldest facts that were not planned from; what another worker holds is theirs."""
    oldest = (
        select(JourneyEvent.id)
        .where(JourneyEvent.clinic_id == clinic.id, JourneyEvent.unplanned)
        .order_by(JourneyEvent.id)
        .limit(most)
        .with_for_update(skip_locked=True)
        .cte("oldest")
        .prefix_with("MATERIALIZED")  # else it may be asked again in the midst of the update, for others
    )
    taken = session.execute(
        update(JourneyEvent)
        .where(JourneyEvent.clinic_id == clinic.id, JourneyEvent.id.in_(select(oldest.c.id)))
        .values(unplanned=False)
        .returning(JourneyEvent.id, JourneyEvent.type, JourneyEvent.data)
        .execution_options(synchronize_session=False)
    )
    return [Heard(*row) for row in taken]
