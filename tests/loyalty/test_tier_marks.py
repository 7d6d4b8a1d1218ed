"""The monthly review leaves a mark on each profile, and the next one looks only at those whose mark has passed."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session, sessionmaker

from loyalty import ledger, points, tier_review
from loyalty.merge import merge_customers
from models.clinics import Clinic
from models.customers import Customer, LineLink
from models.loyalty import LoyaltyProfile
from runtime.work import Batch
from tests.loyalty.bringing import Meet

BANGKOK = ZoneInfo("Asia/Bangkok")


def at(year: int, month: int, day: int, hour: int = 12) -> datetime:
    return datetime(year, month, day, hour, tzinfo=BANGKOK)


@pytest.fixture
def gold(session: Session, mali: LineLink) -> Customer:
    """Who earned 2,000 points in March and 1,500 in June of 2025."""
    mali.customer.clinic.own_settings = {"tiers": {"policy": "rolling_12_months"}, "points": {"welcome": 0}}
    for month, amount in ((3, 2_000), (6, 1_500)):
        points.award_points(session, mali.customer, amount, "course", now=at(2025, month, 10))
    return mali.customer


def looked_at(session: Session, clinic: Clinic, day: datetime) -> int:
    """How many a review took in hand, all batches together."""
    rows = 0
    while done := tier_review.review(session, clinic, day.date(), day):
        rows += done
    session.expire_all()
    return rows


def tier(session: Session, customer: Customer) -> str:
    return session.get_one(LoyaltyProfile, (customer.id, customer.clinic_id), populate_existing=True).current_tier


def test_nobody_is_looked_at_before_an_entry_has_gone_that_the_tier_rests_on(session: Session, gold: Customer) -> None:
    assert [looked_at(session, gold.clinic, at(2025, month, 1)) for month in (8, 9, 10)] == [1, 0, 0]
    assert looked_at(session, gold.clinic, at(2026, 3, 1)) == 0
    assert (looked_at(session, gold.clinic, at(2026, 4, 1)), tier(session, gold)) == (1, "silver")


def test_what_is_earned_later_holds_the_tier_though_the_mark_stands(session: Session, gold: Customer) -> None:
    looked_at(session, gold.clinic, at(2025, 8, 1))
    points.award_points(session, gold, 2_000, "course", now=at(2026, 1, 10))
    assert (looked_at(session, gold.clinic, at(2026, 4, 1)), tier(session, gold)) == (1, "gold")
    assert looked_at(session, gold.clinic, at(2026, 5, 1)) == 0
    assert (looked_at(session, gold.clinic, at(2026, 7, 1)), tier(session, gold)) == (1, "silver")


def test_who_is_still_below_is_looked_at_by_the_next_review_and_not_by_the_same(
    session: Session, gold: Customer
) -> None:
    first = [(looked_at(session, gold.clinic, at(2026, 7, 1)), tier(session, gold)) for _ in range(2)]
    assert first == [(1, "silver"), (0, "silver")]
    assert (looked_at(session, gold.clinic, at(2026, 8, 1)), tier(session, gold)) == (1, "bronze")
    assert looked_at(session, gold.clinic, at(2026, 9, 1)) == 0


def test_a_day_that_is_done_again_lowers_nobody_twice(session: Session, gold: Customer) -> None:
    looked_at(session, gold.clinic, at(2026, 7, 1))
    session.get_one(LoyaltyProfile, (gold.id, gold.clinic_id)).tier_asked = 0
    assert (looked_at(session, gold.clinic, at(2026, 7, 1)), tier(session, gold)) == (1, "silver")


def test_who_loses_counted_points_is_looked_at_again(session: Session, gold: Customer) -> None:
    points.award_points(session, gold, 500, "course", now=at(2025, 7, 1))
    looked_at(session, gold.clinic, at(2025, 8, 1))
    points.adjust_points(session, gold, -400, "not so", now=at(2025, 8, 10), actor="staff", counts=True)
    assert (looked_at(session, gold.clinic, at(2025, 9, 1)), tier(session, gold)) == (1, "gold")
    assert (looked_at(session, gold.clinic, at(2026, 4, 1)), tier(session, gold)) == (1, "silver")


def test_who_only_spends_is_not(session: Session, gold: Customer) -> None:
    looked_at(session, gold.clinic, at(2025, 8, 1))
    points.adjust_points(session, gold, -400, "used", now=at(2025, 8, 10), actor="staff")
    assert looked_at(session, gold.clinic, at(2025, 9, 1)) == 0


@pytest.mark.parametrize(("gold_asks", "left"), [(3_400, "gold"), (3_600, "silver"), (2_000, "gold")])
def test_a_tier_that_asks_for_something_else_is_looked_at_whole(
    session: Session, gold: Customer, gold_asks: int, left: str
) -> None:
    looked_at(session, gold.clinic, at(2025, 8, 1))
    steps = [{"name": "bronze", "threshold": 0, "multiplier": 1, "discount": 5},
             {"name": "silver", "threshold": 1_000, "multiplier": 1, "discount": 5},
             {"name": "gold", "threshold": gold_asks, "multiplier": 1, "discount": 5}]  # fmt: skip
    gold.clinic.own_settings = {**gold.clinic.own_settings, "tiers": {"policy": "rolling_12_months", "steps": steps}}
    session.flush()
    assert (looked_at(session, gold.clinic, at(2025, 9, 1)), tier(session, gold)) == (1, left)


def test_two_records_that_become_one_are_looked_at_again(session: Session, gold: Customer, meet: Meet) -> None:
    looked_at(session, gold.clinic, at(2025, 8, 1))
    other = meet()
    points.award_points(session, other, 700, "course", now=at(2025, 7, 1))
    merge_customers(session, other, gold, at(2025, 8, 2), actor="test")
    assert looked_at(session, gold.clinic, at(2025, 9, 1)) == 1
    assert (looked_at(session, gold.clinic, at(2026, 4, 1)), tier(session, gold)) == (1, "silver")


def test_batches_pass_over_whom_somebody_holds(
    sessions: sessionmaker[Session], session: Session, gold: Customer, meet: Meet
) -> None:
    others = [meet() for _ in range(3)]
    for other in others:
        points.award_points(session, other, 1_000, "course", now=at(2025, 7, 1))
    session.commit()
    with sessions() as rival:
        ledger.lock(rival, rival.get_one(Customer, (others[1].id, gold.clinic_id)))
        batch = Batch(10)
        assert tier_review.review(session, gold.clinic, at(2025, 8, 1).date(), at(2025, 8, 1), batch) == 3
        assert len(batch.ids) == 4
        session.commit()
    assert looked_at(session, gold.clinic, at(2025, 8, 1)) == 1
