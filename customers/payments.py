"""Money: what was paid, and what of it was given back. What follows is with `facts/paid.py` and `refunded.py`."""

from collections.abc import Collection, Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Interval, and_, cast, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased, joinedload

from customers.errors import FactRefused
from models.clinics import Clinic
from models.customers import Customer
from models.facts import Payment, Refund, Uncounted

LARGEST = Decimal("10000000")
DOUBTED = 100
SAME_PURCHASE = timedelta(hours=2)
SATANG = Decimal("0.01")


def check_money(amount: Decimal) -> None:
    """Raises `FactRefused` unless it is baht and satang, more than nothing and at most ten million."""
    if not amount.is_finite() or not 0 < amount <= LARGEST or amount != amount.quantize(SATANG):
        raise FactRefused(f"{amount} is not an amount: give baht above 0 up to {LARGEST:,}, with at most two decimals")


def record(
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
) -> tuple[Payment, bool]:
    """(the payment, whether it is new): the same `source` and `external_id` again is the first payment.

    `amount` in baht, checked; which bill it pays may be told later. The caller holds the lock of the customer's
    profile, so that of two that tell the same one is the first. Raises `FactRefused` when it is known with another
    amount or customer.
    """
    known = session.scalars(
        select(Payment).where(
            Payment.clinic_id == customer.clinic_id, Payment.source == source, Payment.external_id == external_id
        )
    ).one_or_none()
    if known is not None:
        if known.amount != amount or known.customer_id != customer.id:
            raise FactRefused(f"payment {external_id!r} is known with another amount or customer")
        known.of_invoice = known.of_invoice or of_invoice
        known.service_code = known.service_code or service_code
        known.branch_id = known.branch_id or branch_id
        return known, False
    payment = Payment(
        clinic_id=customer.clinic_id,
        customer_id=customer.id,
        customer=customer,
        source=source,
        external_id=external_id,
        amount=amount,
        refunded=Decimal(0),
        points=0,
        clawed_back=0,
        paid_at=paid_at,
        service_code=service_code,
        of_invoice=of_invoice,
        branch_id=branch_id,
        workflow_id=workflow_id,
        created_at=now,
    )
    session.add(payment)
    return payment, True


def why_uncounted(session: Session, payment: Payment) -> Uncounted | None:
    """Why a new payment counts for nothing: its source is none that earns; or another one has told the same purchase,
    as far as can be seen. None where it counts.

    One purchase earns once. Told by another earning source it is the same for sure where it names the same bill; and
    perhaps the same where it is the same customer's, of the same amount, on the same local day within two hours.
    """
    settings = payment.customer.clinic.settings
    earning = settings.points.points_from
    if earning and payment.source not in earning:
        return "not_the_earning_source"
    if _of_the_bill(session, payment):
        return "duplicate"
    begins = datetime.combine(payment.paid_at.astimezone(settings.voice.zone).date(), time(), settings.voice.zone)
    at = payment.paid_at
    alike = [
        Payment.customer_id == payment.customer_id,
        Payment.amount == payment.amount,
        Payment.source != payment.source,
        Payment.uncounted.is_(None),
        Payment.paid_at.between(max(at - SAME_PURCHASE, begins), at + SAME_PURCHASE),
        Payment.paid_at < begins + timedelta(days=1),
    ]
    return "possible_duplicate" if session.scalar(select(exists().where(*alike))) else None


def _of_the_bill(session: Session, payment: Payment) -> bool:
    """Whether another source has told the same of its bill. Parts of one amount are told apart by their number: each
    of the one source is one of the other's."""
    if payment.of_invoice is None:
        return False
    session.flush()
    alike = (
        Payment.clinic_id == payment.clinic_id,
        Payment.of_invoice == payment.of_invoice,
        Payment.amount == payment.amount,
        Payment.id != payment.id,
    )
    others = alike, Payment.source != payment.source, Payment.uncounted.is_(None)
    same = alike, Payment.source == payment.source, Payment.uncounted == "duplicate"
    counted = [
        select(func.count()).where(*told, source, state).scalar_subquery() for told, source, state in (others, same)
    ]
    return bool(session.scalar(select(counted[0] > counted[1])))


def counted_for_both(session: Session, one: Customer, other: Customer) -> list[tuple[Payment, Payment]]:
    """Pairs, the earlier first, whose later one would have been a possible duplicate had these two been one person."""
    first, second, within = aliased(Payment), aliased(Payment), cast(SAME_PURCHASE, Interval)
    alike = (
        second.clinic_id == first.clinic_id, second.amount == first.amount, second.source != first.source,
        second.uncounted.is_(None), second.paid_at.between(first.paid_at - within, first.paid_at + within),
    )  # fmt: skip
    theirs = first.clinic_id == one.clinic_id, first.customer_id == one.id, second.customer_id == other.id
    asked = select(first, second).where(*theirs, first.uncounted.is_(None), *alike)
    zone = one.clinic.settings.voice.zone
    pairs = []
    for pair in session.execute(asked.order_by(first.paid_at).limit(DOUBTED)):
        earlier, later = sorted(pair, key=lambda each: (each.paid_at, each.id))
        if earlier.paid_at.astimezone(zone).date() == later.paid_at.astimezone(zone).date():
            pairs.append((earlier, later))
    return pairs


def no_longer_alike(session: Session, clinic_id: UUID, customers: Collection[UUID]) -> None:
    """These are different people after all: what counted for each was a purchase of their own."""
    like = aliased(Payment)
    another = and_(
        like.clinic_id == Payment.clinic_id, like.id == Payment.like_id, like.customer_id != Payment.customer_id
    )
    theirs = Payment.clinic_id == clinic_id, Payment.customer_id.in_(customers), exists().where(another)
    session.execute(update(Payment).where(*theirs).values(like_id=None).execution_options(synchronize_session=False))


def in_doubt(payment: Payment) -> bool:
    """Whether it waits for the staff to say if it was a purchase of its own."""
    return payment.uncounted == "possible_duplicate" or (payment.uncounted is None and payment.like_id is not None)


def doubted(session: Session, clinic: Clinic) -> Sequence[Payment]:
    """The payments that may be another's duplicate and wait for the staff, oldest first: those of which nothing has
    followed yet, and those that have counted for a record of their own."""
    counted = and_(Payment.uncounted.is_(None), Payment.like_id.is_not(None))
    return session.scalars(
        select(Payment)
        .options(joinedload(Payment.customer, innerjoin=True))
        .where(Payment.clinic_id == clinic.id, or_(Payment.uncounted == "possible_duplicate", counted))
        .order_by(Payment.paid_at, Payment.id)
        .limit(DOUBTED)
    ).all()


def refund(
    session: Session, payment: Payment, *, external_id: str, amount: Decimal, refunded_at: datetime, now: datetime
) -> tuple[Refund, bool]:
    """(the refund, whether it is new): the same `external_id` again is the first refund of this payment.

    `amount` in baht, checked. The caller holds the lock of the profile, so that two refunds of one payment follow each
    other. Raises `FactRefused` for more than is left of the payment, and when it is known with another amount.
    """
    session.refresh(payment)
    known = session.scalars(
        select(Refund).where(
            Refund.clinic_id == payment.clinic_id, Refund.payment_id == payment.id, Refund.external_id == external_id
        )
    ).one_or_none()
    if known is not None:
        if known.amount != amount:
            raise FactRefused(f"refund {external_id!r} is known with another amount")
        return known, False
    if payment.refunded + amount > payment.amount:
        raise FactRefused(f"฿{payment.amount - payment.refunded} of this payment are left to refund, not ฿{amount}")
    payment.refunded += amount
    refund = Refund(
        clinic_id=payment.clinic_id,
        payment_id=payment.id,
        external_id=external_id,
        amount=amount,
        refunded_at=refunded_at,
        created_at=now,
    )
    session.add(refund)
    return refund, True
