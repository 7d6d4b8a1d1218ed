"""Two customers of whom the same phone or e-mail is told: one person, or a family, as staff say."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Identified, Word
from models.clinics import OfClinic, belongs_to, related
from models.customers import Customer
from models.lifecycle import WHILE_KNOWN, stay

SharedState = Literal["open", "later", "same", "family", "apart"]
"""Open: staff are asked. Later: they have put it off, and it is listed. Same: the two were made one, in whatever
way. Apart: they were, and a manager has taken them apart."""


class SharedContact(OfClinic, Identified):
    """One question about two records, asked once: the first is the older one."""

    __tablename__ = "shared_contacts"
    retention = WHILE_KNOWN
    __table_args__ = (
        UniqueConstraint("clinic_id", "first_id", "second_id"),
        Index("ix_shared_contacts_second", "second_id"),
        Index(
            "ix_shared_contacts_open", "clinic_id", "asked_at", postgresql_where=text("state IN ('open', 'later')")
        ),
        Index(
            "ix_shared_contacts_families", "clinic_id", "decided_at", "id",
            postgresql_where=text("state = 'family'"),
        ),
    )  # fmt: skip

    first_id: Mapped[UUID] = belongs_to(
        "customers", index=True, merge=stay("it is about two records: `customers.families` follows `merged_into`")
    )
    second_id: Mapped[UUID] = belongs_to(
        "customers", merge=stay("it is about two records: `customers.families` follows `merged_into`")
    )
    kind: Mapped[str]
    """Of the contact: phone, email; `link` of two who were taken apart without one."""
    source: Mapped[str]
    """Who told it of the second one."""
    state: Mapped[SharedState] = mapped_column(Word, default="open")
    asked_at: Mapped[datetime]
    decided_by: Mapped[str | None]
    """As in `runtime/actors.py`."""
    decided_at: Mapped[datetime | None]

    first: Mapped[Customer] = related(first_id)
    second: Mapped[Customer] = related(second_id)
