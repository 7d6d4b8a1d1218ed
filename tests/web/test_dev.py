"""Business time is moved in development, and only there."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from models.clinics import Clinic
from runtime.settings import Settings


@pytest.fixture
def client(settings: Settings, session: Session, clinic: Clinic, make_app: Callable[[Settings], Flask]) -> FlaskClient:
    session.commit()
    return make_app(settings).test_client()


def test_the_clock_moves_and_comes_back(client: FlaskClient) -> None:
    moved = client.put("/dev/clock", json={"advance_seconds": 86_400}).json
    again = client.put("/dev/clock", json={"advance_seconds": 60}).json
    assert moved
    assert again
    assert abs(again["offset_seconds"] - 86_460) <= 1
    assert client.put("/dev/clock", json={"at": "2027-01-01T10:00:00+07:00"}).json["now"].startswith("2027-01-01T0")  # type: ignore[index]
    assert client.put("/dev/clock", json={"at": None}).json["offset_seconds"] == 0  # type: ignore[index]


@pytest.mark.parametrize(
    "body",
    [None, [], {}, {"at": "x"}, {"at": "2027-01-01T10:00:00"}, {"advance_seconds": "x"}, {"advance_seconds": 10**12},
     {"advance_seconds": 1, "at": None}],
)  # fmt: skip
def test_nonsense_is_refused_with_a_reason(client: FlaskClient, body: object) -> None:
    answer = client.put("/dev/clock", json=body)
    assert answer.status_code == 400
    assert answer.json
    assert answer.json["detail"]
    assert client.get("/dev/clock").json["offset_seconds"] == 0  # type: ignore[index]


@pytest.mark.parametrize("value", ["TYPED", "2027-01-01TTYPED", ["TYPED"], {"TYPED": 1}, "TYPED" * 2_000])
@pytest.mark.parametrize("name", ["at", "advance_seconds", "TYPED"])
def test_a_refusal_quotes_nothing(
    client: FlaskClient, name: str, value: object, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = client.put("/dev/clock", json={name: value})
    assert (answer.status_code, "TYPED" in answer.text) == (400, False)
    assert "TYPED" not in "".join(capsys.readouterr())


def test_production_has_no_such_door(settings: Settings, make_app: Callable[[Settings], Flask]) -> None:
    client = make_app(settings.model_copy(update={"app_env": "production"})).test_client()
    assert client.get("/dev/clock").status_code == 404
