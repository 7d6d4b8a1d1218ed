"""Appointments over the API, and the other facts by their second names."""

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
    soon = (real() + timedelta(days=3)).isoformat(timespec="seconds")
    return {"customerId": MALI, "id": "A-1", "state": "booked", "at": AT, "startsAt": soon, **changed}


def test_an_appointment_is_told_changed_and_read(facts: Caller, mali_id: UUID) -> None:
    first = body_of(facts.post("appointments", told(service="LASER", about="น้องพลอย")))
    assert (first["state"], first["customerId"], first["about"]) == ("booked", str(mali_id), "น้องพลอย")
    assert (first["serviceCode"], first["service"]) == (None, "LASER")
    assert body_of(facts.get("appointments", customerId=MALI))["appointments"] == [first]
    cancelled = told(state="cancelled", at="2026-02-03T12:30:00+07:00")
    assert body_of(facts.post("appointments", cancelled))["state"] == "cancelled"
    assert body_of(facts.post("appointments", told()))["state"] == "cancelled", "what is older changes nothing"
    assert body_of(facts.get("appointments", customerId=MALI))["appointments"] == []


def test_what_cannot_be_meant_is_refused(facts: Caller) -> None:
    assert body_of(facts.post("appointments", told(customerId="ext:till:nobody")), 404)["code"] == "unknown_customer"
    for wrong in ({"state": "perhaps"}, {"startsAt": "tomorrow"}, {"version": -1}, {"service": ""}):
        assert body_of(facts.post("appointments", told(**wrong)), 422)["code"] == "invalid"
    assert body_of(facts.post("appointments", told(endsAt=AT)), 422)["code"] == "contradiction"


def test_what_a_till_tells_has_a_second_name(facts: Caller, aura: Caller) -> None:
    paid = {"customerId": MALI, "id": "bill-1", "amount": 1_000, "paidAt": AT}
    assert body_of(facts.post("payments", paid)) == body_of(aura.post("payments", paid))
    body_of(facts.post("visits", {"customerId": MALI, "id": "v-1", "visitedAt": AT}))
    body_of(facts.post("customers", {"externalId": "ext:standard:C-1", "name": "Ken"}))
    refund = {"id": "r-1", "amount": 1_000, "refundedAt": AT}
    body_of(facts.post("payments/ext:till:bill-1/refunds", refund))
