"""Requests made from the document, good ones and bad ones, and no answer that the document does not know."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from limits import RateLimitItemPerMinute
from pydantic import TypeAdapter, ValidationError
from schemathesis import GenerationMode

from tests.web.api.conftest import API, MALI, Caller, body_of
from web.api.loyalty import cards
from web.http import rates
from web.http.document import document
from web.http.values import ExternalCustomerId

OPERATIONS = [
    (method.upper(), path) for path, methods in document(API, "http://localhost")["paths"].items() for method in methods
]
EXAMPLES = 15

# A clinic's visit is in our time: the year 158 is a time, and refused.
schemathesis.openapi.format(
    "date-time",
    st.datetimes(datetime(2000, 1, 2), datetime(2026, 1, 1), timezones=st.timezones()).map(datetime.isoformat),  # noqa: DTZ001
)
# Of all that is a URI, pages of hosts with a name.
schemathesis.openapi.format(
    "uri", st.from_regex(r"https?://[a-z]{1,20}\.example(/[a-z0-9]{0,20}){0,3}", fullmatch=True)
)
schemathesis.openapi.format("date", st.dates(date(2000, 1, 2), date(2099, 1, 1)).map(date.isoformat))


@pytest.fixture(scope="session")
def _schema(_app: Flask) -> Any:
    return schemathesis.openapi.from_wsgi("/api/openapi.json", _app)


@pytest.fixture
def schema(_schema: Any, aura: Caller, mali_id: UUID, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(rates, "PER_MINUTE", 1_000_000)
    monkeypatch.setattr(cards, "WRONG", (RateLimitItemPerMinute(1_000_000),))
    body_of(aura.post("points/award", {"customerId": MALI, "points": 5_000, "description": "opening balance"}))
    return _schema


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_no_unexpected_answer(schema: Any, aura: Caller, mode: GenerationMode, method: str, path: str) -> None:
    cases = schema[path][method].as_strategy(generation_mode=mode)

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def ask(case: Any) -> None:
        known_somebody(case)
        if mode is GenerationMode.POSITIVE:
            of_one_kind(case)
        case.call_and_validate(headers=aura.headers())

    ask()


WELL_FORMED = TypeAdapter(ExternalCustomerId)


def known_somebody(case: Any) -> None:
    """Where a customer is named in the right form, let it be one there is: else every answer is a 404."""
    for place in (case.body, case.query):
        if isinstance(place, dict) and names_somebody(place.get("customerId")):
            place["customerId"] = MALI


def of_one_kind(case: Any) -> None:
    """What a rule may say follows from its kind, which no schema of the parts can say: let it be one there is, with its
    channels and its own conditions and words. What each refuses is tested by itself."""
    if case.path.startswith("/api/followup/rules") and isinstance(case.body, dict):
        of_it: dict[str, Any] = {
            "type": "post_treatment",
            "triggerConditions": {},
            "channels": ["line"],
            "template": None,
        }
        case.body |= {name: value for name, value in of_it.items() if name in case.body}
        if "templateId" in case.body:
            case.body.pop("template", None)
    if case.path.startswith("/api/followup/templates") and isinstance(case.body, dict):
        of_it = {"type": "post_treatment", "texts": {}, "variables": [], "fallbacks": {}}
        case.body |= {name: value for name, value in of_it.items() if name in case.body}
        case.body |= {"message": "Hello {customerName}", "subject": "Hello"}
        if "links" in case.body:  # it has room for one, whose label is seen
            case.body["links"] = [{**one, "label": "Book"} for one in case.body["links"][:1]]
    if case.path in ("/api/facts/appointments", "/api/facts/courses") and isinstance(case.body, dict):
        # Days and times that do not contradict each other.
        fitting = {"endsAt": case.body.get("startsAt"), "soldOn": "2000-01-02", "endsOn": "2099-01-01"}
        case.body |= {name: fitting[name] for name in fitting if case.body.get(name) and fitting[name]}
    if case.path == "/api/followup/preferences" and isinstance(case.body, dict):
        # Marketing needs a consent, and hours leave some of the day.
        wanted = [one for one in case.body.get("optIn") or () if one["purpose"] != "marketing"]
        own = {"optIn": wanted, "quietHours": {"start": "21:00", "end": "08:00"}}
        case.body |= {name: value for name, value in own.items() if case.body.get(name)}
    if case.path == "/api/followup/executions" and case.query.get("reason"):
        case.query.setdefault("status", "skipped")


def names_somebody(value: object) -> bool:
    try:
        WELL_FORMED.validate_python(value)
    except ValidationError:
        return False
    return True
