"""Texts that rules share: written once, said by all of them, in versions that stay readable."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from channels.base import channels
from channels.line.channel import LineChannel
from channels.line.client import Line
from facts import appointments
from facts.told import AppointmentTold, Details, Person
from followups import dispatch, planner
from models.clinics import Clinic
from models.customers import LineLink
from models.followups import FollowupExecution, FollowupTemplate
from runtime.context import Runtime
from tests.fixtures.clinic import NOW, At
from tests.web.api.conftest import Caller, body_of

DAY = timedelta(days=1)
REMINDER = {"name": "Reminder", "type": "appointment_reminder", "channels": ["line"]}
SHARED = {
    "name": "See you", "type": "appointment_reminder", "message": "พบกัน {appointmentTime}",
    "texts": {"en": {"subject": "Soon", "message": "See you at {appointmentTime}"}}, "fallbacks": {"branchName": "ที่นี่"},
}  # fmt: skip
NOWHERE = "00000000-0000-7000-8000-000000000000"


@pytest.fixture
def followup(aura: Caller) -> Caller:
    return replace(aura, room="followup")


@pytest.fixture
def shared(followup: Caller) -> dict[str, Any]:
    return body_of(followup.post("templates", SHARED))


def test_a_text_is_written_listed_and_changed_under_one_id(followup: Caller, shared: dict[str, Any]) -> None:
    assert (shared["name"], shared["type"], shared["version"], shared["rules"]) == (
        "See you", "appointment_reminder", 1, [],
    )  # fmt: skip
    assert shared["texts"]["th"] == {"subject": "", "message": "พบกัน {appointmentTime}", "sms": "", "links": []}
    assert shared["texts"]["en"]["subject"] == "Soon"
    assert shared["fallbacks"] == {"branchName": "ที่นี่"} and "branchName" in shared["variables"]
    changed = body_of(followup.patch(f"templates/{shared['id']}", {"message": "อีกครั้ง"}))
    assert (changed["id"], changed["version"], list(changed["texts"])) == (shared["id"], 2, ["th"])
    assert body_of(followup.get("templates"))["items"] == [changed]


def test_rules_name_it_and_say_its_newest_version(followup: Caller, shared: dict[str, Any]) -> None:
    rule = body_of(followup.post("rules", {**REMINDER, "templateId": shared["id"]}))
    assert (rule["template"]["id"], rule["template"]["name"], rule["template"]["version"]) == (
        shared["id"], "See you", 1,
    )  # fmt: skip
    changed = body_of(followup.patch(f"templates/{shared['id']}", {"message": "อีกครั้ง"}))
    assert changed["rules"] == [rule["id"]]
    again = body_of(followup.get(f"rules/{rule['id']}"))
    assert (again["template"]["version"], again["version"]) == (2, 1)
    assert again["template"]["texts"]["th"]["message"] == "อีกครั้ง"
    # Its own words begin a text of its own, and leave the shared one as it is.
    own = body_of(followup.patch(f"rules/{rule['id']}", {"template": {"message": "เฉพาะที่นี่"}}))
    assert (own["template"]["id"], own["template"]["version"]) == (None, 1)
    assert body_of(followup.get("templates"))["items"] == [{**changed, "rules": []}]


def test_one_that_rules_say_is_not_deleted(followup: Caller, shared: dict[str, Any]) -> None:
    rule = body_of(followup.post("rules", {**REMINDER, "templateId": shared["id"]}))
    refused = body_of(followup.delete(f"templates/{shared['id']}"), 409)
    assert (refused["code"], refused["rules"]) == ("template_in_use", [rule["id"]])
    assert "Reminder" in refused["detail"]
    assert followup.delete(f"rules/{rule['id']}").status_code == 204
    assert followup.delete(f"templates/{shared['id']}").status_code == 204
    assert body_of(followup.get("templates"))["items"] == []
    gone = f"templates/{shared['id']}"
    for answer in (followup.patch(gone, {"message": "x"}), followup.delete(gone)):
        assert body_of(answer, 404)["code"] == "unknown_template"
    assert body_of(followup.post("rules", {**REMINDER, "templateId": shared["id"]}), 404)["code"] == "unknown_template"
    assert body_of(followup.post("templates", SHARED))["version"] == 1  # its name is free again


@pytest.mark.parametrize(
    ("changed", "status", "code", "says"),
    [
        ({"type": "postcard"}, 422, "unknown_kind", "appointment_reminder"),
        ({"name": "See you"}, 409, "name_taken", "See you"),
        ({"message": "Hello {customrName}"}, 422, "unknown_variable", "{customerName}, {clinicName}"),
        ({"fallbacks": {"amount": "?"}}, 422, "unknown_variable", "{appointmentTime}"),
        ({"message": "Hello {customerName"}, 422, "bad_rule", "close each brace"),
        ({"message": None, "texts": {}}, 422, "bad_rule", "message"),
        ({"texts": {"fr": {"message": "Bonjour"}}}, 422, "bad_rule", "fr"),
    ],
)
def test_what_cannot_be_said_is_refused(
    followup: Caller, shared: dict[str, Any], changed: dict[str, Any], status: int, code: str, says: str
) -> None:
    refused = body_of(followup.post("templates", {**SHARED, "name": "Another", **changed}), status)
    assert refused["code"] == code
    assert says in refused["detail"]
    assert len(body_of(followup.get("templates"))["items"]) == 1


def test_a_rule_says_one_text_of_its_own_kind(followup: Caller, shared: dict[str, Any]) -> None:
    other = {"name": "Care", "type": "post_treatment", "channels": ["line"], "templateId": shared["id"]}
    refused = body_of(followup.post("rules", other), 422)
    assert (refused["code"], refused["field"]) == ("bad_rule", "templateId")
    both = {**REMINDER, "templateId": shared["id"], "template": {"message": "x"}}
    assert body_of(followup.post("rules", both), 422)["field"] == "templateId"
    assert body_of(followup.post("rules", {**REMINDER, "templateId": NOWHERE}), 404)["code"] == "unknown_template"
    assert body_of(followup.get("rules"))["items"] == []


def test_what_was_said_keeps_the_version_that_it_was_said_in(
    followup: Caller, session: Session, runtime: Runtime, clinic: Clinic, mali: LineLink, shared: dict[str, Any]
) -> None:
    body_of(followup.post("rules", {**REMINDER, "templateId": shared["id"]}))
    rule = body_of(followup.get("rules"))["items"][0]
    body_of(followup.patch(f"rules/{rule['id']}", {"active": True}))
    told = AppointmentTold("A", "booked", 1, NOW, Details(Person(ours=mali.customer_id), NOW + 900 * DAY))
    appointments.told(session, clinic, "standard", told, NOW)
    session.commit()
    at = replace(runtime, clock=At(NOW + 899 * DAY))
    while planner.step(replace(runtime, clock=At(NOW)), clinic.id):
        pass
    assert dispatch.step(at, channels(LineChannel(Line())), clinic.id) == 1
    body_of(followup.patch(f"templates/{shared['id']}", {"message": "อีกครั้ง"}))
    (one,) = body_of(followup.get("executions", status="sent"))["items"]
    assert one["templateVersion"] == 1
    said = session.scalars(select(FollowupExecution.template_id)).one()
    text = session.get_one(FollowupTemplate, (UUID(str(said)), clinic.id)).texts["th"].get("message")
    assert text == "พบกัน {appointmentTime}"
