"""The ledger: the sums are always the sums."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from loyalty import earning, points, standing
from loyalty.errors import BadPoints
from models.clinics import Clinic
from models.customers import Customer, LineLink
from models.loyalty import LoyaltyProfile, PointAllocation, PointLot, PointTransaction
from tests.fixtures.clinic import NOW
from tests.fixtures.menus import looked_at, menu_of


def sums(session: Session, customer: Customer) -> tuple[int, int]:
    """Of the lots, and of the lines."""
    session.flush()
    lots = session.scalar(select(func.sum(PointLot.remaining)).where(PointLot.customer_id == customer.id))
    lines = session.scalar(select(func.sum(PointTransaction.amount)).where(PointTransaction.customer_id == customer.id))
    return lots or 0, lines or 0


def profile(session: Session, customer: Customer) -> LoyaltyProfile:
    return session.get_one(LoyaltyProfile, (customer.id, customer.clinic_id))


def test_an_award_of_a_hundred_is_a_hundred(session: Session, mali: LineLink) -> None:
    points.award_points(session, mali.customer, 100, "test", now=NOW)
    held = profile(session, mali.customer)
    assert (held.available_points, held.total_points, held.current_tier) == (100, 100, "bronze")
    assert mali.customer.joined_at is None


def test_welcome_points_come_once_also_after_an_award(session: Session, mali: LineLink) -> None:
    points.award_points(session, mali.customer, 50, "test", now=NOW)
    for _ in range(2):
        points.create_loyalty_profile(session, mali.customer, NOW)
    assert profile(session, mali.customer).available_points == 150


def test_the_same_fact_earns_once(session: Session, mali: LineLink) -> None:
    first = points.award_points(session, mali.customer, 320, "HydraFacial", now=NOW, key="treatment:1")
    second = points.award_points(session, mali.customer, 999, "another", now=NOW, key="treatment:1")
    assert second is first
    assert profile(session, mali.customer).available_points == 320


def test_a_workflow_is_a_reference_and_not_a_key(session: Session, mali: LineLink) -> None:
    for _ in range(2):
        line = points.award_points(session, mali.customer, 10, "test", workflow_id="w-1", now=NOW)
    assert line.reference == "w-1"
    assert profile(session, mali.customer).available_points == 20


@pytest.mark.parametrize("bad", [0, -1, 1_000_001, True, 1.5, "10"])
def test_absurd_points_are_refused_and_change_nothing(session: Session, mali: LineLink, bad: Any) -> None:
    with pytest.raises(BadPoints, match="whole number"):
        points.award_points(session, mali.customer, bad, "test", now=NOW)
    assert session.get(LoyaltyProfile, (mali.customer_id, mali.clinic_id)) is None


def test_points_live_twelve_months_to_the_end_of_the_month_of_the_clinic(clinic: Clinic) -> None:
    # 23:30 UTC on 31 January is already February in Bangkok.
    earned = datetime(2026, 1, 31, 23, 30, tzinfo=UTC)
    assert earning.expiry_of(earned, clinic, 12).isoformat() == "2027-03-01T00:00:00+07:00"
    assert earning.expiry_of(datetime(2026, 12, 5, tzinfo=UTC), clinic, 12).isoformat() == "2028-01-01T00:00:00+07:00"


def test_a_reading_counts_expiries_that_no_write_has_posted(session: Session, mali: LineLink) -> None:
    points.award_points(session, mali.customer, 100, "old", now=NOW - timedelta(days=400))
    points.award_points(session, mali.customer, 30, "new", now=NOW - timedelta(days=10))
    held = standing.of(session, profile(session, mali.customer), NOW + timedelta(days=30))
    # The second award posted nothing yet: the old lot expires on the first of February 2026... and by now it is gone.
    assert (held.total, held.available) == (130, 30)
    assert held.next_expiry is not None
    assert held.next_expiry[1] == 30


def test_expiry_is_one_line_a_lot_and_says_which(session: Session, mali: LineLink) -> None:
    points.award_points(session, mali.customer, 100, "old", now=NOW - timedelta(days=400))
    points.award_points(session, mali.customer, 30, "new", now=NOW + timedelta(days=60))
    expired = session.scalars(select(PointTransaction).where(PointTransaction.type == "expired")).one()
    allocation = session.scalars(select(PointAllocation)).one()
    lot = session.get_one(PointLot, (allocation.lot_id, allocation.clinic_id))
    assert (expired.amount, allocation.amount, allocation.transaction_id, lot.remaining) == (-100, 100, expired.id, 0)
    assert profile(session, mali.customer).total_points == 130  # what expires was earned all the same


def test_an_upgrade_changes_the_tier_and_the_menu_a_member_should_see(session: Session, mali: LineLink) -> None:
    points.create_loyalty_profile(session, mali.customer, NOW)
    looked_at(session, mali)
    points.award_points(session, mali.customer, 2_900, "test", now=NOW)
    held = profile(session, mali.customer)
    assert (held.current_tier, str(held.tier_progress), menu_of(session, mali)) == ("gold", "0.00", "gold-th")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(1, 500), st.integers(0, 500)), max_size=12))
def test_the_sums_hold_after_any_awards_at_any_times(
    session: Session, mali: LineLink, awards: list[tuple[int, int]]
) -> None:
    now = NOW
    with session.begin_nested() as nested:
        for amount, days in awards:
            now += timedelta(days=days)
            points.award_points(session, mali.customer, amount, "test", now=now)
            session.flush()
            held = profile(session, mali.customer)
            session.refresh(held)
            assert sums(session, mali.customer) == (held.available_points, held.available_points)
            assert held.total_points >= held.available_points >= 0
        nested.rollback()
    session.expire_all()


def test_referral_codes_are_unambiguous_and_their_own(session: Session, mali: LineLink) -> None:
    points.create_loyalty_profile(session, mali.customer, NOW)
    code = profile(session, mali.customer).referral_code
    assert len(code) == 8
    assert not set(code) & set("01OILU")
