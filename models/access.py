"""Who may use the API, what they have asked, and which LINE groups are the clinic's own."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from models.base import Identified, sealed_text
from models.clinics import Clinic, OfClinic, belongs_to
from models.lifecycle import after


class ApiKey(OfClinic, Identified):
    """A key of one clinic, kept as its hash; the key itself is shown once."""

    __tablename__ = "api_keys"
    __table_args__ = (UniqueConstraint("clinic_id", "key_hash"),)

    name: Mapped[str]
    key_hash: Mapped[bytes]
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class ApiRequest(OfClinic):
    """The answer given for an `Idempotency-Key`, kept 30 days."""

    __tablename__ = "api_requests"
    retention = after(30, "created_at")
    __table_args__ = (Index("ix_api_requests_over", "clinic_id", "created_at"),)

    api_key_id: Mapped[UUID] = belongs_to("api_keys", primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    body_hash: Mapped[bytes]
    status: Mapped[int | None]
    body: Mapped[str | None]
    created_at: Mapped[datetime]


class StaffGroup(OfClinic, Identified):
    """A LINE group that a manager has bound to the clinic with a one-time code."""

    __tablename__ = "staff_groups"

    branch_id: Mapped[UUID | None] = belongs_to("branches")
    code_hash: Mapped[bytes | None]
    """Of the one-time code, until it is used."""
    code_expires_at: Mapped[datetime | None]
    group_index: Mapped[bytes | None]
    """Blind index of LINE's group id; null until the code was used in the group, and after the account has left it."""
    group_id_sealed: Mapped[bytes | None]
    bound_at: Mapped[datetime | None]
    members: Mapped[int | None]
    """People in it, as LINE last told (`customers/meters.py`)."""
    left_at: Mapped[datetime | None]
    """When the account was taken out of it, and with that the group stopped being the clinic's."""
    created_at: Mapped[datetime]

    group_id = sealed_text("staff_groups.group_id")

    def key_owner(self) -> Clinic:
        return self.clinic
