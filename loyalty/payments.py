"""What a payment is worth in points: asked, earned or promised, and taken back when money is."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_FLOOR, Decimal
from math import ceil

from sqlalchemy import select
from sqlalchemy.orm import Session

from customers.payments import check_money
from loyalty import entries, ledger, limits, notifications, pending, points, standing, tiers
from loyalty.booking import News
from loyalty.earning import expiry_of
from loyalty.entries import Cause
from models.clinic_settings import Tier
from models.clinics import Clinic
from models.customers import Customer
from models.facts import Payment, Refund
from models.loyalty import Breakdown, LoyaltyProfile, NotificationData, PendingPoints, PointTransaction
from runtime.actors import SYSTEM

AT_THE_COUNTER = timedelta(minutes=10)
"""How long after paying somebody is taken to stand there still."""


@dataclass(frozen=True)
class Quote:
    """What a bill would earn: `points = floor(amount × per_baht × multiplier)`."""

    amount: Decimal
    per_baht: Decimal
    tier: str
    multiplier: Decimal
    points: int

    @property
    def breakdown(self) -> Breakdown:
        return {
            "amount": str(self.amount),
            "points_per_baht": str(self.per_baht),
            "tier": self.tier,
            "multiplier": str(self.multiplier),
        }


def quote(session: Session, customer: Customer, amount: Decimal, now: datetime) -> Quote:
    """What this bill would earn now, with what has matured by now; nothing is written.

    Raises `FactRefused`, and `LimitReached` where the payment would.
    """
    check_money(amount)
    profile = points.profile_of(session, customer)
    if profile is None:
        return _bill(customer, customer.clinic.settings.tiers.steps[0], amount)
    bill = _bill(customer, standing.of(session, profile, now).tier, amount)
    limits.check_spent(profile, amount)
    if customer.clinic.settings.points.treatment_pending_days:
        limits.check_promise(session, profile, bill.points)
    else:
        limits.check_points(profile, bill.points)
    return bill


def reward(
    session: Session, profile: LoyaltyProfile, payment: Payment, now: datetime, *, actor: str = SYSTEM
) -> tuple[int, int]:
    """Points for a new payment, at the tier held before it, under the profile's lock: (earned, promised).

    Raises `LimitReached`.
    """
    limits.check_spent(profile, payment.amount)
    bill = _bill(payment.customer, tiers.status(session, profile, profile.total_points, now).tier, payment.amount)
    payment.points = bill.points
    session.flush()
    profile.total_spent += payment.amount
    if not bill.points:
        return 0, 0
    cause = Cause(
        "treatment",
        key=_key(payment),
        reference=str(payment.id),
        description=payment.service_code or "",
        actor=actor,
        breakdown=bill.breakdown,
    )
    matures_at = payment.paid_at + timedelta(days=profile.customer.clinic.settings.points.treatment_pending_days)
    if matures_at > max(payment.paid_at, now):
        pending.promise(session, profile, bill.points, cause, matures_at, now)
        data: NotificationData = {"points": bill.points, "on": matures_at.isoformat(), "here": _here(payment, now)}
        data["payment"] = str(payment.id)
        notifications.write(
            session, payment.customer, "points_promised", now, data=data, key=f"points_promised:{payment.id}"
        )
        return 0, bill.points
    told: NotificationData = {"points": bill.points, "source": "treatment", "here": _here(payment, now)}
    news = News("points_earned", told | {"payment": str(payment.id)})
    over = _over(payment, now)
    entry = ledger.earn(session, profile, bill.points, cause, now, at=payment.paid_at, news=None if over else news)
    payment.transaction_id = entry.id
    if over:
        ledger.post_due(session, [profile], now)
    return bill.points, 0


def _over(payment: Payment, now: datetime) -> bool:
    """Whether the points of what was paid then have ended by now: they count, and nobody is told of them."""
    clinic = payment.customer.clinic
    return expiry_of(min(payment.paid_at, now), clinic, clinic.settings.points.life_months) <= now


def _here(payment: Payment, now: datetime) -> bool:
    """Whether who has paid still stands there; a bill may be told much later."""
    return now - payment.paid_at <= AT_THE_COUNTER


def earned_by(session: Session, payment: Payment) -> tuple[int, int]:
    """(earned, promised) for a payment that is known, as it stands."""
    entry = _entry(session, payment)
    if entry is not None:
        return entry.amount, 0
    promised = session.scalars(
        select(PendingPoints).where(
            PendingPoints.clinic_id == payment.clinic_id, PendingPoints.idempotency_key == _key(payment)
        )
    ).one_or_none()
    if promised is None or promised.state == "void":
        return 0, 0
    return (0, promised.amount) if promised.state == "pending" else (promised.amount, 0)


def take_back(session: Session, profile: LoyaltyProfile, payment: Payment, refund: Refund, now: datetime) -> int:
    """The points of a new refund, under the profile's lock; how many the ledger took: 0 when it lowered a promise, and
    fewer than the refund's share where some had expired.

    In proportion to all that was refunded so far, so that several part refunds take back no more than one whole.
    """
    session.flush()
    if payment.uncounted is not None:
        return 0
    profile.total_spent -= refund.amount
    share = _floor(payment.points * payment.refunded / payment.amount)
    undone = share - payment.clawed_back
    if not undone:
        return 0
    payment.clawed_back = share
    earned = entries.by_key(session, profile, _key(payment))
    if earned is None:
        pending.lower(session, profile, _key(payment), undone, "refunded")
        return 0
    cause = Cause("refund", key=f"refund:{refund.id}", reference=str(payment.id))
    entry = ledger.claw_back(session, profile, earned, undone, cause, now, at=refund.refunded_at)
    refund.transaction_id = entry.id
    if entry.amount:
        data: NotificationData = {"points": -entry.amount, "payment": str(payment.id)}
        notifications.write(session, payment.customer, "points_clawed_back", now, data=data)
    return -entry.amount


def void(session: Session, profile: LoyaltyProfile, payment: Payment, now: datetime, *, actor: str) -> None:
    """The payment was none, under the profile's lock: what it earned or promised is taken back, all that
    refunds have left of it."""
    session.flush()
    counted, payment.uncounted = payment.uncounted is None, "void"
    if not counted:
        return
    profile.total_spent -= payment.amount - payment.refunded
    earned, left = entries.by_key(session, profile, _key(payment)), payment.points - payment.clawed_back
    if earned is not None and left:
        cause = Cause("undo", key=f"undo:{payment.id}", reference=str(payment.id), actor=actor)
        ledger.claw_back(session, profile, earned, left, cause, now)
    elif left:
        pending.lower(session, profile, _key(payment), left, "undone")
    session.flush()


def taken_back_for(session: Session, refund: Refund) -> int:
    """How many points the ledger took back for a refund that is known."""
    entry = _entry(session, refund)
    return -entry.amount if entry is not None else 0


def _entry(session: Session, fact: Payment | Refund) -> PointTransaction | None:
    return session.get(PointTransaction, (fact.transaction_id, fact.clinic_id)) if fact.transaction_id else None


def _key(payment: Payment) -> str:
    return f"payment:{payment.id}"


def _bill(customer: Customer, tier: Tier, amount: Decimal) -> Quote:
    per_baht = customer.clinic.settings.points.per_baht
    worth = _floor(amount * per_baht * tier.multiplier)
    limits.check_entry(worth)
    return Quote(amount, per_baht, tier.name, tier.multiplier, worth)


def _floor(points: Decimal) -> int:
    return int(points.to_integral_value(ROUND_FLOOR))


def baht_for(clinic: Clinic, tier: Tier, points: int) -> int | None:
    """What somebody of this tier spends until it has earned so many points, in one bill and whole baht; None where
    spending earns nothing."""
    each = clinic.settings.points.per_baht * tier.multiplier
    return ceil(points / each) if each > 0 else None
