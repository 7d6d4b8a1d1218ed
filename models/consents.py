"""What a customer was told and what they allowed. Append-only: triggers refuse UPDATE and DELETE."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from models.base import Identified
from models.clinics import OfClinic, belongs_to
from models.lifecycle import WHILE_KNOWN, stay


class Consent(OfClinic, Identified):
    """One act of granting or withdrawing; the newest row of a purpose and channel is what holds."""

    __tablename__ = "consents"
    retention = WHILE_KNOWN
    __table_args__ = (Index("ix_consents_customer", "customer_id", "purpose", "channel", "created_at"),)

    customer_id: Mapped[UUID] = belongs_to(
        "customers", merge=stay("append-only: `privacy.consent` reads all records of the person")
    )
    purpose: Mapped[str]
    channel: Mapped[str]
    granted: Mapped[bool]
    policy_version: Mapped[str]
    text_hash: Mapped[str]
    """SHA-256 of the very text that was shown, in the language it was shown in."""
    source: Mapped[str]
    actor: Mapped[str]
    created_at: Mapped[datetime]


class Notice(OfClinic, Identified):
    """That a customer was shown the privacy notice, in which version and language."""

    __tablename__ = "notices"
    retention = WHILE_KNOWN
    __table_args__ = (Index("ix_notices_customer", "customer_id"),)

    customer_id: Mapped[UUID] = belongs_to(
        "customers", merge=stay("append-only: `privacy.consent` reads all records of the person")
    )
    policy_version: Mapped[str]
    text_hash: Mapped[str]
    language: Mapped[str]
    created_at: Mapped[datetime]
