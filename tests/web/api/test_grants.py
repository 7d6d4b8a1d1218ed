"""What one customer may for another, as the clinic's system tells it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from customers import grants
from models.clinics import Clinic
from models.customers import Customer
from runtime.clock import real
from tests.web.api.conftest import MALI, Caller, body_of


@pytest.fixture
def facts(aura: Caller, mali_id: UUID) -> Caller:
    return replace(aura, room="facts")


@pytest.fixture
def child(facts: Caller) -> str:
    made = body_of(facts.post("customers", {"externalId": "ext:till:HN-2", "name": "Ploy"}))
    return str(made["customerId"])


def wanted(child: str, **changed: Any) -> dict[str, Any]:
    until = (real() + timedelta(days=900)).date().isoformat()
    return {
        "ownerId": child, "holderId": MALI, "what": "reminders", "reason": "parent_of_minor", "until": until, **changed
    }  # fmt: skip


def test_it_is_given_once_and_ended(facts: Caller, session: Session, clinic: Clinic, child: str, mali_id: UUID) -> None:
    first = body_of(facts.post("grants", wanted(child)))
    assert body_of(facts.post("grants", wanted(child))) == first
    assert (first["ownerId"], first["holderId"], first["ended"]) == (child, str(mali_id), False)
    owner, holder = (session.get_one(Customer, (one, clinic.id)) for one in (UUID(child), mali_id))
    assert grants.may(session, owner, holder, "reminders", real())
    for _ in range(2):
        assert body_of(facts.post(f"grants/{first['id']}/end"))["ended"] is True
    session.expire_all()
    assert not grants.may(session, owner, holder, "reminders", real())


def test_what_cannot_be_is_refused_with_what_to_do(facts: Caller, child: str) -> None:
    for changed, code in (
        ({"until": None}, "end_date_needed"),
        ({"until": "2020-01-01"}, "end_date_wrong"),
        ({"holderId": child}, "same_person"),
    ):
        assert body_of(facts.post("grants", wanted(child, **changed)), 409)["code"] == code
    assert body_of(facts.post("grants", wanted("ext:till:nobody")), 404)["code"] == "unknown_customer"
    assert body_of(facts.post(f"grants/{child}/end"), 404)["code"] == "unknown_grant"
    assert body_of(facts.post("grants", wanted(child, what="points")), 422)["code"] == "invalid"
