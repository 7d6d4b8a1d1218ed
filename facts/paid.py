"""A customer has paid."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy.orm import Session

from customers import invoices, journey, staff_notices
from customers.payments import check_money, in_doubt, record, why_uncounted
from facts.visited import visited
from loyalty import achievements, ledger, notifications, referrals
from loyalty.notifications import Kind
from loyalty.payments import earned_by, reward, void
from models.customers import Customer, JourneyData
from models.facts import Payment
from models.loyalty import LoyaltyProfile
from models.staff_notices import NoticeData
from runtime.actors import SYSTEM

BROUGHT: tuple[Kind, ...] = ("points_earned", "points_promised", "tier_upgraded", "achievement_unlocked")
"""News of what a payment brings, written in the moment in which it is recorded."""


class NotInDoubt(Exception):
    """The payment is no possible duplicate, or somebody has decided already."""


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
    of_invoice: str | None = None,
    branch_id: UUID | None = None,
    workflow_id: str | None = None,
    at_counter: bool = False,
    actor: str = SYSTEM,
) -> Recorded:
    """Money actually paid, in baht, with what follows: points, tier, achievements, the referral that brought it; and,
    where it was paid at the counter, that the customer was there.

    The same `source` and `external_id` again is the first payment, with what it is worth by now. A payment that does
    not count (`Payment.uncounted`) is kept, and nothing follows. `of_invoice` is the bill that it pays, as
    `customers/invoices.py` names it. Raises `FactRefused`, also for another amount or
    customer, and `CustomerMerged`.
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
        of_invoice=of_invoice,
        branch_id=branch_id,
        workflow_id=workflow_id,
        now=now,
    )
    if new:
        payment.uncounted = why_uncounted(session, payment)
    invoices.settle_named(session, customer.clinic, payment.of_invoice)
    recorded = (_held(session, payment, now, actor) or _counted(session, profile, payment, now, actor)) if new else None
    if at_counter:  # also of one that is known: told as a bill's and by itself, whichever came first, it ends the same
        visited(
            session, customer, source=source, external_id=external_id, visited_at=payment.paid_at,
            service_code=service_code, branch_id=branch_id, kind="payment", now=now, actor=actor,
        )  # fmt: skip
    return recorded or Recorded(payment, *earned_by(session, payment))


def _held(session: Session, payment: Payment, now: datetime, actor: str) -> Recorded | None:
    """Of one that counts for nothing, for now or for good."""
    customer = payment.customer
    if payment.uncounted is not None:
        held: JourneyData = {"amount": str(payment.amount), "held": payment.uncounted, "by": actor}
        journey.write(session, customer, "payment_held", payment.paid_at, key=f"held:{payment.id}", data=held)
        if payment.uncounted == "possible_duplicate" and not actor.startswith("staff:"):
            _tell_staff(session, payment, now)  # what was told in the group is answered there, and says so
        return Recorded(payment, 0, 0)
    return None


def doubt(session: Session, payment: Payment, like: Payment, now: datetime) -> None:
    """Both have counted for two records that are one by now, and may have been one purchase: what they brought may be
    spent, so nothing changes until the staff decide."""
    payment.like_id = like.id
    _tell_staff(session, payment, now)


def _tell_staff(session: Session, payment: Payment, now: datetime) -> None:
    about: NoticeData = {"payment": str(payment.id)}
    staff_notices.write(
        session, payment.customer.clinic, "doubted_payment", now, key=f"doubted:{payment.id}",
        customer=payment.customer, branch_id=payment.branch_id, data=about,
    )  # fmt: skip


def decide(session: Session, payment: Payment, counts: bool, now: datetime, *, actor: str) -> Recorded:
    """Staff have looked at one that may be another's duplicate: it counts, or never will. What one that has counted has
    brought goes back; a reward for whoever brought a friend by it stays, once it is paid.

    Raises `NotInDoubt` when it waits for nobody, and `CustomerMerged`.
    """
    profile = ledger.open_profile(session, payment.customer, now)
    session.refresh(payment)
    if not in_doubt(payment):
        raise NotInDoubt
    counted, payment.like_id = payment.uncounted is None, None
    if counts and counted:
        return Recorded(payment, *earned_by(session, payment))
    if counts:
        payment.uncounted = None
        return _counted(session, profile, payment, now, actor)
    if counted:
        _uncount(session, profile, payment, now, actor)
    payment.uncounted = "duplicate"
    invoices.settle_named(session, payment.customer.clinic, payment.of_invoice)
    told: JourneyData = {"amount": str(payment.amount), "held": "duplicate", "by": actor}
    journey.write(session, payment.customer, "payment_held", now, key=f"duplicate:{payment.id}", data=told)
    return Recorded(payment, 0, 0)


def _uncount(session: Session, profile: LoyaltyProfile, payment: Payment, now: datetime, actor: str) -> None:
    referrals.unqualify(session, payment)
    void(session, profile, payment, now, actor=actor)
    for moment in achievements.take_back(session, profile, payment.created_at, now, actor=actor):
        notifications.withdraw(session, payment.customer, achievements.NEWS, moment)
    notifications.withdraw(session, payment.customer, BROUGHT, payment.created_at)
    notifications.write(session, payment.customer, "payment_undone", now)


def _counted(session: Session, profile: LoyaltyProfile, payment: Payment, now: datetime, actor: str) -> Recorded:
    earned, promised = reward(session, profile, payment, now, actor=actor)
    told: JourneyData = {"amount": str(payment.amount)}
    if actor != SYSTEM:
        told["by"] = actor
    journey.write(session, payment.customer, "paid", payment.paid_at, key=f"payment:{payment.id}", data=told)
    referrals.qualify(session, payment, now)
    achievements.check(session, profile, now, changed={"payments"})
    return Recorded(payment, earned, promised)
