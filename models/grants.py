"""What one customer may receive or do for another."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Identified, Word
from models.clinics import OfClinic, belongs_to, related
from models.customers import Customer
from models.lifecycle import MOVE, WHILE_KNOWN

What = Literal["reminders", "bookings", "billing"]
"""Reminders: is reminded of appointments; bookings: may book, move and cancel; billing: hears of bills. Never what was
treated, what somebody wrote, or points."""
Reason = Literal["own_word", "parent_of_minor", "written_authority"]
Ending = Literal["owner", "holder", "staff", "end_date"]


class Grant(OfClinic, Identified):
    """One thing that the holder may for the owner, from when until when."""

    __tablename__ = "grants"
    retention = WHILE_KNOWN
    __table_args__ = (
        Index("ix_grants_owner", "owner_id", "what"),
        Index("ix_grants_holder", "holder_id", "what"),
        Index("ix_grants_given_at", "clinic_id", "given_at"),
        Index(
            "ix_grants_ending", "clinic_id", "until", "id",
            postgresql_where=text("ended_at IS NULL AND until IS NOT NULL"),
        ),
    )  # fmt: skip

    owner_id: Mapped[UUID] = belongs_to("customers", merge=MOVE)
    """Whose data it is."""
    holder_id: Mapped[UUID] = belongs_to("customers", merge=MOVE)
    what: Mapped[What] = mapped_column(Word)
    reason: Mapped[Reason] = mapped_column(Word)
    until: Mapped[date | None]
    """The clinic's first day without it: of a minor the 20th birthday, and no other year of theirs is kept."""
    given_by: Mapped[str]
    """As in `runtime/actors.py`."""
    given_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]
    ended_why: Mapped[Ending | None] = mapped_column(Word)

    owner: Mapped[Customer] = related(owner_id)
    holder: Mapped[Customer] = related(holder_id)
