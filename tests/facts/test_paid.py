"""What a payment and a refund are worth is answered by who takes them down, also when they are told again."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from customers.errors import FactRefused
from customers.payments import doubted
from facts.paid import NotInDoubt, Recorded, decide, paid
from facts.refunded import GivenBack, refunded
from models.clinics import Clinic
from models.customers import Customer, JourneyEvent, LineLink
from models.facts import Payment
from models.loyalty import LoyaltyProfile
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


def tell(session: Session, customer: Customer, source: str, minutes: int = 0, baht: int = 1_000) -> Recorded:
    """The next payment of this source, so many minutes later."""
    at = NOW + timedelta(minutes=minutes)
    return paid(
        session, customer, source=source, external_id=f"{source}-{minutes}-{baht}", amount=Decimal(baht), paid_at=at,
        service_code=None, now=at, actor="staff",
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


@pytest.mark.parametrize("sources", [("till", "staff"), ("staff", "till")])
@pytest.mark.parametrize("minutes", [0, 120])
def test_one_purchase_that_till_and_group_tell_earns_once(
    session: Session, customer: Customer, sources: tuple[str, str], minutes: int
) -> None:
    first, second = tell(session, customer, sources[0]), tell(session, customer, sources[1], minutes)
    assert (first.earned, second.earned, second.payment.uncounted) == (100, 0, "possible_duplicate")
    profile = session.get_one(LoyaltyProfile, (customer.id, customer.clinic_id))
    assert [profile.total_spent, profile.total_points] == [1_000, 100]
    assert events(session, customer) == ["paid", "payment_held"]
    assert [one.id for one in doubted(session, customer.clinic)] == [second.payment.id]
    give_back(session, second.payment, 1_000)
    assert [profile.total_spent, profile.total_points] == [1_000, 100], "what earned nothing takes nothing back"


@pytest.mark.parametrize(
    ("source", "minutes", "baht"),
    [("till", 5, 1_000), ("staff", 121, 1_000), ("staff", 5, 1_001), ("staff", 750, 1_000)],
)
def test_another_amount_source_or_time_is_another_purchase(
    session: Session, customer: Customer, source: str, minutes: int, baht: int
) -> None:
    """750 minutes later is another day in Bangkok."""
    tell(session, customer, "till")
    assert tell(session, customer, source, minutes, baht).payment.uncounted is None


def test_over_midnight_is_another_day(session: Session, customer: Customer) -> None:
    tell(session, customer, "till", 749)
    assert tell(session, customer, "staff", 750).payment.uncounted is None


@pytest.mark.parametrize(("counts", "earned", "state"), [(True, 100, None), (False, 0, "duplicate")])
def test_staff_decide_what_may_be_a_duplicate_once(
    session: Session, customer: Customer, counts: bool, earned: int, state: str | None
) -> None:
    tell(session, customer, "till")
    held = tell(session, customer, "staff", 3).payment
    assert decide(session, held, counts, NOW, actor="staff").earned == earned
    assert held.uncounted == state
    assert doubted(session, customer.clinic) == []
    with pytest.raises(NotInDoubt):
        decide(session, held, not counts, NOW, actor="staff")
    last = session.scalars(select(JourneyEvent).order_by(JourneyEvent.id.desc()).limit(1)).one()
    assert (last.type, last.data["by"]) == ("paid" if counts else "payment_held", "staff")


def test_only_the_sources_that_the_clinic_names_earn(session: Session, clinic: Clinic, customer: Customer) -> None:
    clinic.own_settings = {"points": {"points_from": ["till"]}}
    first, second = tell(session, customer, "staff"), tell(session, customer, "till")
    assert (first.earned, first.payment.uncounted) == (0, "not_the_earning_source")
    assert (second.earned, second.payment.uncounted) == (100, None)
