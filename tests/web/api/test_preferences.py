"""How a customer wants to be spoken to, read and told over the API."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from models.consents import Consent
from tests.web.api.conftest import Caller, body_of


@pytest.fixture
def whose(mali_id: UUID) -> dict[str, str]:
    return {"customerId": str(mali_id)}


def tell(rules: Caller, whose: dict[str, str], body: Any) -> TestResponse:
    return rules.send("PATCH", "preferences", body, query=whose)


@pytest.fixture
def rules(aura: Caller) -> Caller:
    return replace(aura, room="followup")


def test_nothing_is_chosen_at_first(rules: Caller, whose: dict[str, str], mali_id: UUID) -> None:
    assert body_of(rules.get("preferences", **whose)) == {
        "customerId": str(mali_id), "channels": [], "quietHours": None, "language": None, "optOut": [],
        "stopped": False, "noUpsellUntil": None,
    }  # fmt: skip


def test_what_is_left_out_stays_as_it_is(rules: Caller, whose: dict[str, str]) -> None:
    chosen: dict[str, Any] = {"channels": ["sms", "line"], "quietHours": {"start": "20:00", "end": "10:30"}}
    told = body_of(tell(rules, whose, chosen))
    assert {name: told[name] for name in chosen} == chosen
    changed = body_of(tell(rules, whose, {"channels": ["call"]}))
    assert (changed["channels"], changed["quietHours"]) == (["call"], chosen["quietHours"])
    assert body_of(tell(rules, whose, {"quietHours": None}))["quietHours"] is None
    assert body_of(tell(rules, whose, {"language": "en"}))["language"] == "en"
    assert body_of(rules.get("preferences", **whose))["channels"] == ["call"]


def test_an_opt_out_is_kept_with_who_told_it(session: Session, rules: Caller, whose: dict[str, str]) -> None:
    no = [{"purpose": "marketing", "channel": "sms"}, {"purpose": "care", "channel": "line"}]
    said = body_of(tell(rules, whose, {"optOut": no}))["optOut"]
    assert sorted(said, key=str) == sorted(no, key=str)
    rows = session.scalars(select(Consent)).all()
    assert {(one.source, one.granted, one.actor.startswith("api:")) for one in rows} == {("api", False, True)}
    assert body_of(tell(rules, whose, {"optIn": no[1:]}))["optOut"] == no[:1]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"optIn": [{"purpose": "marketing", "channel": "line"}]}, "consent_needed"),
        ({"language": "fr"}, "not_spoken"),
        ({"quietHours": {"start": "09:00", "end": "08:59"}}, "never_open"),
        ({"quietHours": {"start": "09:00", "end": "09:00"}}, "never_open"),
    ],
)
def test_what_is_refused_says_why_and_changes_nothing(
    rules: Caller, whose: dict[str, str], body: Any, code: str
) -> None:
    before = body_of(rules.get("preferences", **whose))
    refused = body_of(tell(rules, whose, {"channels": ["sms"], **body}), 422)
    assert refused["code"] == code
    assert body_of(rules.get("preferences", **whose)) == before
