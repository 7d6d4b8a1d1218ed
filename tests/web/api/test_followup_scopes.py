"""What a key for drafts may do with rules that speak: have them rest, and nothing that customers would hear of."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from models.clinics import Clinic
from tests.web.api.conftest import Caller, body_of

RULE = {"name": "Reminder", "type": "appointment_reminder", "channels": ["line"]}
TEXT = {"name": "See you", "type": "appointment_reminder", "message": "พบกัน {appointmentTime}"}
HEARD: list[dict[str, Any]] = [
    {"template": {"message": "ของเรา"}},
    {"channels": ["sms"]},
    {"triggerConditions": {"hoursBefore": [3]}},
    {"delivery": "all"},
    {"priority": "high"},
    {"workflowId": "wf-9"},
    {"name": "Another", "priority": "low"},
    {"active": True},
]


@pytest.fixture
def rules(aura: Caller, mali_id: UUID) -> Caller:
    return replace(aura, room="followup")


@pytest.fixture
def drafting(rules: Caller, clinic: Clinic, secret_of: Callable[..., str]) -> Caller:
    return replace(rules, secret=secret_of(clinic, "followup:read", "followup:write"))


@pytest.fixture
def text(rules: Caller) -> str:
    return str(body_of(rules.post("templates", TEXT))["id"])


def made(rules: Caller, **more: Any) -> str:
    return str(body_of(rules.post("rules", {**RULE, **more}))["id"])


def refused(rules: Caller, method: str, path: str, body: Any = None) -> str:
    answer = body_of(rules.send(method, path, body), 403)
    assert (answer["code"], answer["scope"]) == ("missing_scope", "followup:activate")
    return str(answer["detail"])


@pytest.mark.parametrize("change", HEARD, ids="+".join)
def test_what_customers_would_hear_of_is_not_changed(rules: Caller, drafting: Caller, change: dict[str, Any]) -> None:
    id_ = made(rules, active=True)
    before = body_of(rules.get(f"rules/{id_}"))
    refused(drafting, "PATCH", f"rules/{id_}", change)
    assert body_of(rules.get(f"rules/{id_}")) == before
    body_of(rules.patch(f"rules/{id_}", change))


@pytest.mark.parametrize("change", HEARD[:-1], ids="+".join)
def test_of_a_draft_and_of_one_that_rests_all_of_it_is(rules: Caller, drafting: Caller, change: dict[str, Any]) -> None:
    resting = made(rules, active=True)
    body_of(drafting.patch(f"rules/{resting}", {"active": False}))
    for id_ in (made(drafting), resting):
        assert body_of(drafting.patch(f"rules/{id_}", change))["active"] is False
        assert drafting.delete(f"rules/{id_}").status_code == 204


def test_one_that_speaks_is_named_anew_and_rests(rules: Caller, drafting: Caller) -> None:
    id_ = made(rules, active=True)
    assert body_of(drafting.patch(f"rules/{id_}", {"name": "Soon"}))["active"] is True
    refused(drafting, "PATCH", f"rules/{id_}", {"active": False, "priority": "high"})
    assert body_of(drafting.patch(f"rules/{id_}", {"name": "Later", "active": False}))["active"] is False


def test_another_text_that_rules_share_is_not_given_to_one_that_speaks(
    rules: Caller, drafting: Caller, text: str
) -> None:
    id_ = made(rules, active=True)
    refused(drafting, "PATCH", f"rules/{id_}", {"templateId": text})
    assert body_of(drafting.patch(f"rules/{made(drafting)}", {"templateId": text}))["template"]["id"] == text


def test_one_that_speaks_is_not_deleted(rules: Caller, drafting: Caller) -> None:
    id_ = made(rules, active=True)
    refused(drafting, "DELETE", f"rules/{id_}")
    assert body_of(rules.get(f"rules/{id_}"))["active"] is True
    assert rules.delete(f"rules/{id_}").status_code == 204


def test_a_text_that_a_speaking_rule_says_is_not_changed(rules: Caller, drafting: Caller, text: str) -> None:
    body_of(drafting.patch(f"templates/{text}", {"message": "ยังไม่มีใครพูด"}))
    id_ = made(rules, name="Aloud", templateId=text)
    assert body_of(drafting.patch(f"templates/{text}", {"message": "ร่าง"}))["version"] == 3
    body_of(rules.patch(f"rules/{id_}", {"active": True}))
    assert "Aloud" in refused(drafting, "PATCH", f"templates/{text}", {"message": "ของเรา"})
    assert body_of(rules.get(f"rules/{id_}"))["template"]["texts"]["th"]["message"] == "ร่าง"
    body_of(drafting.patch(f"rules/{id_}", {"active": False}))
    assert body_of(drafting.patch(f"templates/{text}", {"message": "พักแล้ว"}))["version"] == 4
