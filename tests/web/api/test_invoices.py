"""Bills over the API."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from tests.web.api.conftest import MALI, Caller, body_of

AT = "2026-02-03T11:30:00+07:00"
LATER = "2026-02-04T11:30:00+07:00"


@pytest.fixture
def facts(aura: Caller, mali_id: UUID) -> Caller:
    return replace(aura, room="facts")


def bill(**changed: Any) -> dict[str, Any]:
    return {"customerId": MALI, "id": "INV-1", "at": AT, "amount": "3000.00", **changed}


def test_a_bill_is_told_moved_paid_in_parts_and_given_back(facts: Caller, mali_id: UUID) -> None:
    first = body_of(facts.post("invoices", bill(dueOn="2026-02-10")))
    assert (first["state"], first["dueOn"], first["customerId"]) == ("open", "2026-02-10", str(mali_id))
    moved = body_of(facts.post("invoices", bill(at=LATER, dueOn="2026-02-17")))
    assert body_of(facts.post("invoices", bill(dueOn="2026-02-10"))) == moved, "what is older changes nothing"
    assert body_of(facts.get("invoices", customerId=MALI))["invoices"] == [moved]
    part = body_of(facts.post("invoices", bill(at=LATER, payment={"id": "P-1", "amount": 1_000})))
    assert (part["state"], part["paid"]) == ("part_paid", "1000.00")
    whole = body_of(facts.post("invoices", bill(at=LATER, payment={"id": "P-2", "amount": 2_000})))
    assert (whole["state"], whole["paid"], whole["paidAt"]) == ("paid", "3000.00", "2026-02-04T04:30:00Z")
    assert body_of(facts.get("invoices", customerId=MALI))["invoices"] == []
    refund = {"id": "R-1", "payment": "P-2", "amount": 2_000}
    assert body_of(facts.post("invoices", bill(at=LATER, refund=refund)))["refunded"] == "2000.00"


def test_what_is_void_stays_so_until_it_is_said_to_be_open(facts: Caller) -> None:
    body_of(facts.post("invoices", bill(version=1, payment={"id": "P-1", "amount": 1_000})))
    body_of(facts.post("invoices", bill(version=2, state="void")))
    refund = {"id": "R-1", "payment": "P-1", "amount": 500}
    for later in (bill(version=3, refund=refund), bill(version=4, dueOn="2026-02-17")):
        assert body_of(facts.post("invoices", later))["state"] == "void"
    assert body_of(facts.get("invoices", customerId=MALI))["invoices"] == []
    assert body_of(facts.post("invoices", bill(version=5, state="open")))["state"] == "part_paid"


def test_a_payment_told_by_its_own_name_is_the_same(facts: Caller, aura: Caller) -> None:
    body_of(facts.post("invoices", bill(payment={"id": "P-1", "amount": 3_000})))
    pay = {"customerId": MALI, "id": "P-1", "source": "standard", "amount": 3_000, "paidAt": AT}
    again = body_of(aura.post("payments", pay))
    assert (again["pointsEarned"], again["profile"]["totalSpent"]) == (300, "3000.00")
    by_another = {"customerId": MALI, "id": "T-9", "amount": 3_000, "paidAt": LATER, "invoice": "ext:standard:INV-1"}
    for room in (facts, aura):
        told = body_of(room.post("payments", by_another))
        assert (told["uncounted"], told["pointsEarned"]) == ("duplicate", 0)


def test_what_cannot_be_meant_is_refused(facts: Caller) -> None:
    assert body_of(facts.post("invoices", bill(customerId="ext:till:nobody")), 404)["code"] == "unknown_customer"
    for wrong in ({"state": "part_paid"}, {"dueOn": "soon"}, {"dueOn": "2026-02-30"}, {"amount": 0}, {"version": 1.5}):
        assert body_of(facts.post("invoices", bill(**wrong)), 422)["code"] == "invalid"
    future = bill(at="2099-01-01T00:00:00+07:00", payment={"amount": 5})
    assert body_of(facts.post("invoices", future), 422)["code"] == "bad_time"
    unpaid = bill(refund={"id": "R", "amount": 5})
    assert body_of(facts.post("invoices", unpaid), 404)["code"] == "unknown_payment"
    body_of(facts.post("invoices", bill(payment={"amount": 500})))
    other = bill(payment={"amount": 600})
    assert body_of(facts.post("invoices", other), 409)["code"] == "fact_refused"
    body_of(facts.post("customers", {"externalId": "ext:till:HN-2"}))
    assert body_of(facts.post("invoices", bill(customerId="ext:till:HN-2")), 409)["code"] == "fact_refused"
