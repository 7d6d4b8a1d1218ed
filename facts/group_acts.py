"""What else than money staff ask for in their group and say yes to: a phone's record tied to a card, points adjusted.

Both wait for a yes as a payment does (`facts/group_till.py`), and on one's own card for another member's.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from customers import families, journey, staff_acts, ties
from customers.cards import today
from customers.contacts import spelling
from customers.families import People
from customers.people import known_as
from customers.staff_members import actor
from customers.voice import first_name
from facts import cut, tied
from facts.group_till import OF_PHONES, NotOpen, opened, own_card
from loyalty import ledger, points
from loyalty.apart import Returned
from models.customers import Customer, JourneyData
from models.facts import Payment
from models.loyalty import PointTransaction
from models.shared_contacts import SharedContact
from models.staff import StaffAct, StaffMember

FAMILY = "family"
"""Why a tie was stopped: staff have said that the two are a family."""


class NothingToTie(Exception):
    """`why`: nothing (was recorded on this phone), theirs (already), another (customer's it is)."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Recorded:
    """What stands in the record that a tie would end."""

    payments: int
    baht: Decimal
    points: int
    name: str
    """The first name; empty of one that stands for nothing but a phone."""


def ask_tie(session: Session, member: StaffMember, customer: Customer, phone: str, now: datetime) -> StaffAct:
    """What was recorded on a phone in the group, to become that of a card. Raises `NothingToTie`."""
    clinic, phone = member.clinic, spelling("phone", phone)
    proved = today(session, known_as(session, clinic, "phone", phone))
    if proved is not None and proved is not customer:
        raise NothingToTie("another")
    record = ties.whose(session, clinic, OF_PHONES, phone)
    if record is None:
        raise NothingToTie("nothing")
    if record is customer:
        raise NothingToTie("theirs")
    if ties.has_line(session, record):
        raise NothingToTie("another")
    return _join(session, member, customer, record, now)


def ask_same_person(session: Session, member: StaffMember, two: People, now: datetime) -> StaffAct:
    """Two records to become one, with a yes: who is a friend in LINE goes on, else the older.

    Raises `NothingToTie` where both are friends: they speak for themselves.
    """
    customer, other = two
    if ties.has_line(session, other):
        customer, other = other, customer
    if ties.has_line(session, other):
        raise NothingToTie("friends")
    return _join(session, member, customer, other, now)


def _join(session: Session, member: StaffMember, customer: Customer, other: Customer, now: datetime) -> StaffAct:
    why = _why(session, member, customer) or _why(session, member, other)
    act = staff_acts.note(session, member, "tie", "asked", now, customer=customer, reason=why)
    act.other_id = other.id
    session.flush()
    return act


def recorded(session: Session, act: StaffAct) -> Recorded:
    """What the tie would bring."""
    theirs = Payment.clinic_id == act.clinic_id, Payment.customer_id == act.other_id, Payment.uncounted.is_(None)
    count, baht = session.execute(select(func.count(), func.sum(Payment.amount)).where(*theirs)).one()
    record = session.get(Customer, (act.other_id, act.clinic_id))
    profile = points.profile_of(session, record) if record is not None else None
    available = profile.available_points if profile is not None else 0
    return Recorded(count, baht or Decimal(0), available, first_name(record) if record is not None else "")


def tie(session: Session, act: StaffAct, member: StaffMember, now: datetime) -> None:
    """What staff have said of the two since it was asked holds, and stops it. Raises `NotOpen`,
    `NeedsAnother`, and `CannotTie`."""
    other = today(session, session.get(Customer, (act.other_id, act.clinic_id)) if act.other_id else None)
    customer, by = opened(session, act, member, now, other), actor(member)
    if other is None or other is customer:
        raise NotOpen
    if families.apart(session, customer, other) is not None:
        act.state, act.reason = "stopped", FAMILY
        raise NotOpen
    tied.join(session, other, customer, now, actor=by)
    journey.write(session, customer, "tied", now, data={"by": by})
    _done(session, act, by, now)


def apart(session: Session, act: StaffAct) -> SharedContact | None:
    """By what staff have said that the two of a tie are a family."""
    other = today(session, session.get(Customer, (act.other_id, act.clinic_id)) if act.other_id else None)
    return families.apart(session, act.customer, other) if act.customer and other else None


def ask_adjustment(
    session: Session, manager: StaffMember, customer: Customer, by: int, why: str, now: datetime
) -> StaffAct:
    """Points given or taken by a manager, with the reason. Raises `BadPoints`."""
    points.check_amount(abs(by))
    reason = _why(session, manager, customer)
    act = staff_acts.note(session, manager, "adjust", "asked", now, customer=customer, reason=reason)
    act.points, act.words = by, why
    session.flush()
    return act


def adjust(session: Session, act: StaffAct, manager: StaffMember, now: datetime) -> PointTransaction:
    """Total points, and so the tier, stay. Raises `NotOpen`, `NeedsAnother`, `NotEnoughPoints` and `LimitReached`."""
    customer, by = opened(session, act, manager, now), actor(manager)
    if act.points is None or not act.words:
        raise NotOpen
    entry = points.adjust_points(session, customer, act.points, act.words, now=now, actor=by, key=key_of(act))
    data: JourneyData = {"points": act.points, "by": by}
    journey.write(session, customer, "points_adjusted", now, key=key_of(act), data=data)
    _done(session, act, by, now)
    return entry


def ask_cut(session: Session, manager: StaffMember, person: Customer, now: datetime) -> StaffAct:
    """Two records that were made one to be taken apart. Raises `CannotCut`."""
    joined = cut.of(session, person, now)
    why = _why(session, manager, person)
    act = staff_acts.note(session, manager, "unlink", "asked", now, customer=person, reason=why)
    act.other_id = joined.duplicate_id
    session.flush()
    return act


def take_apart(session: Session, act: StaffAct, manager: StaffMember, now: datetime) -> Returned:
    """What went back. Raises `NotOpen`, `NeedsAnother` and `CannotCut`."""
    person = act.customer
    if person is None or act.other_id is None:
        raise NotOpen
    other = session.get_one(Customer, (act.other_id, act.clinic_id))
    for one in sorted((person, other), key=lambda each: each.id):
        ledger.lock(session, one)
    customer, by = opened(session, act, manager, now), actor(manager)
    joined = cut.of(session, customer, now)
    if joined.duplicate_id != act.other_id:
        raise NotOpen
    with session.begin_nested():  # what is refused half-way leaves nothing
        returned = cut.cut(session, joined, now, actor=by)
    _done(session, act, by, now)
    return returned


def key_of(act: StaffAct) -> str:
    """Of the entry of an adjustment."""
    return f"adjust:{act.id}"


def _why(session: Session, member: StaffMember, customer: Customer) -> str | None:
    return "own_card" if own_card(session, member, customer) else None


def _done(session: Session, act: StaffAct, by: str, now: datetime) -> None:
    act.state, act.done_by, act.done_at = "done", by, now
    session.flush()
