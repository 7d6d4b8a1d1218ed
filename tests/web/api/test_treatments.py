"""Treatments over the API: what was done, at which visit, and that it was none after all."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from runtime.clock import real
from tests.web.api.conftest import MALI, Caller, body_of

AT = "2026-02-03T11:30:00+07:00"


@pytest.fixture
def facts(aura: Caller, mali_id: UUID) -> Caller:
    return replace(aura, room="facts")


def told(**changed: Any) -> dict[str, Any]:
    return {"customerId": MALI, "id": "T-1", "at": AT, "performedAt": AT, "service": "LASER", **changed}


def test_a_treatment_is_told_changed_and_voided(facts: Caller, mali_id: UUID) -> None:
    first = body_of(facts.post("treatments", told(staff="พญ. อารี", workflowId="w-7")))
    assert (first["state"], first["customerId"], first["workflowId"]) == ("performed", str(mali_id), "w-7")
    assert (first["service"], first["serviceCode"], first["staff"]) == ("LASER", None, "พญ. อารี")
    assert body_of(facts.post("treatments", told(staff="พญ. อารี", workflowId="w-7"))) == first
    second = body_of(facts.post("treatments", told(id="T-2")))
    assert second["visitId"] == first["visitId"], "of one visit"
    later = "2026-02-03T12:30:00+07:00"
    voided = body_of(facts.post("treatments", told(state="voided", at=later)))
    assert (voided["state"], voided["visitId"]) == ("voided", None)
    assert body_of(facts.post("treatments", told()))["state"] == "voided", "what is older changes nothing"


def test_what_cannot_be_meant_is_refused(facts: Caller) -> None:
    assert body_of(facts.post("treatments", told(customerId="ext:till:nobody")), 404)["code"] == "unknown_customer"
    for wrong in ({"state": "perhaps"}, {"performedAt": "tomorrow"}, {"version": -1}, {"service": ""}, {"staff": "\0"}):
        assert body_of(facts.post("treatments", told(**wrong)), 422)["code"] == "invalid"
    ahead = (real() + timedelta(days=3)).isoformat()
    assert body_of(facts.post("treatments", told(performedAt=ahead)), 422)["code"] == "bad_time"


def test_a_payment_at_the_counter_is_a_visit_and_one_elsewhere_none(facts: Caller) -> None:
    paid = {"customerId": MALI, "id": "b-1", "amount": 1_000, "paidAt": AT}
    assert body_of(facts.post("payments", paid | {"atCounter": False}))["profile"]["totalVisits"] == 0
    assert body_of(facts.post("payments", paid | {"id": "b-2"}))["profile"]["totalVisits"] == 1
    assert (
        body_of(facts.post("visits", {"customerId": MALI, "id": "v", "visitedAt": AT}))["profile"]["totalVisits"] == 1
    )
    assert body_of(facts.post("payments", paid | {"id": "b-3", "atCounter": "yes"}), 422)["code"] == "invalid"


def test_what_came_of_an_appointment_is_told(facts: Caller) -> None:
    booked = {"customerId": MALI, "id": "A-1", "state": "booked", "at": AT, "startsAt": AT, "service": "LASER"}
    assert body_of(facts.post("appointments", booked))["outcome"] is None
    body_of(facts.post("treatments", told(source="standard", appointment="A-1")))
    answer = body_of(facts.post("appointments", booked))
    assert (answer["state"], answer["outcome"], answer["outcomeBy"]) == ("booked", "completed", "source")
