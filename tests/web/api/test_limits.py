"""What is more than a customer can have is refused with the limit, and leaves nothing behind."""

from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.clinics import Clinic
from models.facts import Payment
from models.loyalty import LoyaltyProfile, PendingPoints, PointTransaction
from tests.web.api.conftest import MALI, Caller, body_of

pytestmark = pytest.mark.usefixtures("customer")
WRITTEN = (Payment, PointTransaction, PendingPoints, LoyaltyProfile)


def payment(name: str, amount: Any = 10_000_000) -> dict[str, Any]:
    return {"customerId": MALI, "id": name, "amount": amount, "paidAt": "2026-02-03T11:30:00+07:00"}


def written(session: Session) -> list[int]:
    session.expire_all()
    return [session.scalar(select(func.count()).select_from(table)) or 0 for table in WRITTEN]


@pytest.mark.parametrize("days", [0, 7])
@pytest.mark.parametrize("amount", [10_000_000, "10000000", "10000000.00"])
def test_a_payment_that_would_earn_too_much_is_refused(
    aura: Caller, clinic: Clinic, session: Session, amount: Any, days: int
) -> None:
    clinic.own_settings = {"points": {"per_baht": 100, "treatment_pending_days": days}}
    session.commit()
    for name in ("p", "q"):
        refused = body_of(aura.post("payments", payment(name, amount), once=name), 409)
        assert (refused["code"], refused["limit"], refused["of"]) == ("limit_reached", 10_000_000, "entry")
    assert body_of(aura.post("quote", {"customerId": MALI, "amount": amount}), 409)["limit"] == 10_000_000
    assert written(session) == [0, 0, 0, 0]


def test_the_same_payments_are_taken_where_they_earn_less(aura: Caller, clinic: Clinic, session: Session) -> None:
    clinic.own_settings = {"points": {"per_baht": "0.3"}}
    session.commit()
    for name, points in (("p", 3_000_000), ("q", 9_000_000)):  # the second at the rate of the tier that the first gave
        assert body_of(aura.post("payments", payment(name, "10000000")))["pointsEarned"] == points
    assert body_of(aura.get("profile", customerId=MALI))["totalSpent"] == "20000000.00"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("points/award", {"customerId": MALI, "points": 1, "description": "x"}),
        ("points/adjust", {"customerId": MALI, "points": 1, "reason": "x"}),
        ("payments", payment("p", 100)),
        ("quote", {"customerId": MALI, "amount": 100}),
    ],
)
def test_a_full_total_says_so(
    aura: Caller, session: Session, mali_id: Any, clinic: Clinic, path: str, body: dict[str, Any]
) -> None:
    body_of(aura.post("points/award", {"customerId": MALI, "points": 1, "description": "x"}))
    held = session.get_one(LoyaltyProfile, (mali_id, clinic.id))
    held.total_points = 1_000_000_000
    session.commit()
    before = written(session)
    refused = body_of(aura.post(path, body), 409)
    assert (refused["code"], refused["limit"], refused["of"]) == ("limit_reached", 1_000_000_000, "points")
    assert written(session) == before


def test_what_is_owed_is_told_beside_a_balance_of_nothing(aura: Caller) -> None:
    body_of(aura.post("payments", payment("p", 1_000)))
    # The first payment has unlocked an achievement of 100 points.
    body_of(aura.post("points/adjust", {"customerId": MALI, "points": -170, "reason": "used at the desk"}))
    back = {"id": "r", "amount": 1_000, "refundedAt": "2026-02-03T11:30:00+07:00"}
    told = body_of(aura.post("payments/ext:till:p/refunds", back))
    assert told["pointsTakenBack"] == 100
    assert (told["profile"]["availablePoints"], told["profile"]["owed"]) == (0, 70)
    award = {"customerId": MALI, "points": 50, "description": "x"}
    seen = [body_of(aura.post("points/award", award))["profile"] for _ in range(2)]
    assert [(profile["availablePoints"], profile["owed"]) for profile in seen] == [(0, 20), (30, 0)]


def test_the_history_stands_as_things_happened(aura: Caller) -> None:
    for name, day, amount in (("a", 1, 100), ("c", 3, 300), ("b", 2, 200)):
        body_of(aura.post("payments", payment(name, amount) | {"paidAt": f"2026-02-0{day}T11:30:00+07:00"}))
    first = body_of(aura.get("transactions", customerId=MALI, limit=2))
    rest = body_of(aura.get("transactions", customerId=MALI, limit=2, before=first["next"]))
    lines = [line for line in first["items"] + rest["items"] if line["source"] == "treatment"]
    assert [(line["points"], line["occurredAt"][:10]) for line in lines] == [
        (30, "2026-02-03"), (20, "2026-02-02"), (10, "2026-02-01"),
    ]  # fmt: skip
