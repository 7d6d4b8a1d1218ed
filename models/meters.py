"""How many messages of the month a clinic's LINE account has, and has used."""

from datetime import date, datetime

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.clinics import OfClinic


class LineMeter(OfClinic):
    """One row a clinic. Answers cost nothing; a push counts once for each person it reaches, in a group for each."""

    __tablename__ = "line_meters"
    __table_args__ = (
        Index("ix_line_meters_asked", "clinic_id", "ask_due_at", postgresql_where=text("ask_due_at IS NOT NULL")),
    )

    month: Mapped[date]
    """The first day of the clinic's month in which these figures were counted."""
    allowed: Mapped[int | None]
    """Messages of a month; null: LINE sets no limit."""
    used: Mapped[int] = mapped_column(default=0)
    """As LINE told, and what staff were pushed since."""
    staff: Mapped[int] = mapped_column(default=0)
    """How many of these went to groups of the staff, by our own count."""
    before: Mapped[int] = mapped_column(default=0)
    """What customers were sent in the month before."""
    read_at: Mapped[datetime | None]
    """When LINE last told, in the database's time, as the other two."""
    refused_at: Mapped[datetime | None]
    """When LINE last refused a push because the month's messages are used up, in business time: its figures are only
    near."""
    ask_due_at: Mapped[datetime | None]
    ask_attempts: Mapped[int] = mapped_column(default=0)
    ask_error: Mapped[str | None]
