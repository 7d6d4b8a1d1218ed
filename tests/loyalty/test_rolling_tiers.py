"""The policy `rolling_12_months`: up at once, down by the monthly review, one step, after three warnings."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from facts.paid import paid
from facts.refunded import refunded
from loyalty import points, reconcile, standing, tier_review
from loyalty.merge import merge_customers
from loyalty.payments import quote
from loyalty.rolling import year_before
from models.customers import Customer, LineLink
from models.facts import Payment
from models.loyalty import LoyaltyProfile, Notification
from tests.fixtures.menus import looked_at, menu_of

BANGKOK = ZoneInfo("Asia/Bangkok")


def at(year: int, month: int, day: int, hour: int = 12) -> datetime:
    return datetime(year, month, day, hour, tzinfo=BANGKOK)


@pytest.fixture
def member(session: Session, mali: LineLink) -> LineLink:
    """Mali, who joined long ago and has earned 3,500 points on 10 March 2025: gold under either policy."""
    mali.customer.clinic.own_settings = {"tiers": {"policy": "rolling_12_months"}, "points": {"welcome": 0}}
    points.create_loyalty_profile(session, mali.customer, at(2025, 1, 5))
    points.award_points(session, mali.customer, 3_500, "course", now=at(2025, 3, 10))
    return mali


def profile(session: Session, member: LineLink) -> LoyaltyProfile:
    session.expire_all()
    return session.get_one(LoyaltyProfile, (member.customer_id, member.clinic_id))


def review(session: Session, member: LineLink, *days: datetime) -> list[str]:
    """The tier after each of these reviews."""
    seen = []
    for day in days:
        while tier_review.review(session, member.customer.clinic, day.date(), day):
            pass
        seen.append(profile(session, member).current_tier)
    return seen


def test_a_rise_is_immediate_and_a_fall_waits_for_the_review(session: Session, member: LineLink) -> None:
    held = profile(session, member)
    assert held.current_tier == "gold"
    later = standing.of(session, held, at(2026, 3, 20))
    assert (later.tier.name, later.deciding, later.total) == ("gold", 0, 3_500)
    assert quote(session, member.customer, Decimal(1_000), at(2026, 3, 20)).multiplier == 2


def test_the_review_goes_one_step_a_month_and_only_on_the_first(session: Session, member: LineLink) -> None:
    looked_at(session, member)
    months = [at(2026, 3, 1), at(2026, 3, 15), at(2026, 4, 1), at(2026, 4, 1), at(2026, 5, 1), at(2026, 6, 1)]
    assert review(session, member, *months) == ["gold", "gold", "silver", "silver", "bronze", "bronze"]
    assert menu_of(session, member) == "bronze-th"
    kinds = list(session.scalars(select(Notification.kind).order_by(Notification.id)))
    assert kinds.count("tier_lowered") == 2
    assert reconcile.check(session, member.customer.clinic) == []


def test_who_has_earned_enough_again_stays(session: Session, member: LineLink) -> None:
    points.award_points(session, member.customer, 3_000, "course", now=at(2026, 2, 20))
    assert review(session, member, at(2026, 4, 1)) == ["gold"]


def test_spending_lowers_no_tier(session: Session, member: LineLink) -> None:
    points.adjust_points(session, member.customer, -3_000, "used at the desk", now=at(2025, 4, 1), actor="staff")
    assert review(session, member, at(2025, 5, 1)) == ["gold"]


def test_a_refund_takes_the_tier_it_gave_at_once(session: Session, member: LineLink) -> None:
    payment = paid(
        session, member.customer, source="till", external_id="1", amount=Decimal(25_000), paid_at=at(2025, 4, 1),
        service_code=None, now=at(2025, 4, 1),
    ).payment  # fmt: skip
    assert profile(session, member).current_tier == "platinum"
    refunded(session, payment, external_id="r1", amount=Decimal(25_000), refunded_at=at(2025, 4, 2), now=at(2025, 4, 2))
    assert profile(session, member).current_tier == "gold"


@pytest.mark.parametrize("days", [60, 30, 7])
def test_a_fall_is_told_beforehand_once(session: Session, member: LineLink, days: int) -> None:
    day = date(2026, 4, 1) - timedelta(days=days)
    for _ in range(2):
        tier_review.warn(session, member.customer.clinic, day)
    (told,) = session.scalars(select(Notification).where(Notification.kind == "tier_at_risk"))
    assert told.data == {"tier": "gold", "below": "silver", "missing": 3_000, "on": "2026-04-01"}
    assert told.due_at.astimezone(BANGKOK) == at(day.year, day.month, day.day, 10)


def test_nobody_is_warned_without_need(session: Session, member: LineLink) -> None:
    tier_review.warn(
        session, member.customer.clinic, date(2026, 1, 30)
    )  # 30 days before the first of March: still gold
    assert list(session.scalars(select(Notification).where(Notification.kind == "tier_at_risk"))) == []


def test_lifetime_is_never_reviewed(session: Session, member: LineLink) -> None:
    member.customer.clinic.own_settings = {}
    assert review(session, member, at(2026, 4, 1)) == ["gold"]


def test_a_year_before_a_leap_day() -> None:
    assert year_before(at(2028, 2, 29)) == at(2027, 2, 28)


def pay(session: Session, member: LineLink, baht: int, day: datetime, told: datetime | None = None) -> Payment:
    return paid(
        session, member.customer, source="till", external_id=f"{day}", amount=Decimal(baht), paid_at=day,
        service_code=None, now=told or day,
    ).payment  # fmt: skip


def give_back(session: Session, payment: Payment, baht: int, day: datetime) -> None:
    refunded(session, payment, external_id=f"{day}", amount=Decimal(baht), refunded_at=day, now=day)


@pytest.fixture
def newcomer(session: Session, mali: LineLink) -> LineLink:
    mali.customer.clinic.own_settings = {"tiers": {"policy": "rolling_12_months"}, "points": {"welcome": 0}}
    return mali


def test_a_refund_of_what_no_longer_counts_lowers_no_tier(session: Session, newcomer: LineLink) -> None:
    payment = pay(session, newcomer, 30_000, at(2025, 1, 10))
    points.award_points(session, newcomer.customer, 3_200, "course", now=at(2025, 9, 1))
    give_back(session, payment, 30_000, at(2026, 2, 3))
    held = profile(session, newcomer)
    stands = standing.of(session, held, at(2026, 2, 3))
    assert (held.current_tier, stands.deciding, stands.total) == ("gold", 3_200, 3_200)
    assert review(session, newcomer, at(2026, 3, 1)) == ["gold"]


def test_a_refund_leaves_a_tier_that_waits_for_its_review(session: Session, member: LineLink) -> None:
    """Gold rests on nothing any more and falls by the review; giving back a little does not hurry it."""
    payment = pay(session, member, 500, at(2026, 3, 12))
    give_back(session, payment, 500, at(2026, 3, 13))
    points.adjust_points(session, member.customer, 10, "gift", now=at(2026, 3, 13), actor="staff", counts=True)
    points.adjust_points(session, member.customer, -10, "not so", now=at(2026, 3, 14), actor="staff", counts=True)
    assert profile(session, member).current_tier == "gold"
    assert review(session, member, at(2026, 4, 1)) == ["silver"]


def test_a_refund_in_part_takes_the_tier_that_rested_on_it(session: Session, newcomer: LineLink) -> None:
    payment = pay(session, newcomer, 30_000, at(2025, 9, 1))
    assert profile(session, newcomer).current_tier == "gold"
    give_back(session, payment, 10_000, at(2026, 2, 3))
    assert profile(session, newcomer).current_tier == "silver"


def test_a_payment_told_late_counts_on_its_day(session: Session, newcomer: LineLink) -> None:
    payment = pay(session, newcomer, 30_000, at(2025, 1, 10), told=at(2026, 2, 2))
    assert (profile(session, newcomer).current_tier, profile(session, newcomer).total_points) == ("bronze", 3_000)
    give_back(session, payment, 30_000, at(2026, 2, 3))
    assert standing.of(session, profile(session, newcomer), at(2026, 2, 3)).deciding == 0


def test_what_two_records_earned_counts_once_after_a_merge(
    session: Session, newcomer: LineLink, meet: Callable[..., Customer]
) -> None:
    payment = pay(session, newcomer, 30_000, at(2025, 9, 1))
    middle, last = meet(), meet()
    points.award_points(session, middle, 500, "x", now=at(2025, 10, 1))
    merge_customers(session, newcomer.customer, middle, at(2026, 1, 1), actor="test")
    merge_customers(session, middle, last, at(2026, 1, 2), actor="test")
    held = session.get_one(LoyaltyProfile, (last.id, last.clinic_id))
    assert (standing.of(session, held, at(2026, 2, 1)).deciding, held.current_tier) == (3_500, "gold")
    give_back(session, payment, 30_000, at(2026, 2, 3))
    assert standing.of(session, held, at(2026, 10, 1)).deciding == 0
    assert standing.of(session, held, at(2026, 9, 1, 11)).deciding == 500
    assert reconcile.check(session, last.clinic) == []
