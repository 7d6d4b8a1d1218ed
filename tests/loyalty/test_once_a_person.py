"""What is given once a year, once a day or once at all is given once to a person, whichever of their records had it."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from loyalty import birthdays, check_in, points, rewards
from loyalty.merge import merge_customers
from models.customers import Customer
from models.loyalty import LoyaltyProfile, PointTransaction
from models.rewards import Redemption
from tests.fixtures.clinic import NOW
from tests.fixtures.rewards import make_reward
from tests.loyalty.bringing import Meet
from tests.loyalty.earning import TODAY, refusal, text

MERGED = NOW + timedelta(hours=1)
AFTER = NOW + timedelta(hours=2)


def merged(session: Session, *records: Customer) -> Customer:
    """Each into the next; who stands for the person in the end."""
    for gone, stays in pairwise(records):
        merge_customers(session, gone, stays, MERGED, actor="test")
    return records[-1]


def given(session: Session, source: str) -> list[int]:
    return list(session.scalars(select(PointTransaction.amount).where(PointTransaction.source == source)))


@pytest.fixture(params=[2, 3], ids=["one merge", "two merges"])
def others(request: pytest.FixtureRequest, meet: Meet) -> list[Customer]:
    """The records into which Mali's is merged, one after the other."""
    return [meet() for _ in range(request.param - 1)]


def test_a_birthday_is_rewarded_once_a_year(session: Session, member: Customer, others: list[Customer]) -> None:
    birthdays.set_birthday(session, member, 2, 14, NOW)
    person = merged(session, member, *others)
    assert person.birth_month_day == "02-14"
    assert birthdays.reward_due(session, person.clinic, TODAY) == 0
    birthdays.reward(session, person, AFTER)
    assert given(session, "birthday") == [100]
    assert refusal(lambda: birthdays.set_birthday(session, person, 3, 1, AFTER)) == "birthday_locked"
    assert birthdays.reward_due(session, person.clinic, date(2027, 2, 1)) == 1
    assert birthdays.reward_due(session, person.clinic, date(2027, 2, 2)) == 0
    assert given(session, "birthday") == [100, 100]


def test_two_records_with_two_birthdays_have_one_a_year(session: Session, member: Customer, meet: Meet) -> None:
    """Mali's record had its points in February; the one that goes on is of March."""
    birthdays.set_birthday(session, member, 2, 14, NOW)
    other = meet(member=True)
    birthdays.set_birthday(session, other, 3, 14, NOW)
    merged(session, member, other)
    assert birthdays.reward_due(session, other.clinic, date(2026, 3, 1)) == 0
    assert birthdays.reward_due(session, other.clinic, date(2027, 2, 1)) == 0
    assert birthdays.reward_due(session, other.clinic, date(2027, 3, 1)) == 1


def test_one_checks_in_once_a_day(session: Session, member: Customer, others: list[Customer]) -> None:
    check_in.by_text(session, member, text(session, member), NOW)
    person = merged(session, member, *others)
    assert refusal(lambda: check_in.by_text(session, person, text(session, person), AFTER)) == "already_checked_in"
    assert refusal(lambda: check_in.on_day(session, person, TODAY, AFTER, actor="Ploy")) == "already_checked_in"
    assert given(session, "check_in") == [10]
    assert check_in.on_day(session, person, TODAY + timedelta(days=1), NOW + timedelta(days=1)) == 10


def test_a_day_without_points_is_used_as_well(session: Session, member: Customer, others: list[Customer]) -> None:
    member.clinic.own_settings = {"points": {"check_in": 0}}
    check_in.on_day(session, member, TODAY, NOW)
    person = merged(session, member, *others)
    member.clinic.own_settings = {}
    assert refusal(lambda: check_in.on_day(session, person, TODAY, AFTER)) == "already_checked_in"


def test_one_is_welcomed_once(session: Session, member: Customer, others: list[Customer]) -> None:
    person = merged(session, member, *others)
    profile = points.create_loyalty_profile(session, person, AFTER)
    assert given(session, "welcome") == [100]
    assert (profile.available_points, profile.total_points) == (100, 100)


def test_a_tap_that_comes_again_after_a_merge_buys_nothing_more(
    session: Session, member: Customer, others: list[Customer]
) -> None:
    mask = make_reward(session, member.clinic, "mask", 40)
    first = rewards.redeem(session, member, mask.id, NOW, key="tap")
    person = merged(session, member, *others)
    assert rewards.redeem(session, person, mask.id, AFTER, key="tap").id == first.id
    assert len(session.scalars(select(Redemption)).all()) == 1
    assert session.get_one(LoyaltyProfile, (person.id, person.clinic_id)).available_points == 60
