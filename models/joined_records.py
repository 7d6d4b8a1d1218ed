"""Two records that were made one: what was whose until then, so that they can be taken apart again."""

from datetime import datetime
from typing import TypedDict
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Identified
from models.clinics import OfClinic, belongs_to, related
from models.customers import Customer
from models.lifecycle import after, stay

_WHOSE = "it is about two records as they were when they were made one"


class Before(TypedDict, total=False):
    """What the survivor said of themselves before they took over what the other did: only what was taken over, and of a
    name only that there was none."""

    display_name: None
    language: str | None
    language_chosen: bool
    birth_month_day: None
    adult: bool | None
    birthday_year: int
    joined_at: str | None
    """ISO."""
    member_number: None


class JoinedRecord(OfClinic, Identified):
    """One merge, for as long as it can be taken apart. The ids alone: what the rows hold stays where it is."""

    __tablename__ = "joined_records"
    retention = after(30, "created_at")
    __table_args__ = (Index("ix_joined_records_over", "clinic_id", "created_at"),)

    duplicate_id: Mapped[UUID] = belongs_to("customers", index=True, merge=stay(_WHOSE))
    survivor_id: Mapped[UUID] = belongs_to("customers", index=True, merge=stay(_WHOSE))
    rows: Mapped[dict[str, list[str]]] = mapped_column(JSONB, default=dict)
    """`<table>.<column>` to the keys of the rows in which the column was handed over."""
    twice: Mapped[dict[str, list[str]]] = mapped_column(JSONB, default=dict)
    """The same of those of the survivor's whose like the duplicate had, which went."""
    before: Mapped[Before] = mapped_column(JSONB, default=dict)
    joined_by: Mapped[str]
    """As in `runtime/actors.py`."""
    joined_at: Mapped[datetime]
    cut_by: Mapped[str | None]
    cut_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    """Real time."""

    duplicate: Mapped[Customer] = related(duplicate_id)
    survivor: Mapped[Customer] = related(survivor_id)
