"""After two records were taken apart: what is given back later, and what still waited to be said."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from facts.refunded import refunded
from loyalty import ledger, notifications, points, redemptions, rewards
from loyalty.entries import Cause
from models.clinics import Clinic
from models.loyalty import Notification, PointLot, PointTransaction
from tests.facts.joined import DAY, LATER, Two
from tests.fixtures.clinic import NOW
from tests.fixtures.rewards import make_reward


@pytest.fixture
def two(session: Session, clinic: Clinic) -> Two:
    return Two(session, clinic)


@pytest.mark.parametrize("how", ["cancelled", "lapsed"])
def test_a_reward_given_back_after_the_cut_fills_the_lots_of_each(session: Session, two: Two, how: str) -> None:
    two.pay(two.record, "1", 10_000, NOW - 40 * DAY)  # its points expire before the friend's own
    two.link()
    own = two.profile(two.friend).available_points - 1_000
    reward = make_reward(session, two.clinic, price=1_050)
    bought = rewards.redeem(session, two.friend, reward.id, LATER)
    assert two.cut().points == 0
    if how == "cancelled":
        assert redemptions.cancel(session, bought, LATER, actor="customer") == 50
    else:
        assert redemptions.expire_due(session, two.clinic, bought.expires_at) == 1
        told = session.scalars(select(Notification).where(Notification.kind == "redemption_expired")).one()
        assert (told.customer_id, told.data["points"]) == (two.friend.id, 50)
    session.flush()
    two.agrees()
    assert [two.profile(one).available_points for one in (two.record, two.friend)] == [1_000, own]
    lines = {one: points.history(session, one)[0][0] for one in (two.record, two.friend)}
    assert {one: (line.type, line.amount, line.source) for one, line in lines.items()} == {
        two.record: ("reversed", 1_000, "transfer"), two.friend: ("reversed", 50, "reward_cancelled"),
    }  # fmt: skip


def test_a_reward_that_was_bought_with_the_record_s_points_alone_brings_the_friend_none(
    session: Session, two: Two
) -> None:
    two.pay(two.record, "1", 10_000, NOW - 40 * DAY)
    two.link()
    own = two.profile(two.friend).available_points - 1_000
    bought = rewards.redeem(session, two.friend, make_reward(session, two.clinic, price=900).id, LATER)
    assert not redemptions.all_elsewhere(session, bought)
    assert (two.cut().points, redemptions.all_elsewhere(session, bought)) == (100, True)
    assert redemptions.cancel(session, bought, LATER, actor="customer") == 0
    spent = session.get_one(PointTransaction, (bought.transaction_id, bought.clinic_id))
    profile = ledger.open_profile(session, two.friend, LATER)
    assert ledger.reverse(session, profile, spent, "reward_cancelled", LATER, actor="staff") == 0
    session.flush()
    two.agrees()
    assert [two.profile(one).available_points for one in (two.record, two.friend)] == [1_000, own]


def test_news_that_waits_about_what_goes_back_waits_for_the_friend_no_more(session: Session, two: Two) -> None:
    two.pay(two.record, "1", 60_000, NOW)
    two.link()
    late = LATER - timedelta(seconds=1)
    theirs = two.pay(two.friend, "2", 2_000, late)
    refunded(session, theirs, external_id="r", amount=Decimal(500), refunded_at=late, now=late)
    mine = two.pay(two.friend, "3", 700, late, source="staff")
    since = Notification.created_at >= NOW + DAY
    news = select(Notification.kind, Notification.data["payment"].astext).where(Notification.state == "open", since)
    rises = Notification.kind == "tier_upgraded", Notification.customer_id == two.friend.id, since
    assert session.scalar(select(func.count()).where(*rises, Notification.state == "open")) == 1
    two.cut()
    earned, taken = ("points_earned", str(theirs.id)), ("points_clawed_back", str(theirs.id))
    waiting = session.execute(news.where(Notification.customer_id == two.record.id)).all()
    assert {tuple(one) for one in waiting} == {earned, taken}
    stays = session.execute(news.where(Notification.customer_id == two.friend.id)).all()
    assert {tuple(one) for one in stays} == {("points_earned", str(mine.id)), ("unlinked", None)}
    assert session.scalars(select(Notification.reason).where(*rises)).all() == ["taken_apart"]


@pytest.mark.parametrize(("whose", "reason"), [("record", "taken_apart"), ("friend", None)])
def test_what_expired_of_the_record_is_not_told_to_the_friend_in_one_sum(
    session: Session, two: Two, whose: str, reason: str | None
) -> None:
    one = two.record if whose == "record" else two.friend
    at = NOW + 2 * DAY
    earned = ledger.earn(session, ledger.open_profile(session, one, NOW), 30, Cause("award", key="over"), NOW)
    session.execute(update(PointLot).where(PointLot.transaction_id == earned.id).values(expires_at=at))
    two.link()
    two.profile(two.friend).due_at = at
    ledger.open_profile(session, two.friend, at)
    news = Notification.kind == "points_expired"
    notifications.write(session, two.friend, "points_expired", at, data={"points": 30, "on": at.isoformat()})
    two.cut()
    told = session.execute(select(Notification.customer_id, Notification.reason).where(news)).all()
    assert [tuple(one) for one in told] == [(two.friend.id, reason)]
