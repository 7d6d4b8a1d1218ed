"""What other systems tell of responses: of what was said only, and of no time that cannot have been."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from followups import rules
from followups.rules import Draft
from models.clinics import Clinic
from models.followups import FollowupExecution, Status
from tests.fixtures.clinic import NOW
from tests.web.api.conftest import Caller, body_of

HOUR = timedelta(hours=1)


@pytest.fixture
def followup(aura: Caller, mali_id: UUID) -> Caller:
    return replace(aura, room="followup")


@pytest.fixture
def said(session: Session, clinic: Clinic, mali_id: UUID) -> FollowupExecution:
    rule = rules.make(session, clinic, "post_treatment", Draft(name="After", channels=["line"]), NOW)
    one = FollowupExecution(
        clinic_id=clinic.id, rule_id=rule.id, rule_version=1, customer_id=mali_id, anchor="x", about_id=mali_id,
        purpose="care", status="sent", due_at=NOW, not_after=NOW, created_at=NOW - HOUR, settled_at=NOW,
    )  # fmt: skip
    session.add(one)
    session.commit()
    return one


@pytest.mark.parametrize("status", ["planned", "failed", "missed", "skipped", "cancelled", "superseded"])
def test_nobody_has_answered_what_was_not_said(
    followup: Caller, session: Session, said: FollowupExecution, status: Status
) -> None:
    said.status = status
    session.commit()
    told = {"executionId": str(said.id), "response": {"responded": True, "sentiment": "positive"}}
    refused = body_of(followup.post("track-response", told), 409)
    assert (refused["code"], status in refused["detail"]) == ("not_said", True)
    session.refresh(said)
    assert (said.opened_at, said.responded_at, said.response) == (None, None, None)


@pytest.mark.parametrize("at", [datetime(2099, 1, 1, tzinfo=UTC), NOW - HOUR])
def test_nobody_has_answered_before_it_was_said_or_ahead(
    followup: Caller, session: Session, said: FollowupExecution, at: datetime
) -> None:
    told = {"executionId": str(said.id), "response": {"opened": True, "at": at.isoformat()}}
    refused = body_of(followup.post("track-response", told), 422)
    assert (refused["code"], refused["field"]) == ("not_then", "response.at")
    session.refresh(said)
    assert said.opened_at is None


@pytest.mark.parametrize("status", ["sent", "unknown"])
def test_clocks_may_differ_by_minutes(
    followup: Caller, session: Session, said: FollowupExecution, status: Status
) -> None:
    said.status = status
    session.commit()
    for name, at in (("clicked", datetime.now(UTC) + timedelta(minutes=3)), ("responded", NOW - timedelta(minutes=3))):
        told = {"executionId": str(said.id), "response": {name: True, "at": at.isoformat()}}
        assert datetime.fromisoformat(body_of(followup.post("track-response", told))[f"{name}At"]) == at


def test_a_reason_without_its_status_is_refused_in_one_sentence(followup: Caller) -> None:
    refused = body_of(followup.get("executions", reason="no_channel"), 422)
    assert (refused["code"], refused["detail"]) == (
        "reason_of_what", "Say `status` as well, such as status=skipped.",
    )  # fmt: skip
