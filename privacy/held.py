"""Consents that the clinic holds already, as its own systems tell them: with purpose, channel, when, and how.

What is told holds by when it was given: a later word of the person's is never overridden, in whatever order it comes.
What lacks a purpose, a channel, a time or the evidence gives nothing: it is a note in the journey. A no needs none.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from customers import journey
from models.base import open_key
from models.consents import Consent
from models.customers import Customer, JourneyData
from runtime.errors import Refused

PURPOSES = ("marketing", "health_personalisation", "ai_abroad", "survey")
CHANNELS = ("line", "sms", "email")
CLOCKS_DIFFER = timedelta(days=1)
Became = Literal["kept", "known", "noted"]


class NotHeld(Refused):
    """`code`: given_in_the_future."""

    code = "given_in_the_future"


@dataclass(frozen=True)
class HeldConsent:
    """As a source tells it; what it leaves out is None."""

    purpose: str | None
    channel: str | None
    granted: bool
    given_at: datetime | None
    evidence: str | None = None
    """How it was given: a form, its number, where it is kept."""
    version: str | None = None
    """Of the text that the person agreed to."""


def told(session: Session, customer: Customer, one: HeldConsent, now: datetime, *, source: str, actor: str) -> Became:
    """What became of it. Raises `NotHeld`."""
    if one.given_at is not None and one.given_at > now + CLOCKS_DIFFER:
        raise NotHeld("this time is in the future: look at the clock of the sending system")
    known = one.purpose in PURPOSES and one.channel in CHANNELS
    if not known or one.given_at is None or (one.granted and not (one.evidence or "").strip()):
        data: JourneyData = {"kind": one.purpose if one.purpose in PURPOSES else "unknown", "by": actor}
        journey.write(session, customer, "consent_noted", now, key=_key(customer, source, one, "noted"), data=data)
        return "noted"
    at = min(one.given_at, now)
    if one.granted and one.given_at > now:
        # By a clock that goes fast, nobody knows by how much: a yes is from before whatever the person has said since.
        at = one.given_at - CLOCKS_DIFFER
    return "kept" if _write(session, customer, one, at, source, actor) else "known"


def _write(session: Session, customer: Customer, one: HeldConsent, at: datetime, source: str, actor: str) -> bool:
    """Whether it is new; the row is made at once, so that of two that tell the same one is first."""
    if open_key(customer) is None:
        return False
    evidence = (one.evidence or "").strip()[:500]
    row = Consent(
        clinic_id=customer.clinic_id,
        customer_id=customer.id,
        customer=customer,
        purpose=one.purpose or "",
        channel=one.channel or "",
        granted=one.granted,
        policy_version=(one.version or "")[:40],
        text_hash=hashlib.sha256(evidence.encode("utf-8", "surrogatepass")).hexdigest(),
        source=source,
        actor=actor,
        created_at=at,
        evidence=evidence or None,
        key=_key(customer, source, one, "held"),
    )
    values = {column.key: getattr(row, column.key) for column in Consent.__table__.columns}
    session.flush()
    made = insert(Consent).values(values).on_conflict_do_nothing().returning(Consent.id)
    return session.scalars(made).one_or_none() is not None


def _key(customer: Customer, source: str, one: HeldConsent, what: str) -> str:
    at = one.given_at.isoformat() if one.given_at is not None else ""
    said = f"{source}|{customer.id}|{one.purpose}|{one.channel}|{one.granted}|{at}"
    return f"{what}:{hashlib.sha256(said.encode()).hexdigest()[:32]}"
