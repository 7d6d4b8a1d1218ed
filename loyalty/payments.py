"""Facts from the clinic's own systems: visits, payments, refunds. The till and booking webhooks call the same rules."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_FLOOR, Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from customers import journey
from loyalty import achievements, entries, ledger, notifications, pending, points, referrals, tiers
from loyalty.errors import BadPayment
from models.clinic_settings import Tier
from models.customers import Customer
from models.facts import Payment, Refund, Visit
from models.loyalty import LoyaltyProfile, PointTransaction

LARGEST = Decimal("10000000")
SATANG = Decimal("0.01")


@dataclass(frozen=True)
class Quote:
    """What a bill would earn: `points = floor(amount × per_baht × multiplier)`."""

    amount: Decimal
    per_baht: Decimal
    tier: str
    multiplier: Decimal
    points: int

    @property
    def breakdown(self) -> dict[str, str]:
        return {
            "amount": str(self.amount),
            "points_per_baht": str(self.per_baht),
            "tier": self.tier,
            "multiplier": str(self.multiplier),
        }


def quote(session: Session, customer: Customer, amount: Decimal, now: datetime) -> Quote:
    """What this bill would earn now, with what has matured by now; nothing is written. Raises `BadPayment`."""
    check_money(amount)
    profile = points.profile_of(session, customer)
    tier = points.standing(session, profile, now).tier if profile else customer.clinic.settings.tiers.steps[0]
    return _bill(customer, tier, amount)


def _bill(customer: Customer, tier: Tier, amount: Decimal) -> Quote:
    per_baht = customer.clinic.settings.points.per_baht
    return Quote(amount, per_baht, tier.name, tier.multiplier, _floor(amount * per_baht * tier.multiplier))


def record_visit(
    session: Session,
    customer: Customer,
    *,
    source: str,
    external_id: str,
    visited_at: datetime,
    service_code: str | None,
    now: datetime,
) -> Visit:
    """Note that the customer was there; the same `source` and `external_id` again is the first visit.

    Raises `BadPayment` when that visit was another customer's.
    """
    profile = ledger.open_profile(session, customer, now)
    known = session.scalars(
        select(Visit).where(
            Visit.clinic_id == customer.clinic_id, Visit.source == source, Visit.external_id == external_id
        )
    ).one_or_none()
    if known is not None:
        if known.customer_id != customer.id:
            raise BadPayment(f"visit {external_id!r} is known with another customer")
        return known
    visit = Visit(
        clinic_id=customer.clinic_id,
        customer_id=customer.id,
        source=source,
        external_id=external_id,
        visited_at=visited_at,
        service_code=service_code,
        created_at=now,
    )
    session.add(visit)
    profile.total_visits += 1
    journey.write(session, customer, "visited", visited_at, key=f"visit:{visit.id}", data={"service": service_code})
    achievements.check(session, profile, now, changed={"visits"})
    return visit


def record_payment(
    session: Session,
    customer: Customer,
    *,
    source: str,
    external_id: str,
    amount: Decimal,
    paid_at: datetime,
    service_code: str | None,
    now: datetime,
) -> Payment:
    """Money actually paid, with everything that follows: points, tier, achievements, the referral that brought it.

    The same `source` and `external_id` again is the first payment. Raises `BadPayment`, also for another amount.
    """
    check_money(amount)
    profile = ledger.open_profile(session, customer, now)
    known = session.scalars(
        select(Payment).where(
            Payment.clinic_id == customer.clinic_id, Payment.source == source, Payment.external_id == external_id
        )
    ).one_or_none()
    if known is not None:
        if known.amount != amount or known.customer_id != customer.id:
            raise BadPayment(f"payment {external_id!r} is known with another amount or customer")
        return known
    bill = _bill(customer, tiers.rank(session, profile, profile.total_points, now).tier, amount)
    payment = Payment(
        clinic_id=customer.clinic_id,
        customer_id=customer.id,
        customer=customer,
        source=source,
        external_id=external_id,
        amount=amount,
        refunded=Decimal(0),
        points=bill.points,
        clawed_back=0,
        paid_at=paid_at,
        service_code=service_code,
        created_at=now,
    )
    session.add(payment)
    session.flush()
    profile.total_spent += amount
    _reward(session, profile, payment, bill, now)
    journey.write(session, customer, "paid", paid_at, key=f"payment:{payment.id}", data={"amount": str(amount)})
    referrals.qualify(session, payment, now)
    achievements.check(session, profile, now, changed={"payments"})
    return payment


def record_refund(
    session: Session, payment: Payment, *, external_id: str, amount: Decimal, refunded_at: datetime, now: datetime
) -> Refund:
    """Money given back: what it earned is taken back in proportion, and the tier is looked at again.

    An achievement reached and its points stay; a referral that still waits is void. The same `external_id` again is
    the first refund. Raises `BadPayment` for more than was paid.
    """
    check_money(amount)
    profile = ledger.open_profile(session, payment.customer, now)
    session.refresh(payment)
    known = session.scalars(
        select(Refund).where(Refund.payment_id == payment.id, Refund.external_id == external_id)
    ).one_or_none()
    if known is not None:
        if known.amount != amount:
            raise BadPayment(f"refund {external_id!r} is known with another amount")
        return known
    if payment.refunded + amount > payment.amount:
        raise BadPayment(f"฿{payment.amount - payment.refunded} of this payment are left to refund, not ฿{amount}")
    payment.refunded += amount
    profile.total_spent -= amount
    refund = Refund(
        clinic_id=payment.clinic_id,
        payment_id=payment.id,
        external_id=external_id,
        amount=amount,
        refunded_at=refunded_at,
        created_at=now,
    )
    session.add(refund)
    session.flush()
    line = _take_back(session, profile, payment, refund, now)
    refund.transaction_id = line.id if line else None
    journey.write(session, payment.customer, "refunded", refunded_at, key=f"refund:{refund.id}")
    if payment.refunded == payment.amount:
        referrals.void_for(session, payment, now)
    return refund


def check_money(amount: Decimal) -> None:
    """Raises `BadPayment` unless it is baht and satang, more than nothing and less than ten million."""
    if not amount.is_finite() or not 0 < amount <= LARGEST or amount != amount.quantize(SATANG):
        raise BadPayment(f"{amount} is not an amount: give baht above 0 up to {LARGEST:,}, with at most two decimals")


def _reward(session: Session, profile: LoyaltyProfile, payment: Payment, bill: Quote, now: datetime) -> None:
    if not bill.points:
        return
    key, days = f"payment:{payment.id}", profile.customer.clinic.settings.points.treatment_pending_days
    if days:
        pending.promise(
            session, profile, bill.points, "treatment", now + timedelta(days=days), now,
            key=key, description=payment.service_code or "", reference=str(payment.id), breakdown=bill.breakdown,
        )  # fmt: skip
        return
    line = ledger.earn(
        session, profile, bill.points, "treatment", now, description=payment.service_code or "", key=key,
        reference=str(payment.id), breakdown=bill.breakdown,
    )  # fmt: skip
    payment.transaction_id = line.id
    notifications.write(
        session, profile.customer, "points_earned", now, data={"points": bill.points, "source": "treatment"}
    )


def _take_back(
    session: Session, profile: LoyaltyProfile, payment: Payment, refund: Refund, now: datetime
) -> PointTransaction | None:
    """In proportion to all that was refunded so far, so that several part refunds take back no more than one whole."""
    share = _floor(payment.points * payment.refunded / payment.amount)
    taken = share - payment.clawed_back
    if not taken:
        return None
    payment.clawed_back = share
    key = f"payment:{payment.id}"
    earned = entries.by_key(session, profile, key)
    if earned is None:
        pending.lower(session, profile, key, taken, "refunded")
        return None
    notifications.write(session, payment.customer, "points_clawed_back", now, data={"points": taken})
    return ledger.claw_back(
        session, profile, earned, taken, "refund", now, key=f"refund:{refund.id}", reference=str(payment.id)
    )


def _floor(points: Decimal) -> int:
    return int(points.to_integral_value(ROUND_FLOOR))
