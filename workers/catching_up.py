"""Whether a clinic is late with its calendar, as after an outage or a jump of the clock: its news is told together."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from models.clinics import Clinic
from workers import calendar

LATE = timedelta(minutes=10)
"""So long after its time a job has not been begun that ticks every few seconds."""
KNOWN_FOR = timedelta(seconds=1)
"""For so much of business time a clinic that was not late is not looked at again; a jump of the clock is longer."""


@dataclass
class CatchingUp:
    """One a process: it remembers who was not late a moment ago, so that news of a crowd costs one look a second."""

    in_time: dict[UUID, datetime] = field(default_factory=dict)

    def __call__(self, session: Session, clinic_id: UUID, now: datetime) -> bool:
        looked = self.in_time.get(clinic_id)
        if looked is not None and abs(now - looked) < KNOWN_FOR:
            return False
        clinic = session.get_one(Clinic, clinic_id)
        late = calendar.late(session, clinic, now - LATE)
        if not late:
            self.in_time[clinic_id] = now
        return late
