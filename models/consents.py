"""What a customer was told and what they allowed. Append-only: triggers refuse UPDATE and DELETE."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Identified


class Consent(Identified):
    """One act of granting or withdrawing; the newest row of a purpose and channel is what holds."""

    __tablename__ = "consents"
    __table_args__ = (Index("ix_consents_customer", "customer_id", "purpose", "channel", "created_at"),)

    clinic_id: Mapped[UUID] = mapped_column(ForeignKey("clinics.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    purpose: Mapped[str]
    channel: Mapped[str]
    granted: Mapped[bool]
    policy_version: Mapped[str]
    text_hash: Mapped[str]
    """SHA-256 of the very text that was shown, in the language it was shown in."""
    source: Mapped[str]
    actor: Mapped[str]
    created_at: Mapped[datetime]


class Notice(Identified):
    """That a customer was shown the privacy notice, in which version and language."""

    __tablename__ = "notices"
    __table_args__ = (Index("ix_notices_customer", "customer_id"),)

    clinic_id: Mapped[UUID] = mapped_column(ForeignKey("clinics.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    policy_version: Mapped[str]
    text_hash: Mapped[str]
    language: Mapped[str]
    created_at: Mapped[datetime]
