"""The consent ledger: what a person decided last for a purpose and channel holds; silence is not consent.

Last is by when it was decided, not by when it was told.

It is append-only, so what was said to a record that was merged stays under that record, and all of them are read.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, case, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from models.base import among
from models.consents import Consent, Notice
from models.customers import Customer
from privacy import guardians
from runtime.actors import CUSTOMER

MARKETING = "marketing"
HEALTH = "health_personalisation"
"""Offers that a treatment chooses or words; besides `MARKETING`."""
UNASKED = "unasked"
"""Whatever is said without being asked: withdrawn by *stop all*, which spares answers and what is urgent."""
SURVEY = "survey"
GREETINGS = "greetings"
CARE = "care"
TRANSACTIONAL = "transactional"
"""No consents but objections: how a visit was is asked, a birthday congratulated on, after a treatment asked how it
goes, and of appointments and bills reminded, until the person says no. The last two are what rules have as purposes."""
ELSEWHERE = ("sms", "email")
"""Channels besides LINE by which offers may be agreed to, each by itself."""
TWICE = timedelta(minutes=1)
"""What is said again within it is one act: a button that was tapped twice."""
REST = timedelta(days=180)
"""After a no nobody is asked again for so long; they may say yes at any time."""


def note_notice(session: Session, customer: Customer, text: str, language: str, now: datetime) -> None:
    """Keep that this text of the notice was shown; showing the same one again adds nothing."""
    shown = _hash(text)
    seen = (
        select(Notice.id)
        .join(Customer, Customer.id == Notice.customer_id)
        .where(records(customer), Notice.text_hash == shown)
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
    session: Session,
    customer: Customer,
    *,
    purpose: str,
    channel: str,
    granted: bool,
    text: str,
    now: datetime,
    source: str = "line_chat",
    actor: str = CUSTOMER,
) -> None:
    """Write the customer's own decision, given on seeing `text`. The same again at once adds nothing.

    Later it is theirs anew, so that nothing overrides it that another system tells of the time between.
    """
    last = held(session, customer, purpose, channel)
    if last is not None and last.granted == granted and now - last.at < TWICE:
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
            source=source,
            actor=actor,
            created_at=now,
        )
    )


_OF_ONE_MOMENT = (
    Consent.key.is_not(None),
    case((Consent.key.is_not(None), Consent.granted)),
    Consent.id.desc(),
)
"""The person's own word goes before what another system tells, the last of them first; of what is told the no."""


_Row: TypeAlias = Row[UUID, str, str, bool, datetime, datetime | None, UUID]


@dataclass(frozen=True)
class Decision:
    granted: bool
    at: datetime


def may_send_offers(session: Session, customer: Customer, channel: str, now: datetime) -> bool:
    """Whether the person wants them, and is of an age to, or a guardian allows it."""
    return allowed(session, customer, MARKETING, channel, now)


def allowed(session: Session, customer: Customer, purpose: str, channel: str, now: datetime) -> bool:
    """Whether the person agrees, and that counts: they have said that they are of age, or a guardian has agreed too."""
    return bool(decision(session, customer, purpose, channel)) and may_agree(session, customer, now)


def may_agree(session: Session, customer: Customer, now: datetime) -> bool:
    """Whether they are of an age to agree to anything, or a guardian agrees too."""
    return customer.adult is True or (customer.adult is False and guardians.agrees(session, customer, now))


def stopped(session: Session, customer: Customer) -> bool:
    """Whether nothing may be said to them that they did not ask for."""
    return decision(session, customer, UNASKED, "line") is False


def objects(session: Session, customer: Customer, purpose: str) -> bool:
    """Whether they have said no to what is done until somebody does."""
    return decision(session, customer, purpose, "line") is False


def may_ask(session: Session, customer: Customer, purpose: str, channel: str, now: datetime) -> bool:
    """Whether to ask for it: not who is under age, has agreed, or has said no within `REST`."""
    last = held(session, customer, purpose, channel)
    minor = customer.adult is False and not guardians.agrees(session, customer, now)
    return not minor and (last is None or (not last.granted and now - last.at >= REST))


def decision(session: Session, customer: Customer, purpose: str, channel: str) -> bool | None:
    """What holds now: True, False, or None when the person was never asked or never answered."""
    found = held(session, customer, purpose, channel)
    return None if found is None else found.granted


def held(session: Session, customer: Customer, purpose: str, channel: str) -> Decision | None:
    """The decision that holds now, and since when; None when the person was never asked or never answered.

    Each record of a person keeps what was said to it. A withdrawal in any of them holds until the person, known as one,
    decides anew. After a second merge that means anew once more: consent is never put together from halves.
    """
    newest = session.execute(
        _newest.where(records(customer), Consent.purpose == purpose, Consent.channel == channel)
        .ext(distinct_on(Consent.customer_id))
        .order_by(Consent.customer_id, Consent.created_at.desc(), *_OF_ONE_MOMENT)
    ).all()
    return _holding(_person(customer), newest)


@dataclass(frozen=True)
class Decisions:
    """All that a person has decided, for who asks of many people at once; each question as the function of its name."""

    customer: Customer
    held: Mapping[tuple[str, str], Decision]
    """By purpose and channel."""
    guardian_until: date | None
    """The first day without a guardian's consent, of who is under age."""

    def decision(self, purpose: str, channel: str) -> bool | None:
        found = self.held.get((purpose, channel))
        return None if found is None else found.granted

    def stopped(self) -> bool:
        return self.decision(UNASKED, "line") is False

    def objects(self, purpose: str) -> bool:
        return self.decision(purpose, "line") is False

    def may_send_offers(self, channel: str, now: datetime) -> bool:
        return self.allowed(MARKETING, channel, now)

    def allowed(self, purpose: str, channel: str, now: datetime) -> bool:
        return bool(self.decision(purpose, channel)) and self._may_agree(now)

    def _may_agree(self, now: datetime) -> bool:
        zone, until = self.customer.clinic.settings.voice.zone, self.guardian_until
        agreed = until is not None and until > now.astimezone(zone).date()
        return self.customer.adult is True or (self.customer.adult is False and agreed)


def decided(session: Session, customers: Sequence[Customer]) -> dict[UUID, Decisions]:
    """Of each of these customers of one clinic, in two statements."""
    clinic_id, people = customers[0].clinic_id, list({_person(one) for one in customers})
    theirs = Customer.clinic_id == clinic_id, or_(among(Customer.id, people), among(Customer.merged_into, people))
    by_record = Consent.customer_id, Consent.purpose, Consent.channel
    newest = (
        _newest.where(*theirs)
        .ext(distinct_on(*by_record))
        .order_by(*by_record, Consent.created_at.desc(), *_OF_ONE_MOMENT)
    )
    rows: dict[UUID, dict[tuple[str, str], list[_Row]]] = {}
    for row in session.execute(newest):
        rows.setdefault(row.person, {}).setdefault((row.purpose, row.channel), []).append(row)
    guarded = guardians.until(session, clinic_id, [one.id for one in customers if one.adult is False])
    found = {}
    for one in customers:
        holding = ((about, _holding(_person(one), each)) for about, each in rows.get(_person(one), {}).items())
        held_ = {about: decision for about, decision in holding if decision is not None}
        found[one.id] = Decisions(one, held_, guarded.get(one.id))
    return found


_newest = select(
    Consent.customer_id,
    Consent.purpose,
    Consent.channel,
    Consent.granted,
    Consent.created_at,
    Customer.merged_at,
    func.coalesce(Customer.merged_into, Customer.id).label("person"),
).join(Customer, Customer.id == Consent.customer_id)


def _holding(person: UUID, newest: Sequence[_Row]) -> Decision | None:
    """Of the newest that each record of a person has of one purpose and channel."""
    merged_at = max((row.merged_at for row in newest if row.merged_at is not None), default=None)
    for row in newest:
        if row.customer_id == person and (merged_at is None or row.created_at > merged_at):
            return Decision(bool(row.granted), row.created_at)
    if not newest:
        return None
    no = [row.created_at for row in newest if not row.granted]
    return Decision(not no, max(no or [row.created_at for row in newest]))


def _person(customer: Customer) -> UUID:
    """The record that stands for this person: a merge leaves no chain."""
    return customer.merged_into or customer.id


def records(customer: Customer) -> ColumnElement[bool]:
    """Over `customers`: the person's own record, and each that was merged into it."""
    person = _person(customer)
    return and_(Customer.clinic_id == customer.clinic_id, or_(Customer.id == person, Customer.merged_into == person))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
