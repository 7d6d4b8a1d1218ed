"""Referrals: who brought whom, and whether it earns: once the friend has really come and paid. `referral_pay.py` pays.

One verified phone is one customer: the database keeps it so, and two records of one phone are merged. So a shared phone
is looked for along `merged_into`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import and_, exists, func, literal, or_, select, union_all
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from customers import cards, staff_notices
from loyalty.errors import NotInReview, ReferralRefused
from models.base import new_id
from models.clinics import Clinic
from models.customers import Customer
from models.facts import Payment, Referral, ReferralState, Visit
from models.loyalty import LoyaltyProfile, PointTransaction
from models.staff_notices import NoticeData

WAITING = ("qualified", "review")
"""The states in which the friend has paid and the referrer has not been."""


@dataclass(frozen=True)
class Friend:
    """A friend as their referrer may see them: when and how far, never who. To have been treated is theirs to tell."""

    number: int
    """1 is the first friend ever brought."""
    state: ReferralState
    bound_at: datetime
    pays_at: datetime | None
    points: int | None
    """What the referrer has received for it."""


def known(session: Session, clinic: Clinic, codes: Iterable[str]) -> list[str]:
    """Those that are a member's code of this clinic, in the given order. Asks nothing where nothing is given."""
    given = list(codes)
    if not given:
        return []
    found = set(
        session.scalars(
            select(LoyaltyProfile.referral_code).where(
                LoyaltyProfile.clinic_id == clinic.id, LoyaltyProfile.referral_code.in_(given)
            )
        )
    )
    return [code for code in given if code in found]


def bind(session: Session, friend: Customer, code: str, now: datetime) -> Referral:
    """Note who brought this person, once. Raises `ReferralRefused`."""
    referrer = _whose(session, friend.clinic, code)
    if referrer is None:
        raise ReferralRefused("unknown_code")
    if referrer.id == friend.id:
        raise ReferralRefused("own_code")
    if session.scalar(select(exists().where(Referral.friend_id == friend.id))):
        raise ReferralRefused("already_bound")
    if referrer.id == _person(session, friend).id:
        raise ReferralRefused("same_phone")
    if _known_before(session, friend):
        raise ReferralRefused("already_customer")
    session.flush()
    made = session.scalar(
        insert(Referral)
        .values(
            id=new_id(),
            clinic_id=friend.clinic_id,
            referrer_id=referrer.id,
            friend_id=friend.id,
            state="bound",
            bound_at=now,
        )
        .on_conflict_do_nothing()
        .returning(Referral.id)
    )
    if made is None:
        raise ReferralRefused("already_bound")
    return session.get_one(Referral, (made, friend.clinic_id))


def qualify(session: Session, payment: Payment, now: datetime) -> None:
    """The friend has paid enough for the first time: the days before the reward begin, or staff are asked to look.

    Called with the friend's profile locked. A payment below the clinic's least leaves it bound, for a later one to
    bring. Whoever turns out to be no new customer brings nothing.
    """
    if payment.amount < payment.customer.clinic.settings.referral.least_payment:
        return
    # Two halves, as one condition with OR would be asked of every customer.
    records = union_all(
        select(literal(payment.customer_id)), select(Customer.id).where(Customer.merged_into == payment.customer_id)
    )
    bound = session.scalars(
        select(Referral)
        .where(Referral.clinic_id == payment.clinic_id, Referral.friend_id.in_(records))
        .order_by(Referral.bound_at, Referral.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    if not any(referral.state == "bound" for referral in bound):
        return
    for nth, referral in enumerate(bound):
        if referral.state != "bound":
            continue
        referrer = _person(session, session.get_one(Customer, (referral.referrer_id, referral.clinic_id)))
        if referrer.id == payment.customer_id:
            mark_final(referral, "void", "same_person", now)
        elif _came_before(session, payment, referral):
            mark_final(referral, "void", "already_customer", now)
        else:
            referral.payment_id = payment.id
            referral.pays_at = now + timedelta(days=referrer.clinic.settings.referral.pending_days)
            referral.reason = "shared_phone" if nth else _suspicion(session, referral, referrer)
            referral.state = "review" if referral.reason else "qualified"
            if referral.reason:
                about: NoticeData = {"referral": str(referral.id)}
                key = f"referral:{referral.id}:{payment.id}"
                staff_notices.write(session, referrer.clinic, "referral", now, key=key, data=about)
    session.flush()


def unqualify(session: Session, payment: Payment) -> bool:
    """The payment was none, so it brought no referral: one that it did waits for another payment. False where its
    reward has been paid, and then nothing is changed. Friend's profile locked."""
    brought = session.scalars(
        select(Referral)
        .where(Referral.payment_id == payment.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    if any(referral.state == "paid" for referral in brought):
        return False
    for referral in brought:
        if referral.state in WAITING:
            referral.state, referral.reason, referral.payment_id, referral.pays_at = "bound", None, None, None
    session.flush()
    return True


def void_for(session: Session, payment: Payment, now: datetime) -> None:
    """So much of the payment was given back before the referrer was paid that what is left would not have brought it:
    nothing was. Friend's profile locked."""
    kept = payment.amount - payment.refunded
    if kept and kept >= payment.customer.clinic.settings.referral.least_payment:
        return
    for referral in session.scalars(
        select(Referral)
        .where(Referral.payment_id == payment.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ):
        if referral.state in WAITING:
            mark_final(referral, "void", "refunded", now)
    session.flush()


def decide(session: Session, referral: Referral, approve: bool, now: datetime, actor: str) -> None:
    """Staff have looked at a suspicious one: approved it pays when its days are over, else never.

    Raises `NotInReview` when it does not wait for anybody.
    """
    session.refresh(referral, with_for_update=True)
    if referral.state != "review":
        raise NotInReview(referral.state)
    referral.decided_by = actor
    if approve:
        referral.state, referral.pays_at = "qualified", max(referral.pays_at or now, now)
    else:
        mark_final(referral, "refused", referral.reason, now)
    session.flush()


def in_review(session: Session, clinic: Clinic, limit: int = 50) -> Sequence[Referral]:
    """Those that wait for staff, oldest first."""
    return session.scalars(
        select(Referral)
        .where(Referral.clinic_id == clinic.id, Referral.state == "review")
        .order_by(Referral.bound_at, Referral.id)
        .limit(limit)
    ).all()


def people(session: Session, referral: Referral) -> tuple[Customer | None, Customer | None]:
    """(who brought, who was brought), as they stand today; None who was forgotten."""
    return cards.today(session, referral.referrer), cards.today(session, referral.friend)


def friends(session: Session, customer: Customer, limit: int = 8) -> list[Friend]:
    """The friends this customer has brought, newest first."""
    rows = session.execute(
        select(
            func.row_number().over(order_by=(Referral.bound_at, Referral.id)).label("number"),
            Referral.state,
            Referral.bound_at,
            Referral.pays_at,
            PointTransaction.amount,
        )
        .outerjoin(
            PointTransaction,
            and_(PointTransaction.id == Referral.transaction_id, PointTransaction.clinic_id == Referral.clinic_id),
        )
        .where(Referral.referrer_id == customer.id)
        .order_by(Referral.bound_at.desc(), Referral.id.desc())
        .limit(limit)
    )
    return [Friend(*row) for row in rows]


def counts(session: Session, customer: Customer) -> dict[str, int]:
    """State → how many friends."""
    rows = session.execute(
        select(Referral.state, func.count()).where(Referral.referrer_id == customer.id).group_by(Referral.state)
    )
    return dict(rows.all())


def _whose(session: Session, clinic: Clinic, code: str) -> Customer | None:
    """Whom a code belongs to; after a merge, the record that goes on. Nobody for one who was erased."""
    customer = session.scalars(
        select(Customer)
        .join(LoyaltyProfile, LoyaltyProfile.customer_id == Customer.id)
        .where(LoyaltyProfile.clinic_id == clinic.id, LoyaltyProfile.referral_code == code.strip().upper())
    ).one_or_none()
    person = _person(session, customer) if customer is not None else None
    return person if person is not None and person.data_key is not None else None


def _person(session: Session, customer: Customer) -> Customer:
    """The record that stands for this person today."""
    while customer.merged_into is not None:
        customer = session.get_one(Customer, (customer.merged_into, customer.clinic_id))
    return customer


def _known_before(session: Session, friend: Customer) -> bool:
    """A member, or anybody the clinic's systems have seen."""
    if friend.joined_at is not None or friend.merged_into is not None:
        return True
    visit = exists().where(Visit.customer_id == friend.id, Visit.uncounted.is_(None))
    seen = or_(visit, exists().where(Payment.customer_id == friend.id, Payment.uncounted.is_(None)))
    return bool(session.scalar(select(seen)))


def _came_before(session: Session, payment: Payment, referral: Referral) -> bool:
    """What could not be known when the friend was bound: an older record turned out to be theirs, or came in late."""
    friend = payment.customer
    if friend.joined_at is not None and friend.joined_at < referral.bound_at:
        return True
    begins, _ = _day_of(friend.clinic, referral.bound_at)
    # Smaller ones since then are those that left it bound.
    earlier = Payment.customer_id == friend.id, Payment.uncounted.is_(None), Payment.paid_at < referral.bound_at
    seen = exists().where(Visit.customer_id == friend.id, Visit.uncounted.is_(None), Visit.visited_at < begins)
    return bool(session.scalar(select(or_(exists().where(*earlier), seen))))


def _suspicion(session: Session, referral: Referral, referrer: Customer) -> str | None:
    """Why staff should look first: more friends on that day than one brings by talking."""
    begins, ends = _day_of(referrer.clinic, referral.bound_at)
    that_day = session.scalar(
        select(func.count()).where(
            Referral.referrer_id == referral.referrer_id, Referral.bound_at >= begins, Referral.bound_at < ends
        )
    )
    limit = referrer.clinic.settings.referral.daily_limit
    return "many_in_a_day" if (that_day or 0) > limit else None


def _day_of(clinic: Clinic, moment: datetime) -> tuple[datetime, datetime]:
    """The first instant of that day in the clinic's zone, and of the next."""
    zone = clinic.settings.voice.zone
    day = moment.astimezone(zone).date()
    return datetime.combine(day, time(), zone), datetime.combine(day + timedelta(days=1), time(), zone)


def mark_final(referral: Referral, state: ReferralState, reason: str | None, now: datetime) -> None:
    referral.state, referral.reason, referral.settled_at = state, reason, now
