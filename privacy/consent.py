"""The consent ledger: the newest act for a purpose and channel is what holds; silence is not consent."""

import hashlib
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.consents import Consent, Notice
from models.customers import Customer

NOTICE_VERSION = "2026-11-draft"
"""Changed together with any of the texts customers are shown, so that each knows what they saw."""
MARKETING = "marketing"


def note_notice(session: Session, customer: Customer, text: str, language: str, now: datetime) -> None:
    """Keep that this text of the notice was shown; showing the same one again adds nothing."""
    shown = _hash(text)
    seen = select(Notice.id).where(Notice.customer_id == customer.id, Notice.text_hash == shown)
    if session.scalars(seen.limit(1)).first() is None:
        session.add(
            Notice(
                clinic_id=customer.clinic_id,
                customer_id=customer.id,
                policy_version=NOTICE_VERSION,
                text_hash=shown,
                language=language,
                created_at=now,
            )
        )


def decide(
    session: Session, customer: Customer, *, purpose: str, channel: str, granted: bool, text: str, now: datetime
) -> None:
    """Write the customer's own decision, given in chat on seeing `text`. The same decision again adds nothing."""
    if decision(session, customer, purpose, channel) == granted:
        return
    session.add(
        Consent(
            clinic_id=customer.clinic_id,
            customer_id=customer.id,
            purpose=purpose,
            channel=channel,
            granted=granted,
            policy_version=NOTICE_VERSION,
            text_hash=_hash(text),
            source="line_chat",
            actor="customer",
            created_at=now,
        )
    )


def decision(session: Session, customer: Customer, purpose: str, channel: str) -> bool | None:
    """What holds now: True, False, or None when the customer was never asked or never answered."""
    newest = (
        select(Consent.granted)
        .where(Consent.customer_id == customer.id, Consent.purpose == purpose, Consent.channel == channel)
        .order_by(Consent.created_at.desc(), Consent.id.desc())
        .limit(1)
    )
    return session.scalars(newest).one_or_none()


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
