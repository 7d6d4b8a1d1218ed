"""Who may use the API, what they have asked, and which LINE groups are the clinic's own."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, PrimaryKeyConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.types import Text

from models.base import Base, Identified, sealed_text
from models.clinics import Clinic


class ApiKey(Identified):
    """A key of one clinic, kept as its hash; the key itself is shown once."""

    __tablename__ = "api_keys"

    clinic_id: Mapped[UUID] = mapped_column(ForeignKey("clinics.id"), index=True)
    name: Mapped[str]
    key_hash: Mapped[bytes] = mapped_column(unique=True)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    clinic: Mapped[Clinic] = relationship()


class ApiRequest(Base):
    """The answer given for an `Idempotency-Key`, kept 30 days."""

    __tablename__ = "api_requests"
    __table_args__ = (PrimaryKeyConstraint("api_key_id", "key"),)

    clinic_id: Mapped[UUID] = mapped_column(ForeignKey("clinics.id"))
    api_key_id: Mapped[UUID] = mapped_column(ForeignKey("api_keys.id"))
    key: Mapped[str]
    body_hash: Mapped[bytes]
    status: Mapped[int | None]
    body: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(index=True)


class StaffGroup(Identified):
    """A LINE group that a manager has bound to the clinic with a one-time code."""

    __tablename__ = "staff_groups"

    clinic_id: Mapped[UUID] = mapped_column(ForeignKey("clinics.id"), index=True)
    code_hash: Mapped[bytes | None]
    """Of the one-time code, until it is used."""
    code_expires_at: Mapped[datetime | None]
    group_index: Mapped[bytes | None]
    """Blind index of LINE's group id; null until the code was used in the group."""
    group_id_sealed: Mapped[bytes | None]
    bound_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    clinic: Mapped[Clinic] = relationship()

    group_id = sealed_text()

    def key_owner(self) -> Clinic:
        return self.clinic

    def clinic_of(self) -> UUID:
        return self.clinic_id
