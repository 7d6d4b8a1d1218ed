"""What points buy: who may have it, what it costs, and what becomes of the code."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from customers.people import meet_on_line
from loyalty import points, redemptions, rewards
from loyalty.defaults import rewards as defaults
from loyalty.errors import Refusal, RewardRefused
from models.clinics import Clinic
from models.customers import Customer, LineLink
from models.loyalty import LoyaltyProfile, PointTransaction
from models.rewards import Redemption, Reward
from runtime import codes
from runtime.language import own_words
from tests.fixtures.clinic import NOW, make_clinic
from tests.fixtures.rewards import available, enrich, make_reward

DAY = timedelta(days=1)


@pytest.fixture
def customer(session: Session, mali: LineLink) -> Customer:
    """Mali with 1,000 points to spend, still in the lowest tier."""
    enrich(session, mali.customer, 1_000)
    return mali.customer


def refused(session: Session, customer: Customer, reward: Reward, now: datetime = NOW, **values: Any) -> Refusal:
    with pytest.raises(RewardRefused) as refusal:
        rewards.redeem(session, customer, reward.id, now, **values)
    return refusal.value.refusal


def test_redeeming_takes_the_points_and_issues_a_code(session: Session, clinic: Clinic, customer: Customer) -> None:
    reward = make_reward(session, clinic, stock=3)
    redemption = rewards.redeem(session, customer, reward.id, NOW)
    assert available(session, customer) == 200
    assert (redemption.state, redemption.points, reward.stock) == ("issued", 800, 2)
    assert codes.read(redemption.code) == redemption.code
    line = session.get_one(PointTransaction, (redemption.transaction_id, redemption.clinic_id))
    assert (line.type, line.amount, line.source, line.reference) == ("redeemed", -800, "reward", str(reward.id))
    # Thirty days and the rest of today, in Bangkok.
    assert redemption.expires_at == datetime(2026, 3, 5, 17, 0, tzinfo=UTC)


def test_the_same_key_redeems_once_whatever_became_of_it(session: Session, clinic: Clinic, customer: Customer) -> None:
    reward = make_reward(session, clinic, price=400)
    first = rewards.redeem(session, customer, reward.id, NOW, key="button")
    redemptions.cancel(session, first, NOW, actor="customer")
    assert rewards.redeem(session, customer, reward.id, NOW, key="button") is first
    assert available(session, customer) == 1_000
    assert rewards.redeem(session, customer, reward.id, NOW, key="another") is not first


def test_the_key_of_one_customer_is_not_anothers(session: Session, clinic: Clinic, customer: Customer) -> None:
    reward = make_reward(session, clinic, price=400)
    ken = meet_on_line(session, clinic, "U" + "c" * 32, NOW).customer
    enrich(session, ken, 400)
    mine = rewards.redeem(session, customer, reward.id, NOW, key="button")
    theirs = rewards.redeem(session, ken, reward.id, NOW, key="button")
    assert (mine.customer_id, theirs.customer_id) == (customer.id, ken.id)


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({"price": 1_120}, Refusal("points", missing=120)),
        ({"stock": 0}, Refusal("stock")),
        ({"least_tier": "silver"}, Refusal("tier", tier="silver")),
        ({"least_tier": "a tier that was"}, Refusal("tier", tier="a tier that was")),
        ({"valid_from": NOW + DAY}, Refusal("not_yet", at=NOW + DAY)),
        ({"valid_until": NOW}, Refusal("over", at=NOW)),
        ({"active": False}, Refusal("unknown")),
        # What cannot be helped is said before what can.
        ({"valid_until": NOW - DAY, "stock": 0, "price": 9_000}, Refusal("over", at=NOW - DAY)),
    ],
)
def test_what_is_out_of_reach_says_why_and_takes_nothing(
    session: Session, clinic: Clinic, customer: Customer, values: dict[str, Any], refusal: Refusal
) -> None:
    reward = make_reward(session, clinic, **values)
    assert refused(session, customer, reward) == refusal
    assert available(session, customer) == 1_000
    assert session.scalars(select(Redemption)).all() == []


def test_a_tier_that_is_high_enough_may(session: Session, clinic: Clinic, customer: Customer) -> None:
    reward = make_reward(session, clinic, least_tier="silver")
    points.award_points(session, customer, 3_000, "test", now=NOW)
    assert rewards.redeem(session, customer, reward.id, NOW).state == "issued"


def test_a_customer_may_have_so_many_and_a_cancelled_one_does_not_count(
    session: Session, clinic: Clinic, customer: Customer
) -> None:
    reward = make_reward(session, clinic, price=300, per_customer=1)
    first = rewards.redeem(session, customer, reward.id, NOW)
    assert refused(session, customer, reward) == Refusal("limit", limit=1)
    redemptions.cancel(session, first, NOW, actor="customer")
    second = rewards.redeem(session, customer, reward.id, NOW)
    redemptions.confirm(session, clinic, second.code, NOW, actor="staff")
    assert refused(session, customer, reward) == Refusal("limit", limit=1)


def test_another_price_than_was_shown_is_refused(session: Session, clinic: Clinic, customer: Customer) -> None:
    reward = make_reward(session, clinic, price=500)
    assert refused(session, customer, reward, at_points=400) == Refusal("price_changed")
    assert rewards.redeem(session, customer, reward.id, NOW, at_points=500).points == 500


def test_points_that_have_expired_buy_nothing(session: Session, clinic: Clinic, customer: Customer) -> None:
    reward = make_reward(session, clinic)
    assert refused(session, customer, reward, NOW + 500 * DAY) == Refusal("points", missing=800)


def test_a_stranger_to_loyalty_gets_a_refusal_and_no_profile(session: Session, clinic: Clinic, mali: LineLink) -> None:
    assert refused(session, mali.customer, make_reward(session, clinic)) == Refusal("points", missing=800)
    assert session.get(LoyaltyProfile, (mali.customer_id, mali.clinic_id)) is None


def test_another_clinics_reward_is_unknown(session: Session, customer: Customer) -> None:
    theirs = make_reward(session, make_clinic(session, "other", "Nobody's Clinic"))
    assert refused(session, customer, theirs) == Refusal("unknown")
    with pytest.raises(RewardRefused, match="no such reward"):
        rewards.offer(session, customer, theirs.id, NOW)


def test_the_catalogue_begins_with_what_is_affordable(session: Session, clinic: Clinic, customer: Customer) -> None:
    make_reward(session, clinic, "dear", 5_000, position=0)
    make_reward(session, clinic, "near", 1_120, position=1)
    make_reward(session, clinic, "second", 900, position=4)
    make_reward(session, clinic, "first", 1_000, position=3)
    make_reward(session, clinic, "gone", 100, stock=0, position=2)
    make_reward(session, clinic, "golden", 100, least_tier="gold", position=2)
    make_reward(session, clinic, "past", 100, valid_until=NOW - DAY)
    make_reward(session, clinic, "long past", 100, valid_until=NOW - 31 * DAY)
    make_reward(session, clinic, "withdrawn", 100, active=False)
    offers = rewards.catalogue(session, customer, NOW)
    assert [(offer.reward.code, offer.refusal and offer.refusal.code) for offer in offers] == [
        ("first", None),
        ("second", None),
        ("near", "points"),
        ("dear", "points"),
        ("golden", "tier"),
        ("gone", "stock"),
        ("past", "over"),
    ]
    assert offers[2].refusal == Refusal("points", missing=120)


def test_the_catalogue_of_somebody_without_points_opens_no_profile(
    session: Session, clinic: Clinic, mali: LineLink
) -> None:
    make_reward(session, clinic)
    [offer] = rewards.catalogue(session, mali.customer, NOW)
    assert (offer.refusal, offer.available) == (Refusal("points", missing=800), 0)
    assert session.get(LoyaltyProfile, (mali.customer_id, mali.clinic_id)) is None


def test_a_code_that_is_taken_is_drawn_again(
    session: Session, clinic: Clinic, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    reward = make_reward(session, clinic, price=100)
    drawn = iter(["AAAA2222", "AAAA2222", "BBBB3333"])
    monkeypatch.setattr(rewards, "new_code", lambda: next(drawn))
    codes = [rewards.redeem(session, customer, reward.id, NOW).code for _ in range(2)]
    assert codes == ["AAAA2222", "BBBB3333"]


def test_the_four_of_the_product_are_given_once_and_stay_as_the_clinic_leaves_them(
    session: Session, clinic: Clinic
) -> None:
    defaults.seed(session, clinic)
    facial = session.scalars(select(Reward).where(Reward.code == "basic_facial")).one()
    facial.points, facial.active = 2_000, False
    defaults.seed(session, clinic)
    defaults.seed(session, make_clinic(session, "other"))
    found = session.scalars(select(Reward).where(Reward.clinic_id == clinic.id).order_by(Reward.position)).all()
    assert {(one.code, one.kind, one.points, one.value) for one in found} == {
        ("discount_5", "discount", 500, 5),
        ("premium_mask", "free_product", 800, None),
        ("discount_10", "discount", 1_000, 10),
        ("basic_facial", "free_treatment", 2_000, None),
    }
    assert {one.kind for one in found} <= set(rewards.KINDS)


@pytest.mark.parametrize("reward", defaults.REWARDS, ids=lambda reward: str(reward["code"]))
def test_the_products_own_texts_keep_to_words_that_clinics_may_advertise_with(reward: dict[str, Any]) -> None:
    assert set(reward["texts"]) == {"th", "en"}
    said = " ".join(word for text in reward["texts"].values() for word in text.values())
    for word in ("ฟรี", "พิเศษ", "เฉพาะ", "เพียง", "เท่านั้น", "ที่สุด", "การันตี", "free", "best", "guarantee"):
        assert word not in said.lower()
    reward_row = Reward(name="fallback", texts=reward["texts"])
    thai, english, japanese = (own_words(reward_row.texts, code, reward_row.name) for code in ("th", "en", "ja"))
    assert thai[0] != english[0]
    assert japanese == thai
