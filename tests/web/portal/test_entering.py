"""Coming in, as LINE lets one in: the simulator plays LINE's part over HTTP."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from random import randrange
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from customers.people import known_as
from models.clinics import Clinic
from models.customers import Customer, LineLink
from models.portal import PortalSession, PortalToken
from models.secrets import ClinicSecret
from runtime.clock import real
from runtime.settings import Settings
from tests.fixtures.clinic import make_clinic
from tests.fixtures.html import promised
from tests.fixtures.running import RunningSimulator
from tests.web.portal.conftest import PORTAL
from web.http import sessions
from web.portal.doors import TRIES
from web.portal.entering import below, device_of

LOGIN, SECRET = "1650000002", "a" * 32
PUBLIC = "http://localhost"


@dataclass
class Line:
    """The pretend LINE, and our application beside it."""

    simulator: RunningSimulator
    app: Flask
    street: str = field(default_factory=lambda: f"10.{randrange(256)}.{randrange(256)}.7")

    def phone_opens(self, user_id: str, path: str = "") -> str:
        """The token with which LINE opens the clinic's page for this person."""
        uri = f"{self.simulator.url}/liff/{PORTAL['liff_id']}{path}"
        opened = self.simulator.call("POST", f"people/{user_id}/act", {"action": {"type": "uri", "uri": uri}})
        return str(parse_qs(urlsplit(opened["opens"]).fragment)["id_token"][0])

    def browser(self) -> FlaskClient:
        """Each test comes from a street of its own: tries are counted by it."""
        client = self.app.test_client()
        client.environ_base["REMOTE_ADDR"] = self.street
        return client

    def comes(self, client: FlaskClient, token: str, path: str = "") -> TestResponse:
        """The page that LINE opens, and what its script sends."""
        client.get(f"/portal/aura/liff{path}")
        return client.post("/portal/aura/liff", json={"token": token, "next": path})

    def says_yes(self, client: FlaskClient, user_id: str, path: str = "") -> TestResponse:
        """Signing in with LINE Login in a browser."""
        return client.get(self.leads_back(client, user_id, path))

    def leads_back(self, client: FlaskClient, user_id: str, path: str = "") -> str:
        away = client.get("/portal/aura/sign-in", query_string={"next": path})
        assert away.status_code == 303
        chosen = httpx.post(away.headers["Location"], data={"user_id": user_id})
        assert chosen.status_code == 302
        back = urlsplit(chosen.headers["Location"])
        return f"{back.path}?{back.query}"


@pytest.fixture
def line(
    session: Session, clinic: Clinic, settings: Settings, simulator: RunningSimulator, make_app: Callable[..., Flask]
) -> Line:
    session.add(ClinicSecret(clinic_id=clinic.id, name="login.secret", clinic=clinic, value=SECRET))
    session.commit()
    endpoint, callback = f"{PUBLIC}/portal/aura/liff", f"{PUBLIC}/portal/aura/signed-in"
    told = {"secret": SECRET, "liff_id": PORTAL["liff_id"], "endpoint": endpoint, "callback": callback}
    simulator.call("PUT", f"login/{LOGIN}", told)
    app = make_app(settings.model_copy(update={"line_api_base": simulator.url, "public_url": PUBLIC}))
    return Line(simulator, app)


@pytest.fixture
def ken(line: Line) -> str:
    return str(line.simulator.call("POST", "people", {"name": "Ken", "language": "en"})["user_id"])


def signed_in(client: FlaskClient) -> bool:
    links = promised(client.get("/portal/aura/me").text).links
    return not any(link.startswith("/portal/aura/sign-in") for link in links)


def test_line_opens_the_page_that_was_asked_for(session: Session, clinic: Clinic, line: Line, ken: str) -> None:
    client = line.browser()
    page = client.get("/portal/aura/liff/me")
    assert line.simulator.url in page.headers["Content-Security-Policy"]
    assert page.headers["Referrer-Policy"] == "no-referrer"
    promised(page.text)
    answer = line.comes(client, line.phone_opens(ken), "/me")
    assert (answer.status_code, answer.json) == (200, {"to": "/portal/aura/me"})
    cookie = client.get_cookie("aura_portal", path="/portal/aura")
    assert cookie is not None
    assert cookie.http_only
    assert cookie.same_site == "Lax"
    assert signed_in(client)
    customer = known_as(session, clinic, "line", ken)
    assert customer is not None
    link = session.scalars(select(LineLink).where(LineLink.customer_id == customer.id)).one()
    assert not link.reachable, "nobody can push to who is no friend"


def test_the_same_person_is_the_same_customer_however_they_come(session: Session, line: Line, ken: str) -> None:
    line.simulator.follow(ken)
    for _ in range(2):
        assert line.comes(line.browser(), line.phone_opens(ken)).status_code == 200
        assert line.says_yes(line.browser(), ken).status_code == 303
    assert len(session.scalars(select(Customer)).all()) == 1
    assert len(session.scalars(select(PortalSession)).all()) == 4


def test_a_token_is_believed_for_ten_minutes_then_only_of_the_browser_that_showed_it(
    session: Session, line: Line, ken: str
) -> None:
    token, first, second = line.phone_opens(ken), line.browser(), line.browser()
    assert line.comes(first, token).status_code == 200
    assert line.comes(second, token).status_code == 200
    # LIFF gives the same token for an hour; here the moment until which it is fresh has passed.
    fresh, sessions.FRESH = sessions.FRESH, timedelta(seconds=-5)
    try:
        assert line.comes(first, token).status_code == 200
        refused = line.comes(second, token)
        assert (refused.status_code, refused.json) == (403, {"why": "anew"})
        assert line.comes(line.browser(), token).json == {"why": "anew"}
    finally:
        sessions.FRESH = fresh
    assert len(session.scalars(select(PortalToken)).all()) == 1


def test_no_token_of_anything_else_lets_anybody_in(session: Session, line: Line, ken: str) -> None:
    other = {"secret": "b" * 32, "liff_id": "1650000003-otherapp", "endpoint": f"{PUBLIC}/x", "callback": f"{PUBLIC}/y"}
    line.simulator.call("PUT", "login/1650000003", other)
    uri = f"{line.simulator.url}/liff/1650000003-otherapp"
    opened = line.simulator.call("POST", f"people/{ken}/act", {"action": {"type": "uri", "uri": uri}})
    foreign = parse_qs(urlsplit(opened["opens"]).fragment)["id_token"][0]
    good = line.phone_opens(ken)
    for token in (foreign, "", "x", "ü", good[:-3] + "abc", "x" * 5_000, None, 1, good + "\n"):
        client = line.browser()
        answer = line.comes(client, token)  # type: ignore[arg-type]
        assert (answer.status_code, answer.json) == (403, {"why": "anew"}), token
        assert not signed_in(client)
    assert session.scalars(select(PortalSession)).all() == []


def test_a_token_without_a_browser_of_ours_is_nothing(line: Line, ken: str) -> None:
    """Who sends one without ever having opened the page has no cookie to bind it to."""
    answer = line.browser().post("/portal/aura/liff", json={"token": line.phone_opens(ken), "next": ""})
    assert (answer.status_code, answer.json) == (403, {"why": "anew"})
    for body in (b"", b"[]", b"null", b"{", b'"x"'):
        sent = line.browser().post("/portal/aura/liff", data=body, content_type="application/json")
        assert sent.status_code == 403


def test_a_new_sign_in_has_a_new_key_and_ends_the_old(session: Session, line: Line, ken: str) -> None:
    """A session that somebody else put into the browser is worth nothing afterwards."""
    client = line.browser()
    client.set_cookie("aura_portal", "k" * 43, path="/portal/aura")
    line.comes(client, line.phone_opens(ken))
    first = client.get_cookie("aura_portal", path="/portal/aura")
    line.comes(client, line.phone_opens(ken))
    second = client.get_cookie("aura_portal", path="/portal/aura")
    assert first is not None
    assert second is not None
    assert len({"k" * 43, first.value, second.value}) == 3
    thief = line.browser()
    thief.set_cookie("aura_portal", first.value, path="/portal/aura")
    assert not signed_in(thief)
    assert signed_in(client)


def test_line_login_leads_where_one_wanted_to_go(line: Line, ken: str) -> None:
    client = line.browser()
    back = line.says_yes(client, ken, "/me")
    assert back.headers["Location"] == "/portal/aura/me"
    assert signed_in(client)
    for elsewhere in (
        "https://evil.example",
        "//evil.example",
        "/\\evil",
        "/me?x=1",
        "/../../x",
        "/ME",
        "javascript:1",
    ):
        back = line.says_yes(line.browser(), ken, elsewhere)
        assert back.headers["Location"] == "/portal/aura"
        assert below(elsewhere) == ""


def test_what_does_not_belong_to_a_sign_in_of_this_browser_is_refused(line: Line, ken: str) -> None:
    good, other = line.browser(), line.browser()
    way = line.leads_back(good, ken)
    assert not in_by(other, way), "another browser has not begun it"
    line.leads_back(other, ken)
    assert not in_by(other, way), "or has begun another"
    assert not in_by(good, way.replace("code=", "code=x"))
    assert not in_by(good, way.replace("state=", "state=x"))
    assert in_by(good, line.leads_back(good, ken))
    assert not in_by(line.browser(), way)


def in_by(client: FlaskClient, way: str) -> bool:
    answer = client.get(way)
    if answer.status_code != 303:
        promised(answer.text)
    return answer.status_code == 303


def test_a_code_is_good_once(line: Line, ken: str) -> None:
    client = line.browser()
    away = client.get("/portal/aura/sign-in")
    begun = client.get_cookie("aura_entering", path="/portal/aura")
    assert begun is not None
    chosen = httpx.post(away.headers["Location"], data={"user_id": ken})
    back = urlsplit(chosen.headers["Location"])
    way = f"{back.path}?{back.query}"
    assert client.get(way).status_code == 303
    client.set_cookie("aura_entering", begun.value, path="/portal/aura")
    assert client.get(way).status_code == 403


def test_who_says_no_is_told_that_nothing_happened(line: Line) -> None:
    client = line.browser()
    away = client.get("/portal/aura/sign-in", headers={"Accept-Language": "en"})
    chosen = httpx.post(away.headers["Location"], data={"no": "1"})
    back = urlsplit(chosen.headers["Location"])
    page = client.get(f"{back.path}?{back.query}", headers={"Accept-Language": "en"})
    assert "You did not sign in. Nothing was changed." in promised(page.text).said


def test_without_a_secret_one_comes_in_by_the_app_alone(session: Session, line: Line, ken: str) -> None:
    session.execute(text("DELETE FROM clinic_secrets"))
    session.commit()
    page = line.browser().get("/portal/aura/sign-in", headers={"Accept-Language": "en"})
    assert page.status_code == 503
    assert "open the page from our chat" in promised(page.text).said
    assert line.comes(line.browser(), line.phone_opens(ken)).status_code == 200


@pytest.mark.parametrize("fault", ["error_500", "rate_429", "refuse"])
def test_line_that_does_not_answer_is_said_and_nobody_is_let_in(line: Line, ken: str, fault: str) -> None:
    token, client = line.phone_opens(ken), line.browser()
    way = line.leads_back(client, ken)
    line.simulator.call("POST", "faults", {"kind": fault, "on": "login", "times": 2})
    answer = line.comes(line.browser(), token)
    assert (answer.status_code, answer.json) == (503, {"why": "later"})
    page = client.get(way, headers={"Accept-Language": "en"})
    assert page.status_code == 503
    assert "LINE does not answer just now." in promised(page.text).said
    assert not signed_in(client)


def test_who_was_forgotten_does_not_come_back_by_a_sign_in(
    session: Session, clinic: Clinic, line: Line, ken: str
) -> None:
    line.comes(line.browser(), line.phone_opens(ken))
    customer = known_as(session, clinic, "line", ken)
    assert customer is not None
    customer.data_key = None
    session.commit()
    assert line.comes(line.browser(), line.phone_opens(ken)).json == {"why": "anew"}


def test_each_clinic_has_its_own_door(session: Session, line: Line, ken: str) -> None:
    """The token of one clinic's app opens nothing at another, whatever address it is sent to."""
    make_clinic(session, "glow", portal={"login_channel": "1650000009", "liff_id": "1650000009-glowglow"})
    session.commit()
    client = line.browser()
    client.get("/portal/glow/liff")
    answer = client.post("/portal/glow/liff", json={"token": line.phone_opens(ken), "next": ""})
    assert answer.json == {"why": "anew"}


def test_the_kind_of_device_is_all_that_is_kept_of_a_browser() -> None:
    phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Safari Line/15.1.0"
    agents = (phone, "Mozilla/5.0 (Linux; Android 14)", "Mozilla/5.0 (X11)", "", "x" * 9_000)
    assert [device_of(one) for one in agents] == ["iphone", "android", "computer", "other", "other"]


def test_the_tokens_of_the_app_end_with_their_hour(session: Session, line: Line, ken: str) -> None:
    line.comes(line.browser(), line.phone_opens(ken))
    kept: Any = session.scalars(select(PortalToken)).one()
    assert timedelta(minutes=50) < kept.until - real() <= timedelta(hours=1)


def test_nobody_tries_tokens_without_end(line: Line, ken: str) -> None:
    client = line.browser()
    answers = [line.comes(client, "x").status_code for _ in range(TRIES + 2)]
    assert answers[0] == 403
    assert answers[-1] == 429
    elsewhere = line.browser()
    elsewhere.environ_base["REMOTE_ADDR"] = "198.51.100.5"
    assert line.comes(elsewhere, line.phone_opens(ken)).status_code == 200
