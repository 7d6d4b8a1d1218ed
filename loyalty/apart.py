"""Two customers who were made one, and are two again: what is left of the points of the one goes back.

What was spent meanwhile stays spent, and a debt that was paid stays paid: nobody is left with less than nothing by it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from loyalty import achievements, entries, notifications, tiers
from loyalty.merge import key_of_total, transfer, transfer_total
from models.customers import Customer
from models.facts import Payment, Visit
from models.joined_records import JoinedRecord
from models.loyalty import LoyaltyProfile, PendingPoints, PointLot, PointTransaction

NEWS: tuple[notifications.Kind, ...] = ("tier_upgraded", "achievement_unlocked")


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
    achievements.take_back(session, source, since, now, actor=actor)
    tiers.reevaluate(session, source, now, lost=max(returned.total, 0))
    tiers.reevaluate(session, target, now)
    achievements.check(session, target, now)
    notifications.withdraw(session, target.customer, NEWS, now)


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
