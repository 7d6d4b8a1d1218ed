"""Points that return to a lot which has expired live thirty more days: once a lot, however often they return."""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from loyalty import ledger, merge, points, reconcile, redemptions, rewards
from loyalty.entries import Cause
from models.customers import Customer, LineLink
from models.loyalty import PointTransaction
from tests.fixtures.rewards import make_reward

BANGKOK = ZoneInfo("Asia/Bangkok")
EARNED = datetime(2025, 1, 10, 12, tzinfo=BANGKOK)
ENDS = datetime(2026, 2, 1, tzinfo=BANGKOK)
BACK = datetime(2026, 2, 15, 12, tzinfo=BANGKOK)
GRACE_ENDS = BACK + timedelta(days=30)
HOUR = timedelta(hours=1)


@pytest.fixture
def customer(session: Session, mali: LineLink) -> Customer:
    points.award_points(session, mali.customer, 500, "course", now=EARNED)
    return mali.customer


def buy(session: Session, customer: Customer, at: datetime, amount: int = 500) -> PointTransaction:
    return ledger.spend(session, ledger.open_profile(session, customer, at), amount, Cause("reward"), at)


def return_(session: Session, customer: Customer, bought: PointTransaction, at: datetime) -> int:
    """What is available afterwards."""
    profile = ledger.open_profile(session, customer, at)
    ledger.reverse(session, profile, bought, "reward_cancelled", at, actor="test")
    session.flush()
    assert reconcile.check(session, customer.clinic) == []
    return profile.available_points


def available(session: Session, customer: Customer, at: datetime) -> int:
    return ledger.open_profile(session, customer, at).available_points


def test_a_lot_is_given_thirty_days_once(session: Session, customer: Customer) -> None:
    assert return_(session, customer, buy(session, customer, ENDS - HOUR), BACK) == 500
    again = buy(session, customer, GRACE_ENDS - HOUR)
    assert return_(session, customer, again, GRACE_ENDS + timedelta(days=14)) == 0
    lines = session.scalars(select(PointTransaction).order_by(PointTransaction.id)).all()
    assert [line.amount for line in lines] == [500, -500, 500, -500, 500, -500]
    assert (lines[-1].type, lines[-1].occurred_at) == ("expired", GRACE_ENDS + timedelta(days=14))


def test_within_the_thirty_days_points_go_to_and_fro(session: Session, customer: Customer) -> None:
    assert return_(session, customer, buy(session, customer, ENDS - HOUR), BACK) == 500
    for days in (3, 9, 27):
        bought = buy(session, customer, BACK + timedelta(days=days))
        assert return_(session, customer, bought, BACK + timedelta(days=days, hours=5)) == 500
    assert available(session, customer, GRACE_ENDS - HOUR) == 500
    assert available(session, customer, GRACE_ENDS) == 0


def test_the_thirty_days_begin_with_the_first_that_return(session: Session, customer: Customer) -> None:
    """Two purchases of one lot: the second to return has what is left of the grace, the third none."""
    first, second, third = (buy(session, customer, ENDS - HOUR, amount) for amount in (100, 150, 250))
    assert return_(session, customer, first, BACK) == 100
    assert return_(session, customer, second, BACK + timedelta(days=20)) == 250
    assert available(session, customer, GRACE_ENDS) == 0
    assert return_(session, customer, third, GRACE_ENDS + HOUR) == 0
    assert available(session, customer, GRACE_ENDS + timedelta(days=29)) == 0


def test_what_returns_too_late_still_pays_what_is_owed(session: Session, customer: Customer) -> None:
    assert return_(session, customer, buy(session, customer, ENDS - HOUR), BACK) == 500
    again = buy(session, customer, GRACE_ENDS - HOUR)
    late = points.award_points(session, customer, 200, "x", now=GRACE_ENDS)
    buy(session, customer, GRACE_ENDS, 200)
    profile = ledger.open_profile(session, customer, GRACE_ENDS)
    ledger.claw_back(session, profile, late, 200, Cause("refund"), GRACE_ENDS)
    assert (profile.available_points, profile.debt) == (-200, 200)
    assert return_(session, customer, again, GRACE_ENDS + HOUR) == 0
    assert profile.debt == 0


def test_a_merge_renews_nothing(session: Session, customer: Customer, meet: Callable[..., Customer]) -> None:
    assert return_(session, customer, buy(session, customer, ENDS - HOUR), BACK) == 500
    survivor = meet()
    merge.merge_customers(session, customer, survivor, BACK, actor="test")
    again = buy(session, survivor, GRACE_ENDS - HOUR)
    assert return_(session, survivor, again, GRACE_ENDS + HOUR) == 0


def test_whoever_cancels_is_told_what_is_theirs_again(session: Session, customer: Customer) -> None:
    reward = make_reward(session, customer.clinic, "mask", 500, code_days=90)
    first = rewards.redeem(session, customer, reward.id, ENDS - HOUR)
    assert redemptions.cancel(session, first, BACK, actor="customer") == 500
    again = rewards.redeem(session, customer, reward.id, GRACE_ENDS - HOUR)
    assert redemptions.cancel(session, again, GRACE_ENDS, actor="customer") == 0
