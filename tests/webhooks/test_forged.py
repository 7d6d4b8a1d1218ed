"""Forged signatures are counted and said, and the source's own requests get in all the same."""

import pytest
from flask.testing import FlaskClient
from prometheus_client import REGISTRY
from sqlalchemy import text
from sqlalchemy.orm import Session

from models.clinics import Clinic
from runtime import logs
from runtime.settings import Settings
from tests.webhooks.test_line import FOLLOW, MakeApp, post
from webhooks.seldom import Seldom


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [line for line in capsys.readouterr().err.splitlines() if "signatures do not fit" in line]


def test_they_are_said_once_a_minute_with_their_number(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(development=True)
    forged = Seldom("signatures do not fit")
    for now in (0.5, 1, 59, 60.5, 61):
        forged.count(now, source="line")
    forged.count(61, source="till")
    said = lines(capsys)
    assert [("source=line" in line, f"requests={n}" in line) for line, n in zip(said, (1, 3, 1), strict=True)] == [
        (True, True),
        (True, True),
        (False, True),
    ]


def test_they_are_never_limited(
    settings: Settings, session: Session, clinic: Clinic, make_app: MakeApp, capsys: pytest.CaptureFixture[str]
) -> None:
    session.commit()
    client: FlaskClient = make_app(settings).test_client()
    answers = [client.post("/webhooks/line/aura", data=b"{}", headers={"x-line-signature": "x"}) for _ in range(300)]
    assert {answer.status_code for answer in answers} == {401}
    assert post(client, settings, FOLLOW) == 200
    assert len(lines(capsys)) == 1


def test_a_clinic_whose_key_does_not_open_is_said_once_a_minute_and_counted(
    settings: Settings, session: Session, clinic: Clinic, make_app: MakeApp, capsys: pytest.CaptureFixture[str]
) -> None:
    session.execute(text("UPDATE clinics SET data_key = 'x'"))
    session.commit()
    client: FlaskClient = make_app(settings).test_client()
    labels = {"source": "line", "outcome": "unavailable"}
    before = REGISTRY.get_sample_value("aura_webhook_events_total", labels) or 0
    assert {client.post("/webhooks/line/aura", data=b"{}").status_code for _ in range(20)} == {503}
    assert REGISTRY.get_sample_value("aura_webhook_events_total", labels) == before + 20
    (line,) = capsys.readouterr().err.splitlines()
    assert "clinic=aura" in line
