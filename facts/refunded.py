"""Money was given back."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from customers import invoices, journey
from customers.payments import check_money, refund
from loyalty import ledger, referrals
from loyalty.payments import take_back, taken_back_for
from models.facts import Payment, Refund


@dataclass(frozen=True)
class GivenBack:
    refund: Refund
    taken_back: int
    """Points that the ledger took back for it; a promise that was lowered took none."""


def refunded(
    session: Session, payment: Payment, *, external_id: str, amount: Decimal, refunded_at: datetime, now: datetime
) -> GivenBack:
    """Baht given back: what they earned is taken back in proportion, and the tier is looked at again.

    An achievement reached and its points stay; a referral that still waits is void when what is left would not bring
    it. The same `external_id` again is the first refund. Raises `FactRefused`, also for more than was paid, and
    `CustomerMerged`.
    """
    check_money(amount)
    profile = ledger.open_profile(session, payment.customer, now)
    given_back, new = refund(session, payment, external_id=external_id, amount=amount, refunded_at=refunded_at, now=now)
    if not new:
        return GivenBack(given_back, taken_back_for(session, given_back))
    taken_back = take_back(session, profile, payment, given_back, now)
    journey.write(session, payment.customer, "refunded", refunded_at, key=f"refund:{given_back.id}")
    referrals.void_for(session, payment, now)
    invoices.settle_named(session, payment.customer.clinic, payment.of_invoice)
    return GivenBack(given_back, taken_back)
