"""Consents and guardians, as the clinic's system tells them over the API."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from models.clinics import Clinic
from models.customers import Customer
from privacy import consent
from runtime.clock import real
from tests.web.api.conftest import MALI, Caller, body_of

GIVEN = {
    "purpose": "marketing", "channel": "line", "granted": True, "givenAt": "2025-11-20T10:15:00+07:00",
    "evidence": "form 118", "version": "2025-01",
}  # fmt: skip


@pytest.fixture
def facts(aura: Caller, mali_id: UUID) -> Caller:
    return replace(aura, room="facts")


def tell(facts: Caller, *consents: dict[str, Any], status: int = 200) -> dict[str, Any]:
    return body_of(facts.post("customers", {"externalId": MALI, "consents": list(consents)}), status)


def stands(session: Session, clinic: Clinic, mali_id: UUID) -> bool | None:
    session.expire_all()
    return consent.decision(session, session.get_one(Customer, (mali_id, clinic.id)), "marketing", "line")


def test_consents_come_with_a_customer_who_is_known_or_new(
    facts: Caller, session: Session, clinic: Clinic, mali_id: UUID
) -> None:
    without = {name: value for name, value in GIVEN.items() if name != "evidence"}
    assert tell(facts, GIVEN, without)["consents"] == ["kept", "noted"]
    assert tell(facts, GIVEN)["consents"] == ["known"]
    assert stands(session, clinic, mali_id) is True
    tell(facts, GIVEN | {"granted": False, "givenAt": "2025-12-01T10:00:00+07:00"})
    tell(facts, GIVEN | {"givenAt": "2025-11-30T10:00:00+07:00"})
    assert stands(session, clinic, mali_id) is False
    made = body_of(facts.post("customers", {"externalId": "ext:standard:C-2", "consents": [GIVEN]}))
    assert (made["created"], made["consents"]) == (True, ["kept"])
    assert stands(session, clinic, UUID(made["customerId"])) is True


def test_what_cannot_be_is_refused(facts: Caller) -> None:
    ahead = (real() + timedelta(days=3)).isoformat(timespec="seconds")
    assert tell(facts, GIVEN | {"givenAt": ahead}, status=409)["code"] == "given_in_the_future"
    assert tell(facts, GIVEN | {"purpose": "everything"}, status=422)["code"] == "invalid"


def test_a_guardians_consent_is_recorded_and_ended(
    facts: Caller, session: Session, clinic: Clinic, mali_id: UUID
) -> None:
    until = (real() + timedelta(days=900)).date().isoformat()
    says = {"customerId": MALI, "guardian": "Somsri", "kind": "signed_form", "evidence": "folder 12", "until": until}
    tell(facts, GIVEN)
    first = body_of(facts.post("guardian-consents", says))
    assert body_of(facts.post("guardian-consents", says)) == first
    assert "Somsri" not in str(first)
    mali = session.get_one(Customer, (mali_id, clinic.id))
    assert consent.may_send_offers(session, mali, "line", real())
    assert body_of(facts.post(f"guardian-consents/{first['id']}/end"))["ended"] is True
    session.expire_all()
    assert not consent.may_send_offers(session, mali, "line", real())
    assert body_of(facts.post("guardian-consents", says | {"until": "2020-01-01"}), 409)["code"] == "end_date_wrong"
    assert body_of(facts.post(f"guardian-consents/{mali_id}/end"), 404)["code"] == "unknown_guardian_consent"
    mali.adult = True
    session.commit()
    assert body_of(facts.post("guardian-consents", says), 409)["code"] == "of_age"
