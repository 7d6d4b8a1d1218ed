"""What the calendar has done for a clinic, and what broke while it did."""

from datetime import date, datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Identified
from models.clinics import OfClinic


class CalendarRun(OfClinic):
    """A daily job of a clinic that has been done for a local date, so that it is done once and never missed."""

    __tablename__ = "calendar_runs"

    job: Mapped[str] = mapped_column(primary_key=True)
    local_date: Mapped[date] = mapped_column(primary_key=True)
    finished_at: Mapped[datetime]


class CalendarFailure(OfClinic, Identified):
    """A row that a daily job could not do, or the whole day where it broke before it had a row in hand.

    It is left out of the job until its next try, and gone once it has been done.
    """

    __tablename__ = "calendar_failures"
    __table_args__ = (UniqueConstraint("clinic_id", "job", "local_date", "target", postgresql_nulls_not_distinct=True),)

    job: Mapped[str]
    local_date: Mapped[date]
    """For which it broke first; a job that does not do each day for itself tries it again with any day."""
    target: Mapped[str | None]
    """The row's id, of whatever table the job goes through; null is the day as a whole."""
    error: Mapped[str]
    """Kind and place; never the message, which may quote what a customer wrote."""
    tries: Mapped[int] = mapped_column(default=0)
    failed_at: Mapped[datetime]
    """First, in the database's time; so is the next try."""
    next_try_at: Mapped[datetime | None]
    """Null: it was given up by hand."""
    reason: Mapped[str | None]
    """Why it was given up."""
