"""Whatever is asked of any address ends with a reason: 2xx or 4xx, and nothing of it is in the log."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

import web.api
from loyalty import points
from models.clinics import Clinic
from tests.fixtures.clinic import NOW
from web.http import keys
from web.http.rooms import Api, find

API = Api(find(web.api))
PIECES = [
    "a%00b",
    "%ED%A0%BD",
    "%FF%FE",
    "ext:line:a%00b",
    "ext:till:%0A",
    "a" * 5_000,
    "9" * 400,
    "%F0%9F%92%A9%27%22%3B--",
    "00000000-0000-0000-0000-000000000000",
    "a%2Fb",
    "a%2F%2F..%2F.",
]
HUGE = "9" * 4_000
BODIES = [
    b"",
    b"\0",
    b"\xff\xfe",
    b"{}",
    b"[]",
    b"null",
    b"NaN",
    b'{"customerId": "ext:till:\\u0000", "points": 1e400, "description": "\\ud83d"}',
    f'{{"customerId": "ext:till:HN-1", "points": {HUGE}, "amount": {HUGE}, "description": "x"}}'.encode(),
    b'{"customerId": "ext:till:HN-1", "amount": 1E-999999, "id": "x", "paidAt": "9999-12-31T23:59:59-23:59"}',
    *(b'{"a":' * depth + b"1" + b"}" * depth for depth in (100, 400, 940, 960, 970, 980, 1_000, 20_000)),
    *(b"[" * depth + b"]" * depth for depth in (400, 960, 980, 20_000)),
]


@pytest.fixture
def headers(session: Session, clinic: Clinic) -> dict[str, str]:
    secret = keys.create(session, clinic, "test", tuple(API.scopes), NOW)[1]
    session.commit()
    return {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}


def rules(app: Flask) -> Iterator[tuple[str, Rule]]:
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield method, rule


def filled(rule: Rule, piece: str) -> str:
    path = rule.rule
    for name in rule.arguments:
        path = re.sub(rf"<[^<>]*\b{name}>", lambda _: piece, path)
    assert "<" not in path, f"{rule.rule}: an argument that this test does not fill"
    return path


@pytest.mark.parametrize("piece", PIECES)
def test_any_address_is_answered(
    app: Flask, headers: dict[str, str], piece: str, capsys: pytest.CaptureFixture[str]
) -> None:
    client = app.test_client()
    broken = [
        (method, rule.rule, answer.status_code, sent)
        for method, rule in rules(app)
        for sent in ({}, headers, {**headers, "Idempotency-Key": "é", "Authorization": "Bearer aura_\udcff_\0"})
        for answer in [client.open(filled(rule, piece), method=method, headers=sent, data=b"{}")]
        if answer.status_code >= 500
    ]
    assert broken == []
    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert "[SQL" not in said


@pytest.mark.parametrize("body", BODIES, ids=lambda body: body[:12].decode("latin-1") + str(len(body)))
def test_any_body_is_answered(app: Flask, headers: dict[str, str], body: bytes) -> None:
    client = app.test_client()
    broken = [
        (method, rule.rule, answer.status_code)
        for method, rule in rules(app)
        if method != "GET"
        for answer in [
            client.open(
                filled(rule, "ext:till:HN-1"), method=method, data=body, headers=headers | {"Idempotency-Key": "k"}
            )
        ]
        if answer.status_code >= 500
    ]
    assert broken == []


@pytest.mark.parametrize("name", ["limit", "before", "customerId", "x"])
@pytest.mark.parametrize("value", ["%00", HUGE, "-1", "1e400", "%ED%A0%BD", "NaN", "", "1_0", "٣"])
def test_any_question_is_answered(app: Flask, headers: dict[str, str], name: str, value: str) -> None:
    client = app.test_client()
    for method, rule in rules(app):
        if method == "GET" and rule.rule.startswith("/api/loyalty/"):
            answer = client.get(
                f"{filled(rule, 'ext:till:HN-1')}?customerId=ext:till:HN-1&{name}={value}", headers=headers
            )
            assert answer.status_code < 500, f"{rule.rule}: {answer.text}"


def test_every_number_of_a_request_has_bounds() -> None:
    """What has none overflows a column some day, and is answered as a mistake of ours, for ever."""
    boundless = [
        f"{operation.name}.{name}.{field}"
        for operation in API.operations
        for name, model in operation.inputs.items()
        for field, schema in model.model_json_schema()["properties"].items()
        for one in schema.get("anyOf", [schema])
        if one.get("type") in ("integer", "number")
        if not ({"minimum", "exclusiveMinimum"} & one.keys() and {"maximum", "exclusiveMaximum"} & one.keys())
    ]
    assert boundless == []


def test_a_number_that_a_column_does_not_take_is_said_to_be_too_large(
    app: Flask, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def overflows(session: Session, *_: Any, **__: Any) -> None:
        session.execute(text("SELECT CAST(:typed AS integer)"), {"typed": 8_123_456_789})

    monkeypatch.setattr(points, "award_points", overflows)
    client = app.test_client()
    assert (
        client.post("/api/loyalty/customers", json={"externalId": "ext:till:HN-1"}, headers=headers).status_code == 200
    )
    asked: dict[str, Any] = {"customerId": "ext:till:HN-1", "points": 1, "description": "x"}
    answer = client.post("/api/loyalty/points/award", json=asked, headers=headers)
    assert (answer.status_code, json.loads(answer.text)["code"]) == (422, "out_of_range")
    assert "8123456789" not in answer.text + capsys.readouterr().err
