"""Money paid and given back: what it earns, what it takes back, and that telling it twice changes nothing."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from customers.errors import FactRefused
from customers.payments import check_money
from customers.people import new_customer
from facts.paid import paid
from facts.refunded import refunded
from facts.visited import visited
from loyalty import ledger, payments, pending, points, reconcile, standing
from loyalty.entries import Cause
from models.clinics import Clinic
from models.customers import Customer, LineLink
from models.facts import Payment, Refund, Visit
from models.loyalty import LoyaltyProfile, Notification, PendingPoints, PointLot, PointTransaction
from tests.fixtures.clinic import NOW
from tests.fixtures.menus import looked_at, menu_of

WEEK = timedelta(days=7)


def pay(session: Session, customer: Customer, amount: object, number: str = "1", now: Any = NOW) -> Payment:
    return paid(
        session, customer, source="till", external_id=number, amount=Decimal(str(amount)), paid_at=now,
        service_code="laser", now=now,
    ).payment  # fmt: skip


def refund(session: Session, payment: Payment, amount: object, number: str = "r", now: Any = NOW) -> Refund:
    return refunded(session, payment, external_id=number, amount=Decimal(str(amount)), refunded_at=now, now=now).refund


def held(session: Session, customer: Customer) -> LoyaltyProfile:
    session.flush()
    return session.get_one(LoyaltyProfile, (customer.id, customer.clinic_id))


@pytest.fixture
def customer(mali: LineLink) -> Customer:
    return mali.customer


@pytest.mark.parametrize(
    ("earned", "amount", "worth", "tier", "multiplier"),
    [
        (0, "1000", 100, "bronze", "1"),
        (0, "1009.99", 100, "bronze", "1"),
        (0, "9.99", 0, "bronze", "1"),
        (1_000, "1009.99", 151, "silver", "1.5"),
        (3_000, "19.99", 3, "gold", "2"),
        (7_000, "999.99", 249, "platinum", "2.5"),
        (15_000, "0.01", 0, "diamond", "3"),
    ],
)
def test_points_are_the_floor_of_baht_times_tier(
    session: Session, customer: Customer, earned: int, amount: str, worth: int, tier: str, multiplier: str
) -> None:
    if earned:
        points.award_points(session, customer, earned, "x", now=NOW)
    payment = pay(session, customer, amount)
    line = (
        session.get(PointTransaction, (payment.transaction_id, payment.clinic_id)) if payment.transaction_id else None
    )
    assert (line.amount if line else 0, payment.points) == (worth, worth)
    assert held(session, customer).total_points == earned + worth
    if line:
        assert line.breakdown == {"amount": amount, "points_per_baht": "0.1", "tier": tier, "multiplier": multiplier}
        assert (line.type, line.source, line.description) == ("earned", "treatment", "laser")


def test_the_payment_that_lifts_the_tier_earns_at_the_tier_before(session: Session, customer: Customer) -> None:
    assert pay(session, customer, 10_000).points == 1_000
    assert held(session, customer).current_tier == "silver"
    assert pay(session, customer, 100, "2").points == 15


def test_a_clinic_may_give_more_for_a_baht(session: Session, clinic: Clinic, customer: Customer) -> None:
    clinic.own_settings = {"points": {"per_baht": "0.25"}}
    assert pay(session, customer, 1_000).points == 250


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(st.integers(1, 10**9), st.sampled_from([0, 1_000, 3_000, 7_000, 15_000]))
def test_a_quote_is_what_is_then_earned(session: Session, clinic: Clinic, satang: int, earned: int) -> None:
    customer = new_customer(session, clinic, NOW)
    session.flush()
    if earned:
        profile = ledger.open_profile(session, customer, NOW)
        # Not yet posted: the quote must know of it all the same.
        pending.promise(session, profile, earned, Cause("survey", key=f"{customer.id}"), NOW + WEEK, NOW)
    amount = Decimal(satang) / 100
    quoted = payments.quote(session, customer, amount, NOW + WEEK)
    payment = pay(session, customer, amount, str(customer.id), NOW + WEEK)
    assert payment.points == quoted.points == satang * int(quoted.multiplier * 2) // 2_000


def test_a_quote_writes_nothing(session: Session, customer: Customer) -> None:
    assert payments.quote(session, customer, Decimal(500), NOW).points == 50
    assert session.get(LoyaltyProfile, (customer.id, customer.clinic_id)) is None


def test_a_payment_told_twice_is_one(session: Session, customer: Customer) -> None:
    first = pay(session, customer, 1_000)
    assert pay(session, customer, "1000.00") is first
    assert (held(session, customer).available_points, held(session, customer).total_spent) == (100, Decimal(1_000))
    assert session.scalar(select(func.count()).select_from(Notification)) == 1


def test_another_amount_or_customer_for_a_known_payment_is_refused(
    session: Session, clinic: Clinic, customer: Customer
) -> None:
    pay(session, customer, 1_000)
    ken = new_customer(session, clinic, NOW)
    for whose, amount in ((customer, 1_001), (ken, 1_000)):
        with pytest.raises(FactRefused, match="known with another"):
            pay(session, whose, amount)
    assert held(session, customer).available_points == 100


def test_a_visit_is_one_and_stays_its_customers(session: Session, clinic: Clinic, customer: Customer) -> None:
    def visit(whose: Customer) -> Visit:
        return visited(session, whose, source="till", external_id="v", visited_at=NOW, service_code=None, now=NOW)

    assert visit(customer) is visit(customer)
    assert held(session, customer).total_visits == 1
    with pytest.raises(FactRefused, match="another customer"):
        visit(new_customer(session, clinic, NOW))


_money = st.decimals(allow_nan=True, allow_infinity=True)
_bad_money = _money.filter(
    lambda amount: not amount.is_finite() or not 0 < amount <= 10_000_000 or amount * 100 != int(amount * 100)
)


@settings(deadline=None)
@given(_bad_money)
def test_what_is_no_money_is_refused(amount: Decimal) -> None:
    with pytest.raises(FactRefused, match="give baht"):
        check_money(amount)


@given(st.integers(1, 10**9), st.integers(0, 3))
def test_what_is_money_passes_however_it_is_written(satang: int, zeros: int) -> None:
    check_money(Decimal(f"{satang // 100}.{satang % 100:02}{'0' * zeros}"))


def test_bad_money_leaves_no_trace(session: Session, customer: Customer) -> None:
    for amount in ("-1", "0", "0.001", "NaN", "10000000.01"):
        with pytest.raises(FactRefused):
            pay(session, customer, amount)
        with pytest.raises(FactRefused):
            payments.quote(session, customer, Decimal(amount), NOW)
    assert session.get(LoyaltyProfile, (customer.id, customer.clinic_id)) is None


def test_several_part_refunds_take_back_what_one_would(session: Session, customer: Customer) -> None:
    payment = pay(session, customer, 1_009)
    for number in range(9):
        refund(session, payment, 100, str(number))
        left = held(session, customer).available_points
        assert left == 100 - 100 * int(payment.refunded) // 1_009
    refund(session, payment, 109, "last")
    assert (held(session, customer).available_points, held(session, customer).total_points) == (0, 0)
    assert (payment.clawed_back, held(session, customer).total_spent) == (100, Decimal(0))


def test_more_than_was_paid_is_not_given_back(session: Session, customer: Customer) -> None:
    payment = pay(session, customer, 1_000)
    refund(session, payment, 600)
    with pytest.raises(FactRefused, match=r"฿400\.00 .* left"):
        refund(session, payment, "400.01", "second")
    assert held(session, customer).available_points == 40


def test_a_refund_told_twice_is_one_and_with_another_amount_refused(session: Session, customer: Customer) -> None:
    payment = pay(session, customer, 1_000)
    assert refund(session, payment, 300) is refund(session, payment, 300)
    with pytest.raises(FactRefused, match="another amount"):
        refund(session, payment, 301)
    assert held(session, customer).available_points == 70


def test_refunded_points_that_were_spent_are_owed_and_then_earned_back(
    session: Session, clinic: Clinic, customer: Customer
) -> None:
    payment = pay(session, customer, 1_000)
    ledger.spend(session, held(session, customer), 80, Cause("reward"), NOW)
    refund(session, payment, 1_000)
    profile = held(session, customer)
    assert (profile.available_points, profile.debt, profile.total_points) == (-80, 80, 0)
    pay(session, customer, 500, "2")
    assert (profile.available_points, profile.debt) == (-30, 30)
    pay(session, customer, 500, "3")
    assert (profile.available_points, profile.debt) == (20, 0)
    session.flush()
    assert sorted(session.scalars(select(PointLot.remaining))) == [0, 0, 0, 20]
    assert reconcile.check(session, clinic) == []


def test_a_refund_lowers_the_tier_and_its_menu_at_once(session: Session, mali: LineLink) -> None:
    points.create_loyalty_profile(session, mali.customer, NOW)
    looked_at(session, mali)
    payment = pay(session, mali.customer, 30_000)
    assert (held(session, mali.customer).current_tier, menu_of(session, mali)) == ("gold", "gold-th")
    looked_at(session, mali)
    refund(session, payment, 15_000)
    assert (held(session, mali.customer).current_tier, menu_of(session, mali)) == ("silver", "silver-th")
    told = session.scalars(select(Notification.kind).order_by(Notification.id)).all()
    assert (told.count("tier_upgraded"), told.count("points_clawed_back")) == (1, 1)


@pytest.mark.parametrize(
    ("ago", "spendable", "news", "ends"),
    [(3, 350, ["points_earned"], "2027-02-01"), (340, 350, ["points_earned"], "2026-03-01"), (400, 0, [], "2026-01-01"),
     (5 * 365, 0, [], "2022-03-01")],
)  # fmt: skip
def test_what_was_paid_long_ago_counts_and_its_points_live_from_then(
    session: Session, clinic: Clinic, mali: LineLink, ago: int, spendable: int, news: list[str], ends: str
) -> None:
    payment = paid(
        session, mali.customer, source="till", external_id="1", amount=Decimal(3_500), service_code=None,
        paid_at=NOW - timedelta(days=ago), now=NOW,
    ).payment  # fmt: skip
    profile = ledger.open_profile(session, mali.customer, NOW)
    assert (profile.available_points, profile.total_points, profile.total_spent) == (spendable, 350, Decimal(3_500))
    lot = session.scalars(select(PointLot).where(PointLot.transaction_id == payment.transaction_id)).one()
    assert (
        lot.expires_at is not None and lot.expires_at.astimezone(clinic.settings.voice.zone).date().isoformat() == ends
    )
    assert [one.kind for one in session.scalars(select(Notification)) if one.kind.startswith("points")] == news
    assert reconcile.check(session, clinic) == []


@pytest.mark.parametrize(("ago", "promised"), [(0, 350), (2, 350), (8, 0)])
def test_points_wait_from_the_payment_and_not_from_when_it_is_told(
    session: Session, clinic: Clinic, customer: Customer, ago: int, promised: int
) -> None:
    clinic.own_settings = {"points": {"treatment_pending_days": 7}}
    told = paid(
        session, customer, source="till", external_id="1", amount=Decimal(3_500), paid_at=NOW - timedelta(days=ago),
        service_code=None, now=NOW,
    )  # fmt: skip
    assert (told.promised, told.earned) == (promised, 350 - promised)


def test_points_that_wait_come_on_their_day_with_their_breakdown(
    session: Session, clinic: Clinic, customer: Customer
) -> None:
    clinic.own_settings = {"points": {"treatment_pending_days": 7}}
    payment = pay(session, customer, 1_000)
    assert (payment.transaction_id, held(session, customer).available_points) == (None, 0)
    assert standing.of(session, held(session, customer), NOW).pending == 100
    almost = NOW + WEEK - timedelta(seconds=1)
    assert ledger.open_profile(session, customer, almost).available_points == 0
    assert ledger.open_profile(session, customer, NOW + WEEK).available_points == 100
    line = session.scalars(select(PointTransaction)).one()
    assert (line.created_at, line.description) == (NOW + WEEK, "laser")
    assert line.breakdown is not None and line.breakdown["multiplier"] == "1"


def test_a_refund_before_the_day_lowers_what_will_come_and_after_it_takes_the_rest(
    session: Session, clinic: Clinic, customer: Customer
) -> None:
    clinic.own_settings = {"points": {"treatment_pending_days": 7}}
    payment = pay(session, customer, 1_000)
    refund(session, payment, 500, "1")
    assert session.scalars(select(PendingPoints.amount)).one() == 50
    later = NOW + WEEK
    assert ledger.open_profile(session, customer, later).available_points == 50
    refund(session, payment, 250, "2", later)
    assert held(session, customer).available_points == 25
    refund(session, payment, 250, "3", later)
    assert (held(session, customer).available_points, held(session, customer).debt) == (0, 0)


def test_a_payment_given_back_before_its_day_earns_nothing(
    session: Session, clinic: Clinic, customer: Customer
) -> None:
    clinic.own_settings = {"points": {"treatment_pending_days": 7}}
    payment = pay(session, customer, 1_000)
    refund(session, payment, 1_000)
    waiting = session.scalars(select(PendingPoints)).one()
    assert (waiting.state, waiting.reason) == ("void", "refunded")
    assert ledger.open_profile(session, customer, NOW + WEEK).available_points == 0
    assert session.scalars(select(PointTransaction)).all() == []
