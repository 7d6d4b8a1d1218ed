"""The bodies of the specification, as they are printed there, and what is said of them beside."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from models.clinics import Clinic
from models.followups import FollowupExecution
from tests.fixtures.clinic import NOW
from tests.web.api.conftest import Caller, body_of

BY_THE_ENGINE = """{
  "clinicId": "clinic-id",
  "name": "Post HydraFacial Follow-up",
  "type": "post_treatment",
  "triggerConditions": {
    "daysAfter": 1,
    "treatmentType": ["hydrafacial"]
  },
  "channels": ["sms", "line"],
  "priority": "high",
  "active": true,
  "aiPersonalization": true,
  "template": {
    "subject": "ติดตามหลัง Treatment",
    "message": "สวัสดีค่ะ {customerName} รู้สึกยังไงบ้างหลัง Treatment เมื่อวาน?",
    "variables": ["customerName"]
  }
}"""
"""Of *Usage Examples*: printed as TypeScript, whose names want quotation marks here."""
BY_THE_API = """{
  "name": "Post Treatment Follow-up",
  "type": "post_treatment",
  "triggerConditions": { "daysAfter": 1 },
  "channels": ["sms", "email"]
}"""
TRACKED = """{
  "executionId": "execution-id",
  "response": {
    "opened": true,
    "sentiment": "positive"
  }
}"""


@pytest.fixture
def followup(aura: Caller, mali_id: UUID) -> Caller:
    return replace(aura, room="followup")


def posted(caller: Caller, path: str, printed: str, status: int = 200) -> dict[str, Any]:
    address = f"/api/followup/{path}"
    sent = caller.client.post(address, data=printed.encode(), content_type="application/json", headers=caller.headers())
    return body_of(sent, status)


def test_the_rule_of_the_engine_is_taken_as_it_is_printed(followup: Caller) -> None:
    rule = posted(followup, "rules", BY_THE_ENGINE)
    assert (rule["name"], rule["type"], rule["active"]) == ("Post HydraFacial Follow-up", "post_treatment", True)
    assert (rule["channels"], rule["priority"], rule["aiPersonalization"]) == (["sms", "line"], "high", True)
    conditions = rule["triggerConditions"]
    assert (conditions["daysAfter"], conditions["treatmentType"]) == (1, ["hydrafacial"])
    message = "สวัสดีค่ะ {customerName} รู้สึกยังไงบ้างหลัง Treatment เมื่อวาน?"
    said = {"subject": "ติดตามหลัง Treatment", "message": message, "sms": "", "links": []}
    assert rule["template"]["texts"] == {"th": said}


def test_the_rule_of_the_api_is_taken_as_it_is_printed_and_is_a_draft(followup: Caller) -> None:
    rule = posted(followup, "rules", BY_THE_API)
    assert (rule["active"], rule["template"], rule["aiPersonalization"]) == (False, None, False)
    assert (rule["channels"], rule["triggerConditions"]["daysAfter"]) == (["sms", "email"], 1)
    assert (rule["priority"], rule["delivery"], rule["purpose"]) == ("normal", "first", "care")


def test_a_response_is_taken_as_it_is_printed(
    followup: Caller, session: Session, clinic: Clinic, mali_id: UUID
) -> None:
    rule = posted(followup, "rules", BY_THE_API)
    one = FollowupExecution(
        clinic_id=clinic.id, rule_id=UUID(rule["id"]), rule_version=1, customer_id=mali_id, anchor="x",
        about_id=mali_id, purpose="care", status="sent", due_at=NOW, not_after=NOW, created_at=NOW,
    )  # fmt: skip
    session.add(one)
    session.commit()
    tracked = posted(followup, "track-response", TRACKED.replace("execution-id", str(one.id)))
    assert tracked["response"] == {"sentiment": "positive"}
    assert tracked["openedAt"] and tracked["clickedAt"] is None and tracked["respondedAt"] is None
    # The id that is printed is nobody's.
    assert posted(followup, "track-response", TRACKED, 404)["code"] == "unknown_execution"


def test_a_model_words_every_kind_but_the_reminder_of_an_appointment(followup: Caller) -> None:
    rule = {"name": "x", "channels": ["line"], "aiPersonalization": True}
    for kind in (
        "post_treatment", "payment_reminder", "satisfaction_survey", "upsell_opportunity", "birthday_special",
        "inactive_reactivation",
    ):  # fmt: skip
        assert body_of(followup.post("rules", {**rule, "type": kind}))["aiPersonalization"] is True
    refused = body_of(followup.post("rules", {**rule, "type": "appointment_reminder"}), 422)
    assert (refused["code"], refused["field"]) == ("bad_rule", "aiPersonalization")
    assert len(body_of(followup.get("rules"))["items"]) == 6
