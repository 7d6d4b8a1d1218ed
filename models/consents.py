"""What a customer was told, what they allowed, and what they ask for. Of the first two no row is changed or deleted."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Identified, Word, sealed_text
from models.clinics import OfClinic, belongs_to, related
from models.customers import Customer
from models.lifecycle import RESEAL, WHILE_KNOWN, stay

Evidence = Literal["signed_form", "in_person", "recorded_call"]
RequestKind = Literal["copy", "correction", "erasure"]
RequestState = Literal["open", "withdrawn", "done", "refused"]


class Consent(OfClinic, Identified):
    """One act of granting or withdrawing; the newest row of a purpose and channel is what holds."""

    __tablename__ = "consents"
    retention = WHILE_KNOWN
    __table_args__ = (
        Index("ix_consents_customer", "customer_id", "purpose", "channel", "created_at"),
        UniqueConstraint("clinic_id", "key"),
    )

    customer_id: Mapped[UUID] = belongs_to(
        "customers", merge=stay("append-only: `privacy.consent` reads all records of the person")
    )
    purpose: Mapped[str]
    channel: Mapped[str]
    granted: Mapped[bool]
    policy_version: Mapped[str]
    text_hash: Mapped[str]
    """SHA-256 of the very text that was shown, in the language it was shown in; of what a system of the clinic's tells,
    of its evidence."""
    source: Mapped[str]
    actor: Mapped[str]
    created_at: Mapped[datetime]
    """When it was decided, which may be long before it was told."""
    evidence_sealed: Mapped[bytes | None]
    """Of what a system of the clinic's tells: how it was given, as written there."""
    key: Mapped[str | None]
    """Business key of what is told: the same told twice is one row."""

    customer: Mapped[Customer] = related(customer_id)

    evidence = sealed_text("consents.evidence")

    def key_owner(self) -> Customer:
        return self.customer


class GuardianConsent(OfClinic, Identified):
    """What a guardian allows for somebody under age, as a manager has seen it: with it their consents count as those of
    who is of age, until its end."""

    __tablename__ = "guardian_consents"
    retention = WHILE_KNOWN
    __table_args__ = (Index("ix_guardian_consents_customer", "customer_id", "until"),)

    customer_id: Mapped[UUID] = belongs_to("customers", merge=RESEAL)
    guardian_sealed: Mapped[bytes | None]
    """Who: as the manager wrote it."""
    kind: Mapped[Evidence] = mapped_column(Word)
    evidence_sealed: Mapped[bytes | None]
    """Where it is kept, or its number, as the manager wrote it."""
    until: Mapped[date]
    """The clinic's first day without it: the 20th birthday at the latest."""
    recorded_by: Mapped[str]
    """As in `runtime/actors.py`."""
    recorded_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]

    customer: Mapped[Customer] = related(customer_id)

    guardian = sealed_text("guardian_consents.guardian")
    evidence = sealed_text("guardian_consents.evidence")

    def key_owner(self) -> Customer:
        return self.customer


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


class PrivacyRequest(OfClinic, Identified):
    """What somebody asks for as the law lets them: a copy of their data, its correction, its erasure."""

    __tablename__ = "privacy_requests"
    retention = WHILE_KNOWN
    __table_args__ = (
        Index("ix_privacy_requests_open", "clinic_id", "due_at", postgresql_where=text("state = 'open'")),
    )

    customer_id: Mapped[UUID] = belongs_to("customers", index=True, merge=RESEAL)
    kind: Mapped[RequestKind] = mapped_column(Word)
    state: Mapped[RequestState] = mapped_column(Word, default="open")
    source: Mapped[str]
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime]
    """By when it is answered. A date, at the end of which it is late."""
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None]
    """As in `runtime/actors.py`; null where the customer took it back."""
    words_sealed: Mapped[bytes | None]
    """Why it was refused, or what was done, as whoever closed it wrote."""

    customer: Mapped[Customer] = related(customer_id)

    words = sealed_text("privacy_requests.words")

    def key_owner(self) -> Customer:
        return self.customer
