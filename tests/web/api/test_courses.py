"""Courses over the API."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from runtime.clock import real
from tests.web.api.conftest import MALI, Caller, body_of

KEN = "ext:till:HN-2"


@pytest.fixture
def facts(aura: Caller, mali_id: UUID) -> Caller:
    room = replace(aura, room="facts")
    body_of(room.post("customers", {"externalId": KEN, "name": "Ken"}))
    return room


def at(minutes: int) -> str:
    return (real() + timedelta(minutes=minutes)).isoformat(timespec="seconds")


def sold(**changed: Any) -> dict[str, Any]:
    ends_on = (real() + timedelta(days=90)).date().isoformat()
    course = {"customerId": MALI, "id": "C-1", "at": at(-60), "sessions": 10, "endsOn": ends_on, "name": "Ten of it"}
    return course | {"underContractRules": True, "price": "15000.00"} | changed


def test_a_course_is_sold_used_frozen_shared_extended_and_ended(facts: Caller, mali_id: UUID) -> None:
    first = body_of(facts.post("courses", sold()))
    assert (first["state"], first["left"], first["customerId"]) == ("active", 10, str(mali_id))
    assert first["mayCancelUntil"] is not None
    course = "courses/ext:standard:C-1"
    starts_at = at(9_000)
    planned = {"id": "S-1", "at": at(-50), "state": "planned", "startsAt": starts_at}
    assert body_of(facts.post(f"{course}/sessions", planned))["left"] == 10
    used = body_of(facts.post(f"{course}/sessions", {"id": "S-1", "at": at(-40), "state": "used"}))
    assert (used["left"], used["used"], used["mayCancelUntil"]) == (9, 1, None)
    assert body_of(facts.post(f"{course}/sessions", planned))["left"] == 9, "what is older changes nothing"
    assert body_of(facts.post(f"{course}/state", {"at": at(-30), "state": "frozen"}))["state"] == "frozen"
    shared = {"id": "C-1-K", "customerId": KEN, "at": at(-20), "sessions": 3}
    assert body_of(facts.post(f"{course}/shares", shared))["left"] == 6
    [theirs] = body_of(facts.get("courses", customerId=KEN))["courses"]
    assert (theirs["left"], theirs["name"], theirs["sharedFrom"]) == (3, "Ten of it", first["id"])
    assert body_of(facts.post(f"{course}/state", {"at": at(-15), "state": "active"}))["state"] == "active"
    extended = body_of(facts.post(f"courses/{first['id']}/extensions", {"at": at(-10), "endsOn": "2099-01-31"}))
    assert extended["endsOn"] == "2099-01-31"
    ended = body_of(facts.post(f"{course}/state", {"at": at(-5), "state": "ended"}))
    assert (ended["state"], ended["left"]) == ("ended", 6)
    assert body_of(facts.get("courses", customerId=MALI))["courses"] == [ended]


def test_a_refund_takes_back_what_its_payment_earned(facts: Caller) -> None:
    body_of(facts.post("courses", sold()))
    pay = {"customerId": MALI, "id": "P-1", "source": "standard", "amount": 15_000, "paidAt": at(-60)}
    earned = body_of(facts.post("payments", pay))["profile"]["availablePoints"]
    back = {"id": "R-1", "payment": "P-1", "amount": 15_000}
    told = {"at": at(-5), "state": "refunded", "refund": back}
    assert body_of(facts.post("courses/ext:standard:C-1/state", told))["state"] == "refunded"
    again = body_of(facts.post("payments", pay))
    assert (again["refunded"], earned - again["profile"]["availablePoints"]) == ("15000.00", again["pointsEarned"])
    unknown = told | {"refund": back | {"payment": "P-2"}}
    assert body_of(facts.post("courses/ext:standard:C-1/state", unknown), 404)["code"] == "unknown_payment"


def test_what_cannot_be_meant_is_refused(facts: Caller) -> None:
    for wrong in ({"sessions": 0}, {"sessions": 2.5}, {"endsOn": "soon"}, {"underContractRules": "yes"}, {"name": ""}):
        assert body_of(facts.post("courses", sold(**wrong)), 422)["code"] == "invalid"
    assert body_of(facts.post("courses", sold(customerId="ext:till:nobody")), 404)["code"] == "unknown_customer"
    frozen = {"at": at(-5), "state": "frozen"}
    assert body_of(facts.post("courses/ext:standard:C-9/state", frozen), 404)["code"] == "unknown_course"
    body_of(facts.post("courses", sold()))
    assert body_of(facts.post("courses", sold(customerId=KEN)), 409)["code"] == "fact_refused"
    for turned in ({"soldOn": "2026-02-01", "endsOn": "2026-01-31"}, {"soldOn": "2099-01-01", "endsOn": None}):
        assert body_of(facts.post("courses", sold(**turned)), 422)["code"] == "contradiction"
    to_oneself = {"id": "C-2", "customerId": MALI, "at": at(-5), "sessions": 1}
    assert body_of(facts.post("courses/ext:standard:C-1/shares", to_oneself), 409)["code"] == "fact_refused"


def test_what_was_shared_is_not_shared_back_into_its_course(facts: Caller) -> None:
    body_of(facts.post("courses", {key: value for key, value in sold().items() if key != "endsOn"}))
    to_ken = {"id": "C-1-K", "customerId": KEN, "at": at(-20), "sessions": 3}
    body_of(facts.post("courses/ext:standard:C-1/shares", to_ken))
    back = {"id": "C-1", "customerId": MALI, "at": at(-10), "sessions": 1}
    assert body_of(facts.post("courses/ext:standard:C-1-K/shares", back), 409)["code"] == "fact_refused"
    assert [len(body_of(facts.get("courses", customerId=who))["courses"]) for who in (MALI, KEN)] == [1, 1]
