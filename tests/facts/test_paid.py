"""What a payment and a refund are worth is answered by who takes them down, also when they are told again."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from customers.errors import FactRefused
from facts.paid import Recorded, paid
from facts.refunded import GivenBack, refunded
from models.clinics import Clinic
from models.customers import Customer, JourneyEvent, LineLink
from models.facts import Payment
from tests.fixtures.clinic import NOW

WEEK = timedelta(days=7)


@pytest.fixture
def customer(mali: LineLink) -> Customer:
    return mali.customer


def pay(session: Session, customer: Customer, now: datetime = NOW) -> Recorded:
    return paid(
        session, customer, source="till", external_id="1", amount=Decimal(1_000), paid_at=NOW, service_code=None,
        now=now,
    )  # fmt: skip


def give_back(session: Session, payment: Payment, baht: int, name: str = "r", now: datetime = NOW) -> GivenBack:
    return refunded(session, payment, external_id=name, amount=Decimal(baht), refunded_at=NOW, now=now)


def events(session: Session, customer: Customer) -> list[str]:
    chosen = select(JourneyEvent.type).where(JourneyEvent.customer_id == customer.id).order_by(JourneyEvent.id)
    return list(session.scalars(chosen))


def test_points_that_come_at_once_are_earned(session: Session, customer: Customer) -> None:
    first, again = pay(session, customer), pay(session, customer)
    assert (first.earned, first.promised) == (100, 0)
    assert again == first
    assert events(session, customer) == ["paid"]


def test_points_that_wait_are_promised_until_they_have_come(
    session: Session, clinic: Clinic, customer: Customer
) -> None:
    clinic.own_settings = {"points": {"treatment_pending_days": 7}}
    first, again, later = (pay(session, customer, now) for now in (NOW, NOW, NOW + WEEK))
    assert (first.earned, first.promised) == (again.earned, again.promised) == (0, 100)
    assert (later.earned, later.promised) == (100, 0)


def test_a_payment_that_earns_nothing_says_so(session: Session, clinic: Clinic, customer: Customer) -> None:
    clinic.own_settings = {"points": {"per_baht": 0}}
    first, again = pay(session, customer), pay(session, customer)
    assert (first.earned, first.promised) == (again.earned, again.promised) == (0, 0)


def test_a_refund_says_what_it_took(session: Session, customer: Customer) -> None:
    payment = pay(session, customer).payment
    half, again, rest = (give_back(session, payment, 500, name) for name in ("a", "a", "b"))
    assert (half.taken_back, again.taken_back, rest.taken_back) == (50, 50, 50)
    assert again.refund is half.refund
    assert events(session, customer) == ["paid", "refunded", "refunded"]


def test_a_refund_of_promised_points_takes_none(session: Session, clinic: Clinic, customer: Customer) -> None:
    clinic.own_settings = {"points": {"treatment_pending_days": 7}}
    recorded = pay(session, customer)
    half, again = (give_back(session, recorded.payment, 500) for _ in range(2))
    assert (half.taken_back, again.taken_back) == (0, 0)
    assert pay(session, customer).promised == 50
    assert give_back(session, recorded.payment, 500, "rest").taken_back == 0
    assert (pay(session, customer).earned, pay(session, customer).promised) == (0, 0)


def test_what_is_refused_leaves_nothing(session: Session, customer: Customer) -> None:
    payment = pay(session, customer).payment
    with pytest.raises(FactRefused, match="left to refund"):
        give_back(session, payment, 1_001)
    assert (payment.refunded, events(session, customer)) == (Decimal(0), ["paid"])
