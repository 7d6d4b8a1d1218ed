"""Who may ask: keys made and revoked at the command line, scopes, and how often."""

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from models.access import ApiKey
from models.clinics import Clinic
from runtime.outage import DATABASE
from runtime.settings import Settings
from tests.web.api.conftest import API, MALI, Caller, body_of
from web.http import rates
from web.http.operations import Operation


def address(path: str) -> str:
    return re.sub("<[^>]+>", "00000000-0000-7000-8000-000000000000", path)


@pytest.mark.parametrize("operation", API.operations, ids=lambda operation: operation.name)
def test_every_operation_needs_a_key_with_its_scope(
    api: Flask, clinic: Clinic, secret_of: Callable[..., str], operation: Operation
) -> None:
    client = api.test_client()

    def status(authorization: str | None) -> tuple[int, str]:
        headers = {"Authorization": authorization} if authorization else {}
        response = client.open(address(operation.path), method=operation.method, headers=headers)
        return response.status_code, (response.json or {}).get("code", "")

    assert status(None) == (401, "unauthorized")
    others = [scope for scope in API.scopes if scope != operation.scope]
    assert status(f"Bearer {secret_of(clinic, *others)}") == (403, "missing_scope")
    assert status(f"Bearer {secret_of(clinic, operation.scope)}")[0] not in (401, 403)


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer aura_", "Bearer aura_nobody", "Basic YXVyYTo=", "aura_x", "Bearer ก", "Bearer aura_ก"],
)
def test_nonsense_is_no_key(api: Flask, authorization: str) -> None:
    headers = {"Authorization": authorization.encode().decode("latin-1")}
    response = api.test_client().get("/api/loyalty/profile", query_string={"customerId": MALI}, headers=headers)
    assert body_of(response, 401)["code"] == "unauthorized"
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_key_is_made_shown_once_listed_and_revoked(
    api: Flask, clinic: Clinic, session: Session, mali_id: UUID
) -> None:
    made = api.test_cli_runner().invoke(args=["api-keys", "create", "aura", "Till 1", "--scope", "loyalty:read"])
    assert made.exit_code == 0
    secret = made.stdout.strip()
    assert len(secret) >= len(f"aura_{clinic.slug}_") + 43
    key = session.scalars(select(ApiKey)).one()
    assert secret.encode() not in key.key_hash
    caller = Caller(api.test_client(), secret)
    body_of(caller.get("profile", customerId=MALI))

    listed = api.test_cli_runner().invoke(args=["api-keys", "list"]).stdout
    assert "Till 1" in listed
    assert "loyalty:read" in listed
    assert secret not in listed

    assert api.test_cli_runner().invoke(args=["api-keys", "revoke", str(key.id)]).exit_code == 0
    assert body_of(caller.get("profile", customerId=MALI), 401)["code"] == "unauthorized"
    assert "revoked" in api.test_cli_runner().invoke(args=["api-keys", "list"]).stdout


@pytest.mark.parametrize(
    "args",
    [
        ["create", "nowhere", "Till", "--scope", "staff"],
        ["create", "aura", "Till"],
        ["create", "aura", "Till", "--scope", "everything"],
        ["revoke", "00000000-0000-7000-8000-000000000000"],
    ],
)
def test_the_command_line_refuses_what_cannot_be(api: Flask, clinic: Clinic, session: Session, args: list[str]) -> None:
    refused = api.test_cli_runner().invoke(args=["api-keys", *args])
    assert refused.exit_code != 0
    assert refused.stderr
    assert session.scalars(select(ApiKey)).all() == []


@pytest.mark.parametrize("by", ["our id", "another's"])
def test_a_key_that_asks_too_often_waits(
    aura: Caller, nobody: Caller, mali_id: UUID, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    monkeypatch.setattr(rates, "PER_MINUTE", 3)
    asked = str(mali_id) if by == "our id" else MALI
    answers = [aura.get("profile", customerId=asked) for _ in range(7)]
    # A minute may end between two of the requests: the window then begins anew.
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert body_of(refused[0], 429)["code"] == "too_many_requests"
    assert 1 <= int(refused[0].headers["Retry-After"]) <= 60
    assert nobody.get("profile", customerId=MALI).status_code == 404


@pytest.mark.parametrize("by", ["our id", "another's"])
def test_without_redis_nobody_is_refused(
    settings: Settings,
    clinic: Clinic,
    mali_id: UUID,
    secret_of: Callable[..., str],
    make_app: Callable[[Settings], Flask],
    monkeypatch: pytest.MonkeyPatch,
    by: str,
) -> None:
    monkeypatch.setattr(rates, "PER_MINUTE", 1)
    away = make_app(settings.model_copy(update={"redis_url": "redis://127.0.0.1:1"}))
    caller = Caller(away.test_client(), secret_of(clinic))
    for _ in range(5):
        body_of(caller.get("profile", customerId=str(mali_id) if by == "our id" else MALI))


@pytest.mark.parametrize("by", ["our id", "another's"])
def test_without_the_database_it_is_said_to_be_away(
    settings: Settings, make_app: Callable[[Settings], Flask], by: str
) -> None:
    away = make_app(settings.model_copy(update={"database_url": "postgresql+psycopg://nobody@127.0.0.1:1/none"}))
    response = Caller(away.test_client(), "aura_anything").get(
        "profile", customerId=str(uuid4()) if by == "our id" else MALI
    )
    assert body_of(response, 503)["code"] == "unavailable"
    assert response.headers["Retry-After"]


@pytest.mark.parametrize(
    "broken", ['settings = \'{"voice": {"zone": "Mars/Base"}}\'', "settings = '\"x\"'", "data_key = 'x'"]
)
def test_a_clinic_that_cannot_be_read_is_told_so_and_no_request_is_logged(
    session: Session, aura: Caller, nobody: Caller, broken: str, capsys: pytest.CaptureFixture[str]
) -> None:
    session.execute(text(f"UPDATE clinics SET {broken} WHERE slug = 'aura'"))
    session.commit()
    DATABASE.over()
    capsys.readouterr()
    for operation in API.operations:
        path = address(operation.path)
        sent: dict[str, Any] = {"json": {}} if "body" in operation.inputs else {}
        answer = aura.client.open(path, method=operation.method, headers=aura.headers(), **sent)
        assert body_of(answer, 503)["code"] == "clinic_set_aside"
        assert "clinic_set_aside" in operation.refusals
        assert int(answer.headers["Retry-After"]) >= 30
        others = nobody.client.open(path, method=operation.method, headers=nobody.headers(), **sent)
        assert others.status_code < 500
    assert capsys.readouterr().err == ""
