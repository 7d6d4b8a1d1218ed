"""The staff's group as a till: a member asks for a payment, and with a yes it is told as any other payment is.

What a limit of the clinic (`GroupTill`) stops is kept with its reason and recorded by nobody. Whoever asks says yes
themselves, unless the money, or whose card it is, wants another member to.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from customers import staff_acts, visits
from customers.contacts import spelling, tell
from customers.payments import SATANG
from customers.people import identify, known_as, new_customer
from customers.staff_members import actor, may_act
from facts.paid import Recorded, paid
from facts.visited import visited
from loyalty import ledger
from models.base import new_id
from models.clinics import Clinic
from models.customers import Customer, LineLink
from models.staff import StaffAct, StaffMember

SOURCE = "staff"
OF_PHONES = "booking:staff"
"""By this kind a record is known that stands for nothing but a phone that staff told."""
ANOTHER = frozenset({"own_card", "only_theirs", "large"})
"""Why somebody else than who asked has to say yes."""
ALONE = timedelta(days=30)
"""Over which it is summed what one member alone has recorded on a card."""


class NotOpen(Exception):
    """It waits for no yes: it was done, was declined, or has waited too long."""


class NeedsAnother(Exception):
    """Another member has to say yes."""


@dataclass(frozen=True)
class Taken:
    act: StaffAct
    recorded: Recorded


def ask(session: Session, member: StaffMember, customer: Customer, amount: Decimal, now: datetime) -> StaffAct:
    """The payment as it waits for a yes, or as it was stopped."""
    stopped = _stopped(session, member.clinic, actor(member), amount, now)
    if stopped is not None:
        return staff_acts.note(
            session, member, "payment", "stopped", now, customer=customer, amount=amount, reason=stopped
        )
    why = _wants_another(session, member, customer, amount, now) or _again(session, customer, amount, now)
    return staff_acts.note(session, member, "payment", "asked", now, customer=customer, amount=amount, reason=why)


def confirm(session: Session, act: StaffAct, member: StaffMember, now: datetime) -> Taken:
    """Record it. Raises `NotOpen`, `NeedsAnother`, and what `facts.paid` raises.

    What has changed since it was asked is looked at again: a limit may stop it, or another have recorded the same; then
    the act says so and waits, or not, as after `ask`, and `NotOpen` is raised.
    """
    customer, amount = opened(session, act, member, now), act.amount
    if amount is None:
        raise NotOpen
    stopped = _stopped(session, member.clinic, act.asked_by, amount, now)
    if stopped is not None:
        act.state, act.reason = "stopped", stopped
        raise NotOpen
    if act.reason is None and (again := _again(session, customer, amount, now)) is not None:
        act.reason = again
        raise NotOpen
    by = actor(member)
    with session.begin_nested():  # what is refused half-way leaves nothing
        there = visits.on_day(session, customer, now, act.group.branch_id)
        recorded = paid(
            session, customer, source=SOURCE, external_id=str(act.id), amount=amount, paid_at=now, service_code=None,
            branch_id=act.group.branch_id, at_counter=True, now=now, actor=by,
        )  # fmt: skip
        act.payment_id = recorded.payment.id
        if there is None:
            visit = visits.on_day(session, customer, now, act.group.branch_id)
            act.visit_id = visit.id if visit is not None else None
    act.state, act.done_by, act.done_at = "done", by, now
    session.flush()
    return Taken(act, recorded)


def opened(
    session: Session, act: StaffAct, member: StaffMember, now: datetime, other: Customer | None = None
) -> Customer:
    """Whom an act is about that waits for this member's yes, with their profile, and that of `other`, locked. Raises
    `NotOpen` and `NeedsAnother`."""
    customer = act.customer
    if customer is None:
        raise NotOpen
    # The profiles first, as everywhere; then nobody else confirms this act.
    for one in sorted({customer, other or customer}, key=lambda each: each.id):
        ledger.open_profile(session, one, now)
    session.refresh(act, with_for_update=True)
    if act.state != "asked" or now - act.created_at > staff_acts.ANSWERED_WITHIN:
        raise NotOpen
    if act.reason in ANOTHER and actor(member) == act.asked_by:
        raise NeedsAnother
    if not may_act(session, act.group, act.asked_by):
        # Two have to stand for it, and who may act no more cannot: somebody else asks anew.
        act.state, act.reason = "stopped", "asker_left"
        raise NotOpen
    return customer


def decline(session: Session, act: StaffAct, member: StaffMember, now: datetime) -> None:
    """It is not to be recorded. Raises `NotOpen`."""
    session.refresh(act, with_for_update=True)
    if act.state != "asked":
        raise NotOpen
    act.state, act.done_by, act.done_at = "declined", actor(member), now
    session.flush()


def visit(session: Session, member: StaffMember, customer: Customer, now: datetime) -> StaffAct | None:
    """The customer is here; None where the day has a visit of theirs at this branch already, to which it adds that the
    staff have seen them. Raises what `facts.visited` raises."""
    ledger.open_profile(session, customer, now)
    by, branch_id = actor(member), member.group.branch_id
    there = visits.on_day(session, customer, now, branch_id)
    if there is not None and visits.told_on(session, customer, now, "visit", SOURCE):
        return None
    act = staff_acts.note(session, member, "visit", "done", now, customer=customer) if there is None else None
    found = visited(
        session, customer, source=SOURCE, external_id=str(act.id if act is not None else new_id()), visited_at=now,
        service_code=None, branch_id=branch_id, now=now, actor=by,
    )  # fmt: skip
    if act is not None:
        act.visit_id, act.done_by, act.done_at = found.id, by, now
    session.flush()
    return act


def of_phone(session: Session, member: StaffMember, phone: str, now: datetime) -> Customer:
    """Whose phone this is by their own proof; else a record that stands for it, until they prove it or staff tie it to
    a card. That somebody else told the same phone of themselves leads to nobody: families share one."""
    clinic, phone = member.clinic, spelling("phone", phone)
    known = known_as(session, clinic, "phone", phone) or known_as(session, clinic, OF_PHONES, phone)
    while known is not None and known.merged_into is not None:
        known = session.get_one(Customer, (known.merged_into, clinic.id))
    if known is not None:
        return known
    customer = new_customer(session, clinic, now)
    identify(session, customer, OF_PHONES, phone, None)
    tell(session, customer, "phone", phone, source=SOURCE, now=now)
    session.flush()
    return customer


def _stopped(session: Session, clinic: Clinic, who: str, amount: Decimal, now: datetime) -> str | None:
    limits = clinic.settings.group_till
    if amount < limits.least_payment or amount != amount.quantize(SATANG):
        return "too_small"
    if amount > limits.largest_payment:
        return "too_large"
    payments, baht = staff_acts.taken_today(session, clinic, who, now)
    if payments >= limits.daily_payments:
        return "daily_payments"
    return "daily_baht" if baht + amount > limits.daily_baht else None


def _wants_another(
    session: Session, member: StaffMember, customer: Customer, amount: Decimal, now: datetime
) -> str | None:
    limits = member.clinic.settings.group_till
    if own_card(session, member, customer):
        return "own_card"
    if amount > limits.second_member_above:
        return "large"
    alone = staff_acts.paid_alone(session, customer, actor(member), now - ALONE)
    return "only_theirs" if alone is not None and alone + amount > limits.alone_above else None


def own_card(session: Session, member: StaffMember, customer: Customer) -> bool:
    """Whether the member is that customer."""
    own = LineLink.clinic_id == member.clinic_id, LineLink.user_index == member.member_index
    return bool(session.scalar(select(exists().where(*own, LineLink.customer_id == customer.id))))


def _again(session: Session, customer: Customer, amount: Decimal, now: datetime) -> str | None:
    minutes = timedelta(minutes=customer.clinic.settings.group_till.again_minutes)
    return "again" if staff_acts.alike(session, customer, amount, now - minutes) is not None else None
