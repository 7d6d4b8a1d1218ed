"""The server's own address: for its owner in development, for a stranger in production."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from models.clinics import Clinic
from runtime.keys import new_key
from runtime.settings import Settings
from tests.fixtures.clinic import make_clinic

HERE = "http://127.0.0.1:8100"


@pytest.fixture
def live(settings: Settings) -> Settings:
    keys = {"secret_keys": new_key(), "index_key": new_key()}
    given = settings.model_dump() | {"app_env": "production", "timing_divisor": 1} | keys
    return Settings.model_validate(given)


def links(page: str) -> list[str]:
    return re.findall(r'<a href="([^"]+)"', page)


def test_in_development_it_leads_to_the_simulator_and_the_api(
    settings: Settings, session: Session, clinic: Clinic, make_app: Callable[[Settings], Flask]
) -> None:
    session.commit()
    client = make_app(settings.model_copy(update={"line_api_base": HERE})).test_client()
    answer = client.get("/")
    assert "<h1>Aura Clinic</h1>" in answer.text
    assert links(answer.text) == [HERE, "/api/docs"]
    assert client.get("/api/docs").status_code == client.get("/home.css").status_code == 200
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert 'lang="th"' in answer.text and "ตัวจำลอง" in answer.text
    english = client.get("/", headers={"Accept-Language": "en-GB, de;q=0.5"}).text
    assert 'lang="en"' in english and "Simulator" in english
    real = make_app(settings.model_copy(update={"line_api_base": "https://api.line.me"})).test_client()
    assert links(real.get("/").text) == ["/api/docs"]


def test_in_production_it_says_whose_it_is_and_nothing_that_helps_a_stranger(
    live: Settings, session: Session, clinic: Clinic, make_app: Callable[[Settings], Flask]
) -> None:
    clinic.name = "Aura <b>&</b>"
    session.commit()
    client = make_app(live).test_client()
    page = client.get("/").text
    assert "<h1>Aura &lt;b&gt;&amp;&lt;/b&gt;</h1>" in page
    assert links(page) == []
    assert not re.search("api|simulator|bn-aura|flask|version", page, re.IGNORECASE)
    make_clinic(session, slug="nobody", name="Nobody")
    session.commit()
    several = client.get("/").text
    assert "Aura" not in several and "Nobody" not in several


def test_without_a_clinic_it_is_there_too(
    live: Settings, session: Session, make_app: Callable[[Settings], Flask]
) -> None:
    session.commit()
    assert make_app(live).test_client().get("/").status_code == 200
