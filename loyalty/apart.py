"""Two customers who were made one, and are two again: what is left of the points of the one goes back.

What was spent meanwhile stays spent, and a debt that was paid stays paid: nobody is left with less than nothing by it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Text, and_, cast, exists, func, or_, select, update
from sqlalchemy.orm import Session

from loyalty import achievements, entries, notifications, tiers
from loyalty.merge import key_of_total, transfer, transfer_total
from models.courses import Course
from models.customers import Customer
from models.facts import Payment, Visit
from models.joined_records import JoinedRecord
from models.loyalty import LoyaltyProfile, Notification, PendingPoints, PointAllocation, PointLot, PointTransaction
from models.rewards import Redemption

NEWS: tuple[notifications.Kind, ...] = ("tier_upgraded", "achievement_unlocked")
ABOUT: dict[str, type[Payment | Visit | Course | Redemption]] = {
    "payment": Payment,
    "visit": Visit,
    "course": Course,
    "redemption": Redemption,
}
"""What news names the ids of, by its word in the data."""


@dataclass(frozen=True)
class Returned:
    """What went back, and how much of what was brought is not there any more."""

    points: int
    total: int
    gone: int


def give_back(
    session: Session,
    joined: JoinedRecord,
    source: LoyaltyProfile,
    target: LoyaltyProfile,
    payments: Collection[UUID],
    now: datetime,
    *,
    actor: str,
) -> Returned:
    """From `source`, who has gone on, to `target`: what is left of the lots that were handed over, and of those that
    these payments have brought since; and what counts towards the tier. Under the locks of both profiles."""
    later = _brought(session, joined, payments)
    lots = _lots(session, joined, source, [one.id for one in later])
    left = 0
    for lot in lots:
        left += max(lot.remaining, 0)
        if lot.remaining:
            transfer(session, source, target, lot, now, key=f"cut:{joined.id}:{lot.id}", actor=actor)
        else:
            lot.customer_id = target.customer_id
        entries.schedule(target, lot.expires_at)
    session.flush()
    brought = session.scalars(entries.of_key(source, f"{key_of_total(joined)}:1")).one()
    for entry in (brought, *later):
        if entry.counted:
            key = f"cut:{joined.id}:{entry.id}"
            transfer_total(session, source, target, entry.counted, now, key=key, actor=actor, brought=entry)
    session.flush()
    came = session.scalar(
        select(func.coalesce(func.sum(PointTransaction.amount), 0)).where(
            PointTransaction.clinic_id == joined.clinic_id,
            PointTransaction.customer_id == source.customer_id,
            PointTransaction.amount > 0,
            PointTransaction.idempotency_key.like(f"transfer:{joined.id}:%"),
        )
    )
    earned = int(came or 0) + sum(max(one.amount, 0) for one in later)
    total = brought.counted + sum(one.counted for one in later)
    return Returned(left, total, max(earned - left, 0))


def reckon(session: Session, source: LoyaltyProfile, target: LoyaltyProfile) -> None:
    """What of the money and of the visits is whose, after the rows went back."""
    session.flush()
    paid = select(func.coalesce(func.sum(Payment.amount - Payment.refunded), 0))
    seen = select(func.count()).select_from(Visit)
    spent = session.scalar(paid.where(Payment.customer_id == target.customer_id, Payment.uncounted.is_(None)))
    visits = session.scalar(seen.where(Visit.customer_id == target.customer_id, Visit.uncounted.is_(None)))
    for profile, sign in ((source, -1), (target, 1)):
        profile.total_spent += sign * (spent or Decimal(0))
        profile.total_visits += sign * (visits or 0)
    maturing = PendingPoints.customer_id == target.customer_id, PendingPoints.state == "pending"
    entries.schedule(target, session.scalar(select(func.min(PendingPoints.matures_at)).where(*maturing)))


def look_again(
    session: Session, source: LoyaltyProfile, target: LoyaltyProfile, returned: Returned, since: datetime,
    now: datetime, *, actor: str,
) -> None:  # fmt: skip
    """At the tiers and the unlocks of both: what they had anyway is no news."""
    for moment in achievements.take_back(session, source, since, now, actor=actor):
        notifications.withdraw(session, source.customer, achievements.NEWS, moment)
    tiers.reevaluate(session, source, now, lost=max(returned.total, 0))
    tiers.reevaluate(session, target, now)
    achievements.check(session, target, now)
    notifications.withdraw(session, target.customer, NEWS, now)


def untell(session: Session, source: LoyaltyProfile, target: LoyaltyProfile, since: datetime) -> None:
    """What still waits to be said to who has gone on, and is about what is the other's by now, waits for the other: who
    has no way in LINE is told nothing. What expired of both is one sum, and a rise that is none any more no news."""
    session.flush()
    waits = (
        Notification.clinic_id == source.clinic_id, Notification.customer_id == source.customer_id,
        Notification.state == "open",
    )  # fmt: skip
    about = or_(
        *(
            Notification.data[word].astext.in_(
                select(cast(model.id, Text)).where(
                    model.clinic_id == target.clinic_id, model.customer_id == target.customer_id
                )
            )
            for word, model in ABOUT.items()
        )
    )
    session.execute(
        update(Notification)
        .where(*waits, about)
        .values(customer_id=target.customer_id)
        .execution_options(synchronize_session=False)
    )
    ended = (
        select(PointAllocation.id)
        .join(PointLot, PointLot.id == PointAllocation.lot_id)
        .join(PointTransaction, PointTransaction.id == PointAllocation.transaction_id)
        .where(PointLot.customer_id == target.customer_id, PointTransaction.customer_id == source.customer_id)
        .where(PointTransaction.type == "expired", PointTransaction.created_at >= since)
    )
    risen = Notification.kind == "tier_upgraded", Notification.created_at >= since
    untrue = and_(*risen, Notification.data["tier"].astext != source.current_tier)
    mixed = and_(Notification.kind == "points_expired", exists(ended))
    gone = update(Notification).where(*waits, or_(untrue, mixed)).values(state="skipped", reason="taken_apart")
    session.execute(gone.execution_options(synchronize_session=False))
    session.expire_all()


def _brought(session: Session, joined: JoinedRecord, payments: Collection[UUID]) -> list[PointTransaction]:
    """What was written for the survivor since, about what is the other's: these payments, and their own entries."""
    entry = PointTransaction
    own = select(entry.id).where(entry.customer_id == joined.duplicate_id)
    about = or_(entry.reference.in_([str(one) for one in payments]), entry.reverses_id.in_(own))
    theirs = entry.clinic_id == joined.clinic_id, entry.customer_id == joined.survivor_id
    since = entry.created_at >= joined.joined_at, entry.type != "transferred"
    return list(session.scalars(select(entry).where(*theirs, *since, about).order_by(entry.created_at, entry.id)))


def _lots(session: Session, joined: JoinedRecord, source: LoyaltyProfile, later: Collection[UUID]) -> list[PointLot]:
    noted = [UUID(one) for one in joined.rows.get(str(PointLot.__table__.c.customer_id), [])]
    # What came to be owed since was spent by who has gone on.
    new = PointLot.transaction_id.in_(later) & (PointLot.remaining >= 0)
    return list(entries.lots_of(session, source, or_(PointLot.id.in_(noted), new)))


def of(session: Session, customer: Customer) -> LoyaltyProfile:
    """The profile, whose lock the caller holds."""
    return session.get_one(LoyaltyProfile, (customer.id, customer.clinic_id))
