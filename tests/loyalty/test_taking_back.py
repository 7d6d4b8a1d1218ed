"""What a refund takes: never what has expired already, and of the total always all of it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from facts.paid import paid
from facts.refunded import refunded
from loyalty import ledger, merge, points, reconcile
from loyalty.entries import Cause
from models.customers import Customer, LineLink
from models.facts import Payment
from models.loyalty import LoyaltyProfile, Notification, PointTransaction

BANGKOK = ZoneInfo("Asia/Bangkok")
PAID = datetime(2025, 1, 10, 12, tzinfo=BANGKOK)
ENDS = datetime(2026, 2, 1, tzinfo=BANGKOK)
AFTER = ENDS + timedelta(days=1)


@pytest.fixture
def customer(mali: LineLink) -> Customer:
    mali.customer.clinic.own_settings = {"points": {"welcome": 0}}
    return mali.customer


def pay(session: Session, customer: Customer, baht: int, at: datetime, name: str = "p") -> Payment:
    return paid(
        session, customer, source="till", external_id=name, amount=Decimal(baht), paid_at=at, service_code=None, now=at
    ).payment


def give_back(session: Session, payment: Payment, baht: int, at: datetime) -> int:
    name = f"{payment.refunded}+{baht}"
    return refunded(session, payment, external_id=name, amount=Decimal(baht), refunded_at=at, now=at).taken_back


def spend(session: Session, customer: Customer, amount: int, at: datetime) -> PointTransaction:
    return ledger.spend(session, ledger.open_profile(session, customer, at), amount, Cause("reward"), at)


def figures(session: Session, customer: Customer, now: datetime) -> tuple[int, int, int]:
    """(available, debt, total), of a ledger whose sums are the sums."""
    profile = ledger.open_profile(session, customer, now)
    session.flush()
    assert reconcile.check(session, customer.clinic) == []
    return profile.available_points, profile.debt, profile.total_points


def test_points_that_have_expired_are_not_taken_again(session: Session, customer: Customer) -> None:
    payment = pay(session, customer, 1_000, PAID)
    pay(session, customer, 800, AFTER, "q")
    assert figures(session, customer, AFTER) == (80, 0, 180)
    assert give_back(session, payment, 1_000, AFTER + timedelta(days=1)) == 0
    assert figures(session, customer, AFTER) == (80, 0, 80)
    told = session.scalars(select(Notification).where(Notification.kind == "points_clawed_back")).all()
    assert told == []


@pytest.mark.parametrize(
    ("baht", "taken", "left"),
    [
        pytest.param(500, 50, (30, 0, 130), id="a part: no more of it than its share"),
        pytest.param(900, 60, (20, 0, 90), id="most of it: no more than has not expired"),
        pytest.param(1_000, 60, (20, 0, 80), id="all of it"),
    ],
)
def test_what_was_spent_before_the_rest_expired_is_owed(
    session: Session, customer: Customer, baht: int, taken: int, left: tuple[int, int, int]
) -> None:
    payment = pay(session, customer, 1_000, PAID)
    spend(session, customer, 60, PAID + timedelta(days=1))
    pay(session, customer, 800, AFTER, "q")
    assert give_back(session, payment, baht, AFTER) == taken
    assert figures(session, customer, AFTER) == left


def test_two_parts_take_no_more_than_one_whole(session: Session, customer: Customer) -> None:
    payment = pay(session, customer, 1_000, PAID)
    spend(session, customer, 60, PAID + timedelta(days=1))
    assert [give_back(session, payment, 400, AFTER), give_back(session, payment, 600, AFTER)] == [40, 20]
    assert figures(session, customer, AFTER) == (-60, 60, 0)


def test_what_remains_is_taken_before_what_was_spent(session: Session, customer: Customer) -> None:
    payment = pay(session, customer, 1_000, PAID)
    spend(session, customer, 60, PAID + timedelta(days=1))
    assert give_back(session, payment, 500, PAID + timedelta(days=2)) == 50
    assert figures(session, customer, PAID + timedelta(days=2)) == (-10, 10, 50)
    assert give_back(session, payment, 500, AFTER) == 50
    assert figures(session, customer, AFTER) == (-60, 60, 0)


def test_points_taken_back_before_the_end_do_not_expire(session: Session, customer: Customer) -> None:
    payment = pay(session, customer, 1_000, PAID)
    give_back(session, payment, 300, PAID + timedelta(days=1))
    assert figures(session, customer, AFTER) == (0, 0, 70)
    assert give_back(session, payment, 700, AFTER) == 0
    assert figures(session, customer, AFTER) == (0, 0, 0)


def test_points_that_came_back_can_be_taken_while_they_live(session: Session, customer: Customer) -> None:
    payment = pay(session, customer, 1_000, PAID)
    bought = spend(session, customer, 100, PAID + timedelta(days=1))
    ledger.reverse(session, ledger.open_profile(session, customer, AFTER), bought, "reward_cancelled", AFTER, actor="x")
    assert give_back(session, payment, 400, AFTER) == 40
    assert figures(session, customer, AFTER) == (60, 0, 60)
    later = AFTER + timedelta(days=31)
    assert give_back(session, payment, 600, later) == 0
    assert figures(session, customer, later) == (0, 0, 0)


def test_what_expired_before_a_merge_is_gone_after_it(
    session: Session, customer: Customer, meet: Callable[..., Customer]
) -> None:
    payment = pay(session, customer, 1_000, PAID)
    spend(session, customer, 60, PAID + timedelta(days=1))
    survivor = meet()
    points.award_points(session, survivor, 500, "x", now=AFTER)
    merge.merge_customers(session, customer, survivor, AFTER, actor="test")
    assert give_back(session, payment, 1_000, AFTER) == 60
    assert figures(session, survivor, AFTER) == (440, 0, 500)
    held = session.get_one(LoyaltyProfile, (customer.id, customer.clinic_id))
    assert (held.total_points, held.available_points) == (0, 0)


def test_an_entry_counts_on_its_day_and_a_reversal_on_that_of_what_it_reverses(
    session: Session, customer: Customer
) -> None:
    """Both are told late."""
    told = PAID + timedelta(days=9)
    payment = paid(
        session, customer, source="till", external_id="p", amount=Decimal(1_000), paid_at=PAID, service_code=None,
        now=told,
    ).payment  # fmt: skip
    back = PAID + timedelta(days=3)
    refunded(session, payment, external_id="r", amount=Decimal(500), refunded_at=back, now=told + timedelta(days=1))
    rows = session.scalars(select(PointTransaction).order_by(PointTransaction.created_at)).all()
    assert [(row.amount, row.counted, row.counts_at, row.occurred_at, row.created_at) for row in rows] == [
        (100, 100, PAID, PAID, told),
        (-50, -50, PAID, back, told + timedelta(days=1)),
    ]


def test_a_till_whose_clock_is_ahead_earns_no_tomorrow(session: Session, customer: Customer) -> None:
    paid(
        session, customer, source="till", external_id="p", amount=Decimal(1_000), paid_at=PAID + timedelta(hours=20),
        service_code=None, now=PAID,
    )  # fmt: skip
    assert session.scalars(select(PointTransaction.counts_at)).all() == [PAID]
