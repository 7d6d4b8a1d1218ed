"""The history is in the order in which things happened, whenever they were told; pages stay where they are."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from facts.paid import paid
from facts.refunded import refunded
from loyalty import ledger, points
from loyalty.entries import Cause
from models.customers import Customer, LineLink
from models.facts import Payment
from models.loyalty import PointTransaction
from tests.fixtures.clinic import NOW
from tests.loyalty.earning import Property

DAY = timedelta(days=1)


@pytest.fixture
def member(mali: LineLink) -> Customer:
    return mali.customer


def pay(session: Session, customer: Customer, baht: int, at: datetime, told: datetime) -> Payment:
    return paid(
        session, customer, source="till", external_id=f"{baht}", amount=Decimal(baht), paid_at=at, service_code=None,
        now=told,
    ).payment  # fmt: skip


def read(session: Session, customer: Customer, limit: int = 3) -> list[PointTransaction]:
    """All of it, page by page."""
    lines, older = points.history(session, customer, limit=limit)
    found = list(lines)
    while older is not None:
        lines, older = points.history(session, customer, before=older, limit=limit)
        found += lines
    return found


def test_what_is_told_late_stands_where_it_happened(session: Session, member: Customer) -> None:
    pay(session, member, 100, NOW, NOW)
    pay(session, member, 300, NOW + 2 * DAY, NOW + 2 * DAY)
    pay(session, member, 200, NOW + DAY, NOW + 5 * DAY)
    assert [line.amount for line in read(session, member)] == [30, 20, 10]


def test_a_refund_stands_on_its_own_day(session: Session, member: Customer) -> None:
    payment = pay(session, member, 100, NOW, NOW)
    pay(session, member, 300, NOW + 2 * DAY, NOW + 2 * DAY)
    refunded(
        session, payment, external_id="r", amount=Decimal(100), refunded_at=NOW + DAY, now=NOW + 3 * DAY
    )  # fmt: skip
    assert [line.amount for line in read(session, member)] == [30, -10, 10]


def test_an_expiry_that_is_noticed_late_stands_at_the_end_of_the_points(session: Session, member: Customer) -> None:
    first = points.award_points(session, member, 10, "x", now=NOW)
    assert first.expires_at is not None
    pay(session, member, 200, first.expires_at + DAY, first.expires_at + 3 * DAY)
    profile = ledger.open_profile(session, member, first.expires_at + 3 * DAY)
    ledger.spend(session, profile, 5, Cause("reward"), first.expires_at + 3 * DAY)
    assert [line.amount for line in read(session, member)] == [-5, 20, -10, 10]


def test_a_page_that_was_read_is_not_moved_by_what_is_told_later(session: Session, member: Customer) -> None:
    for number in range(1, 7):
        pay(session, member, 100 * number, NOW + number * DAY, NOW + 7 * DAY)
    lines, older = points.history(session, member, limit=3)
    assert [line.amount for line in lines] == [60, 50, 40]
    pay(session, member, 5_000, NOW + 5 * DAY, NOW + 8 * DAY)
    pay(session, member, 250, NOW + 2 * DAY + DAY / 2, NOW + 8 * DAY)
    lines, older = points.history(session, member, before=older, limit=3)
    assert [line.amount for line in lines] == [30, 25, 20]
    lines, older = points.history(session, member, before=older, limit=3)
    assert ([line.amount for line in lines], older) == ([10], None)


@Property
@given(days=st.lists(st.integers(0, 4), min_size=1, max_size=9), limit=st.integers(1, 4))
def test_every_line_is_on_one_page(session: Session, member: Customer, days: list[int], limit: int) -> None:
    """Many on one day, told in any order."""
    with session.begin_nested() as undone:
        for number, day in enumerate(days):
            pay(session, member, 10 * (number + 1), NOW + day * DAY, NOW + 9 * DAY)
        lines = read(session, member, limit)
        assert len({line.id for line in lines}) == len(lines) == len(days)
        assert [line.occurred_at for line in lines] == sorted((line.occurred_at for line in lines), reverse=True)
        undone.rollback()
