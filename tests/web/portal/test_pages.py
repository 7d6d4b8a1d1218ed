"""Who sees which page: one's own, of one's own clinic, while one is signed in."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from customers import names
from customers.people import meet_on_line
from loyalty import points
from models.clinics import Clinic
from models.customers import Customer, LineLink
from models.portal import PortalSession
from runtime.clock import real
from tests.fixtures.clinic import make_clinic
from tests.fixtures.html import promised
from tests.web.portal.conftest import PORTAL, Browser, member
from web.http import sessions

ROUTES = {
    ("GET", ""),
    ("GET", "/achievements"),
    ("GET", "/appointments"),
    ("GET", "/appointments/<uuid:appointment>.ics"),
    ("GET", "/courses"),
    ("GET", "/card"),
    ("GET", "/friends"),
    ("GET", "/history"),
    ("GET", "/history/file"),
    ("GET", "/insights"),
    ("GET", "/portal.webmanifest"),
    ("GET", "/icon-180.png"),
    ("GET", "/icon-192.png"),
    ("GET", "/icon-512.png"),
    ("GET", "/worker.js"),
    ("GET", "/join"),
    ("POST", "/join"),
    ("GET", "/liff"),
    ("GET", "/liff/<path:rest>"),
    ("POST", "/liff"),
    ("GET", "/me"),
    ("POST", "/me/browsers/<uuid:browser>/end"),
    ("GET", "/me/consents"),
    ("GET", "/me/consents/<any(offers, sms, email, fitting):what>"),
    ("POST", "/me/consents/<any(offers, sms, email, fitting):what>"),
    ("POST", "/me/consents/age"),
    ("POST", "/me/consents/hear"),
    ("GET", "/me/consents/stop-all"),
    ("POST", "/me/consents/stop-all"),
    ("POST", "/me/consents/write-again"),
    ("GET", "/me/data"),
    ("POST", "/me/data/<any(copy, correction, erasure):kind>"),
    ("POST", "/me/data/<any(copy, correction, erasure):kind>/withdraw"),
    ("GET", "/me/data/erasure"),
    ("GET", "/me/preferences"),
    ("POST", "/me/preferences/first"),
    ("POST", "/me/preferences/not-now"),
    ("POST", "/me/preferences/quiet"),
    ("POST", "/me/preferences/quiet-as-clinic"),
    ("POST", "/me/preferences/suggest-again"),
    ("POST", "/me/language"),
    ("POST", "/me/sign-out"),
    ("POST", "/me/sign-out-elsewhere"),
    ("GET", "/messages"),
    ("GET", "/messages/<uuid:message>"),
    ("GET", "/now"),
    ("GET", "/redemptions"),
    ("GET", "/redemptions/<uuid:redemption>"),
    ("GET", "/redemptions/<uuid:redemption>/cancel"),
    ("POST", "/redemptions/<uuid:redemption>/cancel"),
    ("GET", "/rewards"),
    ("GET", "/rewards/<uuid:reward>"),
    ("POST", "/rewards/<uuid:reward>"),
    ("GET", "/sign-in"),
    ("GET", "/signed-in"),
    ("GET", "/tiers"),
    ("GET", "/<path:rest>"),
}
"""Every address of the portal, below `/portal/<slug>`: a new one is seen by whoever reads the change."""
FILES = {"/portal.webmanifest", "/icon-180.png", "/icon-192.png", "/icon-512.png", "/worker.js"}
WAYS_IN = {"/liff", "/now", "/sign-in", "/signed-in", *FILES}
SHOWN = sorted({path for method, path in ROUTES if method == "GET" and "<" not in path} - WAYS_IN)


def test_the_addresses_are_these(app: Flask) -> None:
    found = {
        (method, rule.rule.removeprefix("/portal/<slug>"))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/portal/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert found == ROUTES


def test_home_says_what_one_has_and_what_is_missing(session: Session, mali: LineLink, mine: Browser) -> None:
    names.call(session, mali.customer, "Mali")
    points.award_points(session, mali.customer, 250, "HydraFacial", now=real())
    session.commit()
    said = mine.page("").said
    assert "Hello Mali" in said
    assert "350 points to spend" in said
    assert "650 points more to Silver: with ฿6,500 of treatments you are there" in said
    assert "None is booked." in said


def test_who_has_not_joined_is_asked_first(
    session: Session, clinic: Clinic, browser_of: Callable[[Customer], Browser]
) -> None:
    ken = meet_on_line(session, clinic, "U" + "b" * 32, real())
    ken.customer.language = "en"
    session.flush()
    his = browser_of(ken.customer)
    for path in ("", "/join"):
        answer = his.client.get(his.at(path), follow_redirects=True)
        assert "Privacy notice" in promised(answer.text).said
    answer = his.send("/join", of="/join")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/portal/aura?done=joined")
    assert "Welcome! Your card and your first points are here." in his.page("?done=joined").said
    assert "100 points to spend" in his.page("").said
    assert his.client.post(his.at("/join"), data={"form": his.token()}).headers["Location"] == "/portal/aura"
    assert points.profile_of(session, ken.customer) is not None


@pytest.mark.parametrize("path", SHOWN)
def test_without_a_session_there_is_only_the_way_in(app: Flask, clinic: Clinic, path: str) -> None:
    client = app.test_client()
    for cookie in (None, "x" * 43, "ü"):
        if cookie:
            client.set_cookie("aura_portal", cookie, path="/portal/aura")
        page = promised(client.get(f"/portal/aura{path}", headers={"Accept-Language": "en"}).text)
        assert f"/portal/aura/sign-in{f'?next={path}' if path else ''}" in page.links
        assert "points to spend" not in page.said


@pytest.mark.parametrize("slug", ["nobody", "ä", "x" * 200, "%00"])
def test_a_clinic_that_is_none_or_has_no_portal_is_nothing(app: Flask, session: Session, slug: str) -> None:
    make_clinic(session, "glow")
    session.commit()
    for each in (slug, "glow"):
        for path in ("", "/me", "/liff", "/sign-in", "/signed-in"):
            answer = app.test_client().get(f"/portal/{each}{path}")
            assert answer.status_code == 404, path
            promised(answer.text)


def test_a_session_of_one_clinic_is_none_at_another(
    app: Flask, session: Session, mine: Browser, mali: LineLink
) -> None:
    make_clinic(session, "glow", portal=PORTAL)
    key = mine.client.get_cookie("aura_portal", path="/portal/aura")
    assert key is not None
    session.commit()
    client = app.test_client()
    client.set_cookie("aura_portal", key.value, path="/portal/glow")
    assert "/portal/glow/sign-in" in promised(client.get("/portal/glow").text).links


def test_a_form_of_another_session_or_page_changes_nothing(
    session: Session, mine: Browser, mali: LineLink, browser_of: Callable[[Customer], Browser]
) -> None:
    other = browser_of(mali.customer)
    for brought in ({}, {"form": ""}, {"form": "x"}, {"form": other.token()}):
        answer = mine.client.post(mine.at("/me/language"), data={**brought, "language": "th"})
        assert answer.status_code == 303
        assert answer.headers["Location"] == "/portal/aura/me?done=again"
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null", "Sec-Fetch-Site": "cross-site"}):
        sent = {"form": mine.token(), "language": "th"}
        foreign = mine.client.post(mine.at("/me/language"), data=sent, headers=headers)
        assert foreign.headers["Location"] == "/portal/aura/me?done=again"
    end = mine.client.post(mine.at(f"/me/browsers/{uuid4()}/end"), data={})
    assert end.headers["Location"] == "/portal/aura/me?done=again"
    session.expire_all()
    assert mali.customer.language == "en"
    assert "Please do it once more" in mine.page("/me?done=again").said


def test_a_form_is_taken_as_browsers_send_it(session: Session, mine: Browser, mali: LineLink) -> None:
    """Under `Referrer-Policy: no-referrer` Chromium says `Origin: null`, as Fetch asks of it."""
    for code, headers in (("th", {"Origin": "null", "Sec-Fetch-Site": "same-origin"}), ("en", {"Origin": "null"})):
        sent = {"form": mine.token(), "language": code}
        answer = mine.client.post(mine.at("/me/language"), data=sent, headers=headers)
        assert answer.headers["Location"] == "/portal/aura/me?done=language"
        session.expire_all()
        assert mali.customer.language == code


def test_the_language_is_chosen_and_kept(session: Session, mine: Browser, mali: LineLink) -> None:
    assert mine.send("/me/language", language="th").headers["Location"] == "/portal/aura/me?done=language"
    assert "ภาษา" in mine.page("/me").said
    session.expire_all()
    assert (mali.customer.language, mali.customer.language_chosen) == ("th", True)
    assert mine.send("/me/language", language="fr").status_code == 400
    assert mine.send("/me/language").status_code == 400


def test_signing_out_ends_this_browser_and_no_other(
    session: Session, mine: Browser, mali: LineLink, browser_of: Callable[[Customer], Browser]
) -> None:
    other = browser_of(mali.customer)
    mine.send("/me/sign-out")
    assert "/portal/aura/sign-in" in mine.page("").links
    assert "points to spend" in other.page("").said


def test_other_browsers_are_ended_one_by_one_or_all(
    session: Session, mine: Browser, mali: LineLink, browser_of: Callable[[Customer], Browser]
) -> None:
    browsers = [browser_of(mali.customer) for _ in range(3)]
    rows = session.scalars(select(PortalSession).order_by(PortalSession.id)).all()
    assert mine.send(f"/me/browsers/{rows[1].id}/end").status_code == 303
    assert "/portal/aura/sign-in" in browsers[0].page("").links
    mine.send("/me/sign-out-elsewhere")
    for browser in browsers:
        assert "/portal/aura/sign-in" in browser.page("").links
    assert "points to spend" in mine.page("").said


def test_somebody_elses_browser_is_nothing(
    session: Session, clinic: Clinic, mine: Browser, browser_of: Callable[[Customer], Browser]
) -> None:
    ken = member(session, clinic, "b")
    his = browser_of(ken.customer)
    row = session.scalars(select(PortalSession).where(PortalSession.customer_id == ken.customer_id)).one()
    for id_ in (row.id, uuid4()):
        assert mine.send(f"/me/browsers/{id_}/end").status_code == 404
    assert "points to spend" in his.page("").said


def test_a_session_ends_a_month_after_it_was_used_last(session: Session, mine: Browser) -> None:
    session.execute(
        text("UPDATE portal_sessions SET seen_at = seen_at - interval '11 minutes', until = now() + '1 min'")
    )
    session.commit()
    mine.page("")
    held = session.scalars(select(PortalSession)).one()
    assert held.until - real() > sessions.LIFE - timedelta(minutes=1)
    session.execute(text("UPDATE portal_sessions SET until = now()"))
    session.commit()
    assert "/portal/aura/sign-in" in mine.page("").links


def test_who_was_forgotten_is_nobody(session: Session, mine: Browser, mali: LineLink) -> None:
    mali.customer.data_key = None
    session.commit()
    assert "/portal/aura/sign-in" in mine.page("").links


def test_what_is_typed_as_a_name_is_only_shown(session: Session, mine: Browser, mali: LineLink) -> None:
    names.call(session, mali.customer, "<script>alert(1)</script>")
    session.commit()
    answer = mine.client.get(mine.at(""))
    assert "<script>alert" not in answer.text
    promised(answer.text)


def test_too_much_is_refused(mine: Browser) -> None:
    assert mine.client.post(mine.at("/me/language"), data={"form": "x" * 30_000}).status_code == 413
    assert mine.client.get(mine.at(f"/me?x={'y' * 30_000}")).status_code == 413


def test_an_address_that_is_none_is_said_to_be_none(mine: Browser) -> None:
    for path in ("/nothing", "/me/browsers/x/end", "/%00", "/../../etc/passwd"):
        promised(mine.client.get(mine.at(path)).text)
        assert mine.client.get(mine.at(path)).status_code == 404
