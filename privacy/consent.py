"""The consent ledger: what a person decided last for a purpose and channel holds; silence is not consent.

It is append-only, so what was said to a record that was merged stays under that record, and all of them are read.
"""

import hashlib
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from models.consents import Consent, Notice
from models.customers import Customer
from runtime.actors import CUSTOMER

MARKETING = "marketing"


def note_notice(session: Session, customer: Customer, text: str, language: str, now: datetime) -> None:
    """Keep that this text of the notice was shown; showing the same one again adds nothing."""
    shown = _hash(text)
    seen = (
        select(Notice.id)
        .join(Customer, Customer.id == Notice.customer_id)
        .where(_records(customer), Notice.text_hash == shown)
    )
    if session.scalars(seen.limit(1)).first() is None:
        session.add(
            Notice(
                clinic_id=customer.clinic_id,
                customer_id=customer.id,
                policy_version=customer.clinic.settings.privacy.notice_version,
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
            policy_version=customer.clinic.settings.privacy.notice_version,
            text_hash=_hash(text),
            source="line_chat",
            actor=CUSTOMER,
            created_at=now,
        )
    )


def decision(session: Session, customer: Customer, purpose: str, channel: str) -> bool | None:
    """What holds now: True, False, or None when the person was never asked or never answered.

    Each record of a person keeps what was said to it. A withdrawal in any of them holds until the person, known as one,
    decides anew. After a second merge that means anew once more: consent is never put together from halves.
    """
    person = _person(customer)
    newest = session.execute(
        select(Consent.customer_id, Consent.granted, Consent.created_at, Customer.merged_at)
        .join(Customer, Customer.id == Consent.customer_id)
        .where(_records(customer), Consent.purpose == purpose, Consent.channel == channel)
        .ext(distinct_on(Consent.customer_id))
        .order_by(Consent.customer_id, Consent.created_at.desc(), Consent.id.desc())
    ).all()
    merged_at = max((row.merged_at for row in newest if row.merged_at is not None), default=None)
    for row in newest:
        if row.customer_id == person and (merged_at is None or row.created_at > merged_at):
            return bool(row.granted)
    return all(row.granted for row in newest) if newest else None


def _person(customer: Customer) -> UUID:
    """The record that stands for this person: a merge leaves no chain."""
    return customer.merged_into or customer.id


def _records(customer: Customer) -> ColumnElement[bool]:
    """Over `customers`: the person's own record, and each that was merged into it."""
    person = _person(customer)
    return and_(Customer.clinic_id == customer.clinic_id, or_(Customer.id == person, Customer.merged_into == person))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
