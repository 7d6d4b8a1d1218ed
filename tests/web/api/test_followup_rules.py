"""Rules over the API: the specification's own bodies, drafts and who may have them speak, and what is refused."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.clinics import Clinic
from models.followups import FollowupExecution, FollowupRule
from tests.fixtures.clinic import NOW
from tests.fixtures.planning import plan_all
from tests.web.api.conftest import MALI, Caller, body_of

REMINDER = {"name": "Reminder", "type": "appointment_reminder", "channels": ["line"]}


@pytest.fixture
def rules(aura: Caller, mali_id: UUID) -> Caller:
    return replace(aura, room="followup")


@pytest.fixture
def facts(aura: Caller) -> Caller:
    return replace(aura, room="facts")


@pytest.fixture
def drafting(rules: Caller, clinic: Clinic, secret_of: Callable[..., str]) -> Caller:
    """May write rules, and have none speak."""
    return replace(rules, secret=secret_of(clinic, "followup:read", "followup:write"))


def made(rules: Caller, **changed: Any) -> dict[str, Any]:
    return body_of(rules.post("rules", {**REMINDER, **changed}))


def test_a_rule_is_written_read_changed_and_deleted(rules: Caller) -> None:
    rule = made(rules, triggerConditions={"hoursBefore": [48, 3]})
    assert (rule["active"], rule["version"], rule["purpose"]) == (False, 1, "transactional")
    assert rule["triggerConditions"] == {"hoursBefore": [48, 3]}
    assert body_of(rules.get("rules"))["items"] == [rule]
    changed = body_of(rules.patch(f"rules/{rule['id']}", {"active": True, "triggerConditions": {}}))
    assert (changed["active"], changed["version"], changed["triggerConditions"]) == (True, 2, {"hoursBefore": [24]})
    assert body_of(rules.get(f"rules/{rule['id']}")) == changed
    assert rules.delete(f"rules/{rule['id']}").status_code == 204
    assert body_of(rules.get("rules"))["items"] == []
    assert body_of(rules.get(f"rules/{rule['id']}"), 404)["code"] == "unknown_rule"


def test_twice_the_same_hour_is_one(rules: Caller) -> None:
    assert made(rules, triggerConditions={"hoursBefore": [24, 3, 24]})["triggerConditions"] == {"hoursBefore": [24, 3]}
    ending = made(rules, type="course_ending", triggerConditions={"daysBefore": [7, 7]})
    assert ending["triggerConditions"] == {"daysBefore": [7]}


def test_how_often_a_rule_speaks_to_the_same_customer_is_said(rules: Caller) -> None:
    rule = made(rules)
    assert (rule["reentry"], made(rules, reentry="once")["reentry"]) == ("each_anchor", "once")
    assert made(rules, reentry={"afterDays": 9_999})["reentry"] == {"afterDays": 9_999}
    changed = body_of(rules.patch(f"rules/{rule['id']}", {"reentry": {"afterDays": 90.0}}))
    assert (changed["reentry"], changed["version"]) == ({"afterDays": 90}, 2)
    named = body_of(rules.patch(f"rules/{rule['id']}", {"name": "Other", "reentry": {"afterDays": 90}}))
    assert (named["reentry"], named["version"]) == ({"afterDays": 90}, 2), "the same changes no plan"
    assert body_of(rules.patch(f"rules/{rule['id']}", {"reentry": "each_anchor"}))["version"] == 3


@pytest.mark.parametrize(
    "again", ["twice", 90, True, {"afterDays": 0}, {"afterDays": 10_000}, {"afterDays": "90"}, {"days": 9}, [], {}]
)
def test_any_other_is_refused_with_what_there_is(rules: Caller, again: Any) -> None:
    refused = body_of(rules.post("rules", {**REMINDER, "reentry": again}), 422)
    assert [one["field"] for one in refused["errors"]] == ["reentry"]
    assert 'give once, each_anchor, or {"afterDays": 90} of 1 to 9999 days' in refused["detail"]


def test_only_a_key_that_may_has_a_rule_speak(rules: Caller, drafting: Caller) -> None:
    draft = body_of(drafting.post("rules", REMINDER))
    for refused in (
        drafting.post("rules", {**REMINDER, "active": True}),
        drafting.patch(f"rules/{draft['id']}", {"active": True}),
    ):
        assert (body_of(refused, 403)["code"], refused.json and refused.json["scope"]) == (
            "missing_scope", "followup:activate",
        )  # fmt: skip
    assert body_of(rules.patch(f"rules/{draft['id']}", {"active": True}))["active"] is True
    assert body_of(drafting.patch(f"rules/{draft['id']}", {"active": False}))["active"] is False


@pytest.mark.parametrize(
    ("changed", "code", "says"),
    [
        ({"type": "postcard"}, "unknown_kind", "appointment_reminder"),
        ({"channels": ["email"]}, "bad_rule", "line, sms"),
        ({"channels": ["line", "line"]}, "bad_rule", "each once"),
        ({"channels": []}, "invalid", "channels: give at least 1"),
        ({"channels": "line"}, "invalid", "channels: give a list"),
        ({"triggerConditions": {"hoursBefore": 0}}, "bad_rule", "hoursBefore"),
        ({"triggerConditions": {"daysAfter": 1}}, "bad_rule", "daysAfter: appointment_reminder has no such condition"),
        (
            {"type": "post_treatment", "triggerConditions": {"daysAfter": 1, "hoursAfter": 1}},
            "bad_rule",
            "At triggerConditions: write hoursAfter or daysAfter, not both.",
        ),
        ({"aiPersonalization": True}, "bad_rule", "aiPersonalization"),
        ({"template": {"message": "Hello {customrName}"}}, "unknown_variable", "{customerName}"),
        ({"template": {"message": "Hello {customerName"}}, "bad_rule", "close each brace"),
        ({"template": {"subject": "Hello"}}, "bad_rule", "message"),
        ({"template": {"texts": {"fr": {"message": "Bonjour"}}}}, "bad_rule", "fr"),
        ({"template": {"message": "Hello", "variables": ["secret"]}}, "unknown_variable", "secret"),
        ({"template": {"message": "Hello", "links": [{"label": "A", "url": "javascript:x"}]}}, "bad_rule", "https://"),
        (
            {"template": {"message": "Hello", "links": [{"label": " ", "url": "https://a.th"}]}},
            "invalid",
            "label",
        ),
        (
            {"template": {"message": "Hello", "links": [{"label": "\u200b", "url": "https://a.th"}]}},
            "bad_rule",
            "label",
        ),
        ({"template": {"message": "https://a.example/{customerName}"}}, "bad_rule", "variables"),
        (
            {"template": {"message": "Hello", "links": [{"label": "A", "url": "https://a.th/{customerName}"}]}},
            "bad_rule",
            "variables",
        ),
        ({"template": {"message": "\u200b"}}, "bad_rule", "write what is said"),
        (
            {
                "type": "post_treatment",
                "template": {"message": "https://a.th", "links": [{"label": "B", "url": "https://b.th"}]},
            },
            "bad_rule",
            "at most 1 address",
        ),
    ],
)
def test_what_the_kind_does_not_take_is_refused_with_what_it_does(
    rules: Caller, changed: dict[str, Any], code: str, says: str
) -> None:
    refused = body_of(rules.post("rules", {**REMINDER, **changed}), 422)
    assert refused["code"] == code
    assert says in refused["detail"]
    assert body_of(rules.get("rules"))["items"] == []


def test_a_text_has_versions_and_its_fallbacks(rules: Caller) -> None:
    written = {"message": "พบกัน {appointmentTime}", "texts": {"en": {"message": "See you at {appointmentTime}"}}}
    rule = made(rules, template={**written, "fallbacks": {"branchName": "our clinic"}})
    template = rule["template"]
    assert template["texts"]["th"]["message"] == "พบกัน {appointmentTime}"
    assert (template["version"], template["fallbacks"]) == (1, {"branchName": "our clinic"})
    assert "appointmentDate" in rule["variables"]
    assert template["texts"]["th"]["links"] == []
    changed = body_of(rules.patch(f"rules/{rule['id']}", {"template": {"message": "อีกครั้ง"}}))
    assert (changed["template"]["version"], changed["version"]) == (2, 1)
    assert "en" not in changed["template"]["texts"]


def test_a_text_has_links_in_each_language(rules: Caller) -> None:
    book = {"label": "จองคิว", "url": "https://aura.example/จอง"}
    english = {"message": "Hello", "links": [{"label": "Book", "url": "https://aura.example/en"}]}
    rule = made(rules, template={"message": "สวัสดี", "links": [book], "texts": {"en": english}})
    texts = rule["template"]["texts"]
    assert texts["th"]["links"] == [{"label": "จองคิว", "url": "https://aura.example/%E0%B8%88%E0%B8%AD%E0%B8%87"}]
    assert texts["en"]["links"] == english["links"]


def test_what_was_said_is_listed_with_its_fate_and_takes_a_response(
    rules: Caller, facts: Caller, session: Session, clinic: Clinic
) -> None:
    rule = made(rules, active=True, workflowId="wf-7")
    at = {"id": "A-1", "state": "booked", "at": "2026-02-03T11:30:00+07:00", "customerId": MALI}
    body_of(facts.post("appointments", {**at, "startsAt": "2090-02-03T11:30:00+07:00"}))
    plan_all(session, clinic, NOW)
    session.commit()
    (one,) = body_of(rules.get("executions", customerId=MALI, workflowId="wf-7", status="planned"))["items"]
    assert (one["ruleId"], one["type"], one["deliveries"]) == (rule["id"], "appointment_reminder", [])
    assert body_of(rules.get("executions", status="sent"))["items"] == []
    told = {"executionId": one["id"], "response": {"opened": True, "sentiment": "positive"}}
    assert body_of(rules.post("track-response", told), 409)["code"] == "not_said"
    session.scalars(select(FollowupExecution)).one().status = "sent"
    session.commit()
    answered = body_of(rules.post("track-response", told))
    assert answered["openedAt"] and answered["response"] == {"sentiment": "positive"}
    again = body_of(rules.post("track-response", {**told, "response": {"clicked": True}}))
    assert (again["openedAt"], again["response"]) == (answered["openedAt"], {"sentiment": "positive"})
    nobody = {"executionId": "execution-id", "response": {"opened": True, "sentiment": "positive"}}
    assert body_of(rules.post("track-response", nobody), 404)["code"] == "unknown_execution"
    assert session.scalars(select(FollowupExecution)).one().rule_id == session.scalars(select(FollowupRule.id)).one()
