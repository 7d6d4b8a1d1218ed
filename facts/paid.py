"""A customer has paid."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from customers import journey
from customers.payments import check_money, record
from loyalty import achievements, ledger, referrals
from loyalty.payments import earned_by, reward
from models.customers import Customer
from models.facts import Payment


@dataclass(frozen=True)
class Recorded:
    payment: Payment
    earned: int
    """Points that it has brought."""
    promised: int
    """Points that it will bring, and that cannot be spent yet."""


def paid(
    session: Session,
    customer: Customer,
    *,
    source: str,
    external_id: str,
    amount: Decimal,
    paid_at: datetime,
    service_code: str | None,
    now: datetime,
) -> Recorded:
    """Money actually paid, in baht, with what follows: points, tier, achievements, the referral that brought it.

    The same `source` and `external_id` again is the first payment, with what it is worth by now. Raises `FactRefused`,
    also for another amount or customer, and `CustomerMerged`.
    """
    check_money(amount)
    profile = ledger.open_profile(session, customer, now)
    payment, new = record(
        session,
        customer,
        source=source,
        external_id=external_id,
        amount=amount,
        paid_at=paid_at,
        service_code=service_code,
        now=now,
    )
    if not new:
        return Recorded(payment, *earned_by(session, payment))
    earned, promised = reward(session, profile, payment, now)
    journey.write(session, customer, "paid", paid_at, key=f"payment:{payment.id}", data={"amount": str(amount)})
    referrals.qualify(session, payment, now)
    achievements.check(session, profile, now, changed={"payments"})
    return Recorded(payment, earned, promised)
