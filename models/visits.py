"""Who has told that a customer was at the clinic."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Identified, Word
from models.clinics import OfClinic, belongs_to
from models.lifecycle import MOVE, WHILE_KNOWN

TellingKind = Literal["visit", "check_in", "payment", "treatment", "appointment"]


class Telling(OfClinic, Identified):
    """That somebody was there, as one teller says it. A visit is whatever of one day is told at one branch: it stands
    as long as one telling does (`customers/visits.py`)."""

    __tablename__ = "visit_tellings"
    retention = WHILE_KNOWN
    __table_args__ = (
        UniqueConstraint("clinic_id", "kind", "source", "external_id"),
        Index("ix_visit_tellings_customer", "customer_id", "at"),
    )

    customer_id: Mapped[UUID] = belongs_to("customers", merge=MOVE)
    visit_id: Mapped[UUID | None] = belongs_to("visits", index=True)
    """To which it adds, or did."""
    branch_id: Mapped[UUID | None] = belongs_to("branches")
    kind: Mapped[TellingKind] = mapped_column(Word)
    source: Mapped[str]
    external_id: Mapped[str]
    """The source's own id of what tells it."""
    at: Mapped[datetime]
    """When the customer was there."""
    service_code: Mapped[str | None]
    by: Mapped[str]
    """As in `runtime/actors.py`."""
    withdrawn_at: Mapped[datetime | None]
    """It was taken back by who told it, as if it had not been."""
    created_at: Mapped[datetime]
