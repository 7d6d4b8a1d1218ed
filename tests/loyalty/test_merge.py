"""Two records found to be one person: one purse, one history each, nothing twice."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from customers.people import new_customer
from facts.paid import paid
from facts.refunded import refunded
from facts.visited import visited
from loyalty import achievements, ledger, pending, points, reconcile, redemptions, rewards
from loyalty.entries import Cause
from loyalty.errors import CustomerMerged
from loyalty.merge import CannotMerge, merge_customers
from models.clinics import Clinic
from models.customers import Customer
from models.facts import Payment, Review
from models.loyalty import LoyaltyProfile, Notification, PointLot, PointTransaction
from models.rewards import Achievement, AchievementUnlock, Reward
from tests.fixtures.clinic import NOW, make_clinic

DAY = timedelta(days=1)


class Pair:
    """Mali as the till knows her, and Mali on LINE."""

    def __init__(self, session: Session, clinic: Clinic) -> None:
        self.session, self.clinic = session, clinic
        self.duplicate, self.survivor = new_customer(session, clinic, NOW), new_customer(session, clinic, NOW)

    def merge(self) -> None:
        merge_customers(self.session, self.duplicate, self.survivor, NOW + DAY, actor="staff")
        self.session.flush()
        assert reconcile.check(self.session, self.clinic) == []

    def profile(self, customer: Customer) -> LoyaltyProfile:
        return self.session.get_one(LoyaltyProfile, (customer.id, customer.clinic_id))

    def pay(self, customer: Customer, number: str = "1") -> Payment:
        return paid(
            self.session, customer, source="till", external_id=number, amount=Decimal(1_000), paid_at=NOW,
            service_code="laser", now=NOW,
        ).payment  # fmt: skip


@pytest.fixture
def pair(session: Session, clinic: Clinic) -> Pair:
    return Pair(session, clinic)


def test_points_total_and_money_become_the_others(session: Session, pair: Pair) -> None:
    points.award_points(session, pair.duplicate, 700, "x", now=NOW)
    points.award_points(session, pair.survivor, 400, "x", now=NOW)
    pair.pay(pair.duplicate)
    pair.merge()
    duplicate, survivor = pair.profile(pair.duplicate), pair.profile(pair.survivor)
    assert (duplicate.available_points, duplicate.total_points, duplicate.total_spent, duplicate.current_tier) == (
        0,
        0,
        Decimal(0),
        "bronze",
    )
    assert (survivor.available_points, survivor.total_points, survivor.total_spent) == (1_200, 1_200, Decimal(1_000))
    assert (survivor.current_tier, pair.duplicate.merged_into) == ("silver", pair.survivor.id)


def test_both_histories_stay_readable(session: Session, pair: Pair) -> None:
    points.award_points(session, pair.duplicate, 70, "เลเซอร์", now=NOW)
    points.award_points(session, pair.survivor, 40, "ทรีตเมนต์", now=NOW)
    pair.merge()
    theirs, _ = points.history(session, pair.duplicate)
    assert [(line.type, line.amount, line.description) for line in theirs] == [
        ("transferred", -70, None),
        ("earned", 70, "เลเซอร์"),
    ]
    ours, _ = points.history(session, pair.survivor)
    assert [(line.type, line.amount, line.description) for line in ours] == [
        ("transferred", 70, None),
        ("earned", 40, "ทรีตเมนต์"),
    ]
    assert (ours[0].reverses_id, ours[0].expires_at) == (theirs[0].id, theirs[1].expires_at)


def test_one_line_each_for_a_lot_and_the_lot_keeps_its_end(session: Session, pair: Pair) -> None:
    for month in (0, 40):
        points.award_points(session, pair.duplicate, 10, "x", now=NOW - month * DAY)
    before = {lot.id: (lot.remaining, lot.expires_at) for lot in session.scalars(select(PointLot))}
    pair.merge()
    lots = session.scalars(select(PointLot)).all()
    assert {lot.id: (lot.remaining, lot.expires_at) for lot in lots} == before
    assert {lot.customer_id for lot in lots} == {pair.survivor.id}
    moved = session.scalars(select(PointTransaction.amount).where(PointTransaction.type == "transferred")).all()
    assert sorted(moved) == [-10, -10, 0, 0, 10, 10]


def test_a_debt_that_comes_is_paid_by_what_is_there(session: Session, pair: Pair) -> None:
    payment = pair.pay(pair.duplicate)
    ledger.spend(session, pair.profile(pair.duplicate), 100, Cause("reward"), NOW)
    _refund(session, payment, 1_000)
    points.award_points(session, pair.survivor, 130, "x", now=NOW)
    pair.merge()
    survivor = pair.profile(pair.survivor)
    assert (survivor.available_points, survivor.debt, pair.profile(pair.duplicate).debt) == (30, 0, 0)
    assert sorted(session.scalars(select(PointLot.remaining).where(PointLot.remaining != 0))) == [30]


def test_points_that_come_pay_a_debt_that_is_there(session: Session, pair: Pair) -> None:
    payment = pair.pay(pair.survivor)
    ledger.spend(session, pair.profile(pair.survivor), 100, Cause("reward"), NOW)
    _refund(session, payment, 1_000)
    points.award_points(session, pair.duplicate, 30, "x", now=NOW)
    pair.merge()
    assert (pair.profile(pair.survivor).available_points, pair.profile(pair.survivor).debt) == (-70, 70)


def _refund(session: Session, payment: Payment, amount: int) -> None:
    refunded(session, payment, external_id="r", amount=Decimal(amount), refunded_at=NOW + DAY, now=NOW + DAY)


def test_a_refund_finds_what_its_payment_earned(session: Session, pair: Pair) -> None:
    payment = pair.pay(pair.duplicate)
    points.award_points(session, pair.survivor, 30, "x", now=NOW - 40 * DAY)
    pair.merge()
    _refund(session, payment, 1_000)
    survivor = pair.profile(pair.survivor)
    assert (survivor.available_points, survivor.total_points, survivor.total_spent) == (30, 30, Decimal(0))
    session.flush()
    assert session.scalars(select(PointLot.remaining).where(PointLot.remaining > 0)).all() == [30]
    assert reconcile.check(session, pair.clinic) == []


def test_what_was_bought_before_is_given_back_to_who_stays(session: Session, pair: Pair) -> None:
    points.award_points(session, pair.duplicate, 100, "x", now=NOW)
    reward = Reward(clinic_id=pair.clinic.id, code="r", kind="discount", name="r", points=100)
    session.add(reward)
    session.flush()
    bought = rewards.redeem(session, pair.duplicate, reward.id, NOW)
    pair.merge()
    redemptions.cancel(session, bought, NOW + DAY, actor="customer")
    session.flush()
    assert pair.profile(pair.survivor).available_points == 100
    assert reconcile.check(session, pair.clinic) == []


def test_promises_and_reviews_can_still_be_read(session: Session, pair: Pair) -> None:
    """They were sealed for the one and are opened for the other."""
    profile = ledger.open_profile(session, pair.duplicate, NOW)
    pending.promise(session, profile, 50, Cause("survey", key="k", description="แบบสอบถาม"), NOW + 2 * DAY, NOW)
    visit = visited(session, pair.duplicate, source="till", external_id="v", visited_at=NOW, service_code=None, now=NOW)
    session.flush()
    review = Review(
        clinic_id=pair.clinic.id, customer_id=pair.duplicate.id, customer=pair.duplicate, visit_id=visit.id, rating=5,
        comment="ดีมาก", created_at=NOW,
    )  # fmt: skip
    session.add(review)
    pair.merge()
    profile = ledger.open_profile(session, pair.survivor, NOW + 2 * DAY)
    assert (profile.available_points, profile.total_visits) == (50, 1)
    assert [line.description for line in points.history(session, pair.survivor)[0]] == ["แบบสอบถาม"]
    session.expire_all()
    assert (review.customer_id, review.comment) == (pair.survivor.id, "ดีมาก")


def test_an_achievement_of_both_brings_its_points_once(session: Session, pair: Pair) -> None:
    for code, visits in (("first", 1), ("second", 2)):
        achievements.save(
            session,
            Achievement(clinic_id=pair.clinic.id, code=code, name=code, category="visit", points_reward=20,
                        conditions={"metric": "visits", "at_least": visits}),
        )  # fmt: skip
    for customer, day in ((pair.duplicate, 1), (pair.survivor, 2)):
        visited(
            session, customer, source="till", external_id=f"{day}", visited_at=NOW - day * DAY, service_code=None,
            now=NOW,
        )  # fmt: skip
    pair.merge()
    unlocks = session.execute(
        select(AchievementUnlock.customer_id, Achievement.code).join(AchievementUnlock.achievement)
    ).all()
    # Each had unlocked the first; together they have been there twice.
    assert sorted(map(tuple, unlocks), key=str) == sorted(
        [(pair.survivor.id, "first"), (pair.survivor.id, "second")], key=str
    )
    assert pair.profile(pair.survivor).available_points == 40
    assert reconcile.check(session, pair.clinic) == []


def test_news_that_wait_go_to_who_stays(session: Session, pair: Pair) -> None:
    points.award_points(session, pair.duplicate, 10, "x", now=NOW)
    pair.merge()
    assert set(session.scalars(select(Notification.customer_id)).all()) == {pair.survivor.id}


def test_the_older_membership_counts(session: Session, pair: Pair) -> None:
    pair.duplicate.joined_at, pair.survivor.joined_at = NOW - DAY, NOW
    pair.merge()
    assert pair.survivor.joined_at == NOW - DAY


def test_a_third_record_may_follow(session: Session, pair: Pair) -> None:
    points.award_points(session, pair.duplicate, 10, "x", now=NOW)
    pair.merge()
    third = new_customer(session, pair.clinic, NOW)
    merge_customers(session, pair.survivor, third, NOW + DAY, actor="staff")
    session.flush()
    assert (pair.profile(third).available_points, pair.profile(third).total_points) == (10, 10)
    assert reconcile.check(session, pair.clinic) == []


def test_refused_merges_change_nothing(session: Session, pair: Pair) -> None:
    stranger = new_customer(session, make_clinic(session, "other", "Nobody's Clinic"), NOW)
    for duplicate, survivor in (
        (pair.duplicate, pair.duplicate),
        (pair.duplicate, stranger),
        (stranger, pair.survivor),
    ):
        with pytest.raises(CannotMerge, match="cannot be merged"):
            merge_customers(session, duplicate, survivor, NOW, actor="staff")
    pair.merge()
    third = new_customer(session, pair.clinic, NOW)
    for duplicate, survivor in (
        (pair.duplicate, pair.survivor),
        (pair.survivor, pair.duplicate),
        (third, pair.duplicate),
        (pair.duplicate, third),
    ):
        with pytest.raises(CannotMerge):
            merge_customers(session, duplicate, survivor, NOW, actor="staff")
    assert (third.merged_into, pair.survivor.merged_into) == (None, None)


def test_whoever_comes_to_the_record_that_is_gone_is_told_where_to_go(session: Session, pair: Pair) -> None:
    pair.merge()
    with pytest.raises(CustomerMerged, match=str(pair.survivor.id)) as refused:
        points.award_points(session, pair.duplicate, 10, "x", now=NOW + DAY)
    assert refused.value.into == pair.survivor.id
