"""Rewards, redemptions, achievements, referrals, the day's picture and the sums, asked for by another system."""

import struct
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from customers.people import new_customer
from loyalty import ledger
from models.clinics import Clinic
from models.customers import Customer
from models.facts import Referral
from models.rewards import Reward
from runtime.clock import real
from tests.web.api.conftest import MALI, Caller, body_of


@pytest.fixture
def rich(aura: Caller, mali_id: UUID) -> Caller:
    """Aura's till, Mali having 1,000 points."""
    body_of(aura.post("points/award", {"customerId": MALI, "points": 1_000, "description": "opening balance"}))
    return aura


def reward_id(session: Session, code: str) -> str:
    return str(session.scalars(select(Reward.id).where(Reward.code == code)).one())


def test_the_catalogue_says_what_is_missing(rich: Caller) -> None:
    offers = body_of(rich.get("rewards", customerId=MALI))["items"]
    assert [offer["available"] for offer in offers] == [True, True, True, False]
    assert offers[-1]["code"] == "basic_facial"
    assert (offers[-1]["refusal"]["code"], offers[-1]["refusal"]["missing"]) == ("reward_points", 500)
    assert offers[0]["texts"]["th"]["name"] == "ส่วนลด 5%"


def test_redeem_confirm_once(rich: Caller, session: Session) -> None:
    body = {"customerId": MALI, "rewardId": reward_id(session, "discount_5")}
    redeemed = body_of(rich.post("rewards/redeem", body, once="r-1"))
    assert redeemed["availablePoints"] == 500
    assert body_of(rich.post("rewards/redeem", body, once="r-1")) == redeemed
    code = redeemed["redemption"]["code"]
    used = body_of(rich.post("redemptions/confirm", {"code": f" {code.lower()} "}))
    assert used["redemption"]["state"] == "used"
    refused = body_of(rich.post("redemptions/confirm", {"code": code}), 409)
    assert refused["code"] == "redemption_used"
    assert refused["at"]
    assert body_of(rich.post(f"redemptions/{redeemed['redemption']['id']}/cancel"), 409)["code"] == "redemption_used"
    assert body_of(rich.post("redemptions/confirm", {"code": "ABCD2345"}), 404)["code"] == "unknown_redemption"
    listed = body_of(rich.get("redemptions", customerId=MALI))
    assert [one["state"] for one in listed["items"]] == ["used"]


def test_cancelling_gives_the_points_back(rich: Caller, session: Session) -> None:
    body = {"customerId": MALI, "rewardId": reward_id(session, "discount_5")}
    id_ = body_of(rich.post("rewards/redeem", body))["redemption"]["id"]
    cancelled = body_of(rich.post(f"redemptions/{id_}/cancel", once="c-1"))
    assert (cancelled["availablePoints"], cancelled["redemption"]["state"]) == (1_000, "cancelled")
    assert body_of(rich.post(f"redemptions/{id_}/cancel", once="c-1")) == cancelled
    assert body_of(rich.post(f"redemptions/{id_}/cancel"), 409)["code"] == "redemption_cancelled"


def test_a_price_that_was_not_shown_is_not_taken(rich: Caller, session: Session) -> None:
    body = {"customerId": MALI, "rewardId": reward_id(session, "discount_5"), "atPoints": 400}
    assert body_of(rich.post("rewards/redeem", body), 409)["code"] == "reward_price_changed"
    assert body_of(rich.post("rewards/redeem", {**body, "atPoints": 500}))["availablePoints"] == 500


def test_too_few_points_take_nothing(rich: Caller, session: Session) -> None:
    body = {"customerId": MALI, "rewardId": reward_id(session, "basic_facial")}
    refused = body_of(rich.post("rewards/redeem", body), 409)
    assert (refused["code"], refused["missing"]) == ("reward_points", 500)
    assert body_of(rich.get("profile", customerId=MALI))["availablePoints"] == 1_000
    assert body_of(rich.post("rewards/redeem", {**body, "rewardId": body["rewardId"][::-1]}), 422)


@pytest.mark.parametrize(
    ("change", "code", "more"),
    [
        ({"stock": 0}, "reward_stock", "detail"),
        ({"per_customer": 0}, "reward_limit", "detail"),
        ({"least_tier": "diamond"}, "reward_tier", "tier"),
        ({"valid_from": real() + timedelta(days=9)}, "reward_not_yet", "at"),
        ({"valid_until": real() - timedelta(days=9)}, "reward_over", "at"),
        ({"active": False}, "unknown_reward", "detail"),
    ],
)
def test_each_refusal_has_its_code(
    rich: Caller, session: Session, change: dict[str, object], code: str, more: str
) -> None:
    reward = session.scalars(select(Reward).where(Reward.code == "discount_5")).one()
    for name, value in change.items():
        setattr(reward, name, value)
    session.commit()
    status = 404 if code == "unknown_reward" else 409
    refused = body_of(rich.post("rewards/redeem", {"customerId": MALI, "rewardId": str(reward.id)}), status)
    assert refused["code"] == code
    assert refused[more]


def test_achievements_tell_no_secret(aura: Caller, mali_id: UUID) -> None:
    response = aura.get("achievements", customerId=MALI)
    before = body_of(response)
    assert before["unlocked"] == []
    assert before["secretsLeft"] >= 3
    assert "secret" not in response.get_data(as_text=True).replace("secretsLeft", "")
    body_of(
        aura.post("payments", {"customerId": MALI, "id": "b", "amount": 500, "paidAt": "2026-02-03T11:30:00+07:00"})
    )
    after = body_of(aura.get("achievements", customerId=MALI))
    assert [(one["code"], one["pointsReward"]) for one in after["unlocked"]] == [("first_purchase", 100)]
    assert {"current", "target", "unit"} <= set(after["inProgress"][0])


@pytest.fixture
def suspicious(clinic: Clinic, session: Session, customer: Customer) -> UUID:
    """A referral by Mali that waits for staff."""
    friend = new_customer(session, clinic, real())
    session.flush()
    referral = Referral(
        clinic_id=clinic.id, referrer_id=customer.id, friend_id=friend.id, state="review", reason="many_in_a_day",
        bound_at=real(), pays_at=real() + timedelta(days=7),
    )  # fmt: skip
    session.add(referral)
    session.commit()
    return referral.id


@pytest.mark.parametrize(("approve", "state"), [(True, "qualified"), (False, "refused")])
def test_staff_decide_a_referral_once(aura: Caller, suspicious: UUID, approve: bool, state: str) -> None:
    queue = body_of(aura.get("referrals/review"))["items"]
    assert [(one["id"], one["reason"]) for one in queue] == [(str(suspicious), "many_in_a_day")]
    decided = body_of(aura.post(f"referrals/{suspicious}/decide", {"approve": approve}))
    assert decided["state"] == state
    refused = body_of(aura.post(f"referrals/{suspicious}/decide", {"approve": approve}), 409)
    assert (refused["code"], refused["state"]) == ("not_in_review", state)
    friends = body_of(aura.get("referrals", customerId=MALI))
    assert friends["counts"] == {state: 1}
    assert friends["items"][0]["number"] == 1
    assert body_of(aura.post(f"referrals/{suspicious}/decide", {"approve": 1}), 422)


def test_the_days_picture(aura: Caller) -> None:
    response = aura.get("check-in-qr")
    assert response.content_type == "image/png"
    assert response.data.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", response.data[16:24])
    assert width == height > 200


def test_sums_that_drifted_are_found_and_repaired(rich: Caller, session: Session, customer: Customer) -> None:
    assert body_of(rich.get("reconcile")) == {"drifted": []}
    session.execute(text("UPDATE loyalty_profiles SET available_points = 7"))
    session.commit()
    found = body_of(rich.get("reconcile"))["drifted"]
    assert [(one["customerId"], one["availablePoints"], one["sumOfLots"]) for one in found] == [
        (str(customer.id), 7, 1_000)
    ]
    assert body_of(rich.post("reconcile/repair")) == {"repaired": [str(customer.id)], "left": []}
    assert body_of(rich.get("reconcile")) == {"drifted": []}
    session.expire_all()
    assert ledger.open_profile(session, customer, real()).available_points == 1_000
