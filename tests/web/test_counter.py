"""The page at the counter: what is sent, what it asks for, and the command that makes its address."""

import base64
import re
from datetime import datetime, time, timedelta
from html.parser import HTMLParser

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from loyalty import check_in
from models.access import ApiKey
from models.clinics import Clinic
from runtime.clock import real
from runtime.language import BANGKOK
from tests.fixtures.clinic import NOW
from tests.web.api.conftest import MALI, Caller, body_of
from web.http import keys
from web.pictures import qr


class Inline(HTMLParser):
    """Whatever the page's policy would stop."""

    def __init__(self) -> None:
        super().__init__()
        self.stopped: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        inline = tag == "style" or (tag == "script" and "src" not in values)
        self.stopped += [tag] if inline else []
        self.stopped += [name for name in values if name == "style" or name.startswith("on")]


def test_the_page_keeps_its_own_policy_and_says_everything_twice(app: Flask) -> None:
    client = app.test_client()
    answer = client.get("/counter")
    page = Inline()
    page.feed(answer.text)
    assert page.stopped == []
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.text.count('<span lang="th">') == answer.text.count('<span lang="en">') > 8
    for name, type_ in (("counter.js", "text/javascript"), ("counter.css", "text/css")):
        assert f"/{name}" in answer.text
        assert client.get(f"/{name}").mimetype == type_


def test_every_text_that_the_script_asks_for_is_on_the_page(app: Flask) -> None:
    client = app.test_client()
    asked = set(re.findall(r'(?:nothing|say)\((?:at\("\w+"\), )?"(\w+)"', client.get("/counter.js").text))
    assert {"over", "points", "refused"} <= asked
    page = client.get("/counter").text
    assert [name for name in asked | {"away", "lost"} if f'<template id="say-{name}">' not in page] == []


def test_the_address_has_a_key_that_can_do_nothing_else(app: Flask, session: Session, clinic: Clinic) -> None:
    session.commit()
    ran = app.test_cli_runner().invoke(args=["counter", "address", "aura", "--name", "Tablet 1"])
    assert ran.exit_code == 0
    address = ran.stdout.strip()
    base, _, secret = address.partition("/counter#")
    assert base.startswith("http")
    key = session.scalars(select(ApiKey).where(ApiKey.key_hash == keys.hash_of(secret))).one()
    assert (key.name, key.scopes, key.clinic_id) == ("Tablet 1", ["counter"], clinic.id)
    assert f"flask --app app api-keys revoke {key.id}" in ran.stderr


@pytest.mark.parametrize("slug", ["nobody", ""])
def test_there_is_no_address_for_a_clinic_that_is_not_there(app: Flask, slug: str) -> None:
    ran = app.test_cli_runner().invoke(args=["counter", "address", slug])
    assert ran.exit_code == 1
    assert "There is no clinic" in ran.stderr


def test_the_counter_is_told_todays_picture_and_until_when(app: Flask, session: Session, clinic: Clinic) -> None:
    clinic.line_basic_id = "@aura"
    secret = keys.create(session, clinic, "tablet", ["counter"], NOW)[1]
    session.commit()
    caller = Caller(app.test_client(), secret)
    told = body_of(caller.get("check-in"))
    local = real().astimezone(BANGKOK)
    says = check_in.day_text(clinic, session, local.date())
    assert (told["clinic"], told["text"], told["points"]) == ("Aura Clinic", says, 10)
    assert told["languages"] == ["th", "en"]
    assert told["day"] == local.date().isoformat()
    assert told["address"] == f"https://line.me/R/oaMessage/%40aura/?{says}"
    assert base64.b64decode(told["picture"].removeprefix("data:image/png;base64,")) == qr(told["address"])
    left = datetime.combine(local.date() + timedelta(days=1), time(), BANGKOK) - local
    assert abs(told["renewInSeconds"] - left.total_seconds()) < 60
    assert told["goodForSeconds"] == told["renewInSeconds"] - 1 + check_in.GRACE.total_seconds()
    assert body_of(caller.get("profile", customerId=MALI), 403)["code"] == "missing_scope"
    assert body_of(Caller(app.test_client(), secret + "x").get("check-in"), 401)["code"] == "unauthorized"


def test_without_a_line_id_the_picture_says_the_text_itself(app: Flask, session: Session, clinic: Clinic) -> None:
    secret = keys.create(session, clinic, "tablet", ["counter"], NOW)[1]
    session.commit()
    told = body_of(Caller(app.test_client(), secret).get("check-in"))
    assert told["address"] is None
    assert base64.b64decode(told["picture"].partition(",")[2]) == qr(told["text"])
