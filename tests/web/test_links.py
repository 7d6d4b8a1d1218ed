"""`/l`: whoever holds a signed address goes where the clinic has said, and is counted where they are a person."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from channels.followed import LIFE, Followed, address
from channels.message import Link
from customers.people import meet_on_line
from followups import rules
from followups.rules import Draft
from models.clinics import Clinic
from models.followups import FollowupDelivery, FollowupExecution
from runtime.clock import real
from runtime.settings import Settings
from tests.fixtures.clinic import make_clinic
from web.links import COUNTED, WRONG

PHONE = {
    "User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Mobile/15E148 Safari Line/15.9.0"
}
SHOP, OTHER = "https://aura.example/shop?a=1", "https://aura.example/other"
SECOND = timedelta(seconds=1)


@pytest.fixture
def web(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def said(session: Session, clinic: Clinic) -> FollowupExecution:
    """Sent a minute ago over LINE."""
    clinic.line_basic_id = "@aura"
    customer = meet_on_line(session, clinic, "U" + "a" * 32, real()).customer
    rule = rules.make(session, clinic, "post_treatment", Draft(name="After", channels=["line"]), real())
    at = real() - timedelta(minutes=1)
    one = FollowupExecution(
        clinic_id=clinic.id, rule_id=rule.id, rule_version=1, customer_id=customer.id, anchor="typed",
        about_id=customer.id, purpose="care", status="sent", due_at=at, not_after=at, held=0, created_at=at,
    )  # fmt: skip
    session.add(one)
    session.flush()
    session.add(
        FollowupDelivery(
            clinic_id=clinic.id, execution_id=one.id, channel="line", state="sent", created_at=at, settled_at=at
        )
    )
    session.commit()
    return one


def path(settings: Settings, id_: UUID, number: int = 0, to: str = SHOP, made: datetime | None = None) -> str:
    link = Link(to, id_, number, made or real())
    return address(settings, Followed("aura", "line", link)).removeprefix(settings.public_url)


def leads(answer: TestResponse, to: str = SHOP) -> None:
    assert (answer.status_code, answer.headers["Location"]) == (302, to)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in answer.headers


def counted(session: Session) -> tuple[int, int, bool, bool]:
    """Clicks of people, of machines, whether the delivery has a first one, and the execution."""
    session.expire_all()
    delivery = session.scalars(select(FollowupDelivery)).one()
    one = session.scalars(select(FollowupExecution)).one()
    assert one.opened_at is None
    return delivery.clicks, delivery.machine_clicks, delivery.clicked_at is not None, one.clicked_at is not None


def test_a_person_is_led_on_and_the_first_time_is_kept(
    settings: Settings, session: Session, web: FlaskClient, said: FollowupExecution
) -> None:
    leads(web.get(path(settings, said.id), headers=PHONE))
    assert counted(session) == (1, 0, True, True)
    first = session.get_one(FollowupExecution, (said.id, said.clinic_id)).clicked_at
    leads(web.get(path(settings, said.id), headers=PHONE))
    assert counted(session) == (2, 0, True, True)
    assert session.get_one(FollowupExecution, (said.id, said.clinic_id)).clicked_at == first


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("HEAD", PHONE),
        ("GET", PHONE | {"Purpose": "prefetch"}),
        ("GET", PHONE | {"Sec-Purpose": "prefetch;prerender"}),
        ("GET", PHONE | {"X-Moz": "prefetch"}),
        ("GET", PHONE | {"X-Purpose": "preview"}),
        ("GET", {"User-Agent": ""}),
        ("GET", {"User-Agent": "facebookexternalhit/1.1;line-poker/1.0"}),
        ("GET", {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"}),
        ("GET", {"User-Agent": "Mozilla/5.0 (Windows NT 10.0) Proofpoint URL Defense"}),
        ("GET", {"User-Agent": "curl/8.5.0"}),
        ("GET", {"User-Agent": "python-requests/2.32"}),
        ("GET", {"User-Agent": "WhatsApp/2.23.20.0"}),
    ],
)
def test_a_machine_is_led_on_and_kept_as_one(
    settings: Settings,
    session: Session,
    web: FlaskClient,
    said: FollowupExecution,
    method: str,
    headers: dict[str, str],
) -> None:
    leads(web.open(path(settings, said.id), method=method, headers=headers))
    assert counted(session) == (0, 1, False, False)


@pytest.mark.parametrize(
    "agent",
    [
        "Mozilla/5.0 (Linux; Android 13; CUBOT P80) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36 Line/14.1.0",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 [FBAN/FBIOS;FBAV/440.0]",
    ],
)
def test_a_phone_is_no_machine(
    settings: Settings, session: Session, web: FlaskClient, said: FollowupExecution, agent: str
) -> None:
    leads(web.get(path(settings, said.id), headers={"User-Agent": agent}))
    assert counted(session) == (1, 0, True, True)


def test_within_a_second_of_the_sending_nobody_has_read_it(
    settings: Settings, session: Session, web: FlaskClient, said: FollowupExecution
) -> None:
    session.scalars(select(FollowupDelivery)).one().settled_at = real() + timedelta(seconds=-0.2)
    session.commit()
    leads(web.get(path(settings, said.id), headers=PHONE))
    assert counted(session) == (0, 1, False, False)


def test_several_links_at_once_are_a_machine_s_the_first_of_them_too(
    settings: Settings, session: Session, web: FlaskClient, said: FollowupExecution
) -> None:
    for number, to in ((0, SHOP), (1, OTHER), (2, SHOP)):
        leads(web.get(path(settings, said.id, number, to), headers=PHONE), to)
    assert counted(session) == (0, 3, False, False)
    delivery = session.scalars(select(FollowupDelivery)).one()
    assert delivery.last_click_at is not None
    delivery.last_click_at -= timedelta(minutes=1)
    session.commit()
    leads(web.get(path(settings, said.id, 1, OTHER), headers=PHONE), OTHER)
    assert counted(session) == (1, 3, True, True)


def test_what_was_told_by_another_system_stays_where_a_machine_s_is_taken_back(
    settings: Settings, session: Session, web: FlaskClient, said: FollowupExecution
) -> None:
    told = real() - timedelta(seconds=30)
    said.clicked_at = told
    session.commit()
    for number, to in ((0, SHOP), (1, OTHER)):
        leads(web.get(path(settings, said.id, number, to), headers=PHONE), to)
    assert counted(session) == (0, 2, False, True)
    assert session.get_one(FollowupExecution, (said.id, said.clinic_id)).clicked_at == told


def homes(answer: TestResponse) -> set[str]:
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "ใช้ไม่ได้แล้ว" in answer.text and "leads nowhere" in answer.text
    return set(re.findall(r'<a href="([^"]+)"', answer.text))


def test_an_old_one_leads_back_to_the_clinic_and_counts_nothing(
    settings: Settings, session: Session, web: FlaskClient, said: FollowupExecution
) -> None:
    make_clinic(session, "luna")
    session.commit()
    answer = web.get(path(settings, said.id, made=real() - LIFE - timedelta(days=2)), headers=PHONE)
    assert answer.status_code == 404
    assert homes(answer) == {"https://line.me/R/ti/p/%40aura"}
    assert counted(session) == (0, 0, False, False)


def test_what_nobody_has_signed_is_told_nothing(
    settings: Settings, session: Session, web: FlaskClient, said: FollowupExecution
) -> None:
    signed = path(settings, said.id)
    wrong = [
        "/l/aura/x", "/l/nobody/x", "/l/aura/" + "A" * 3_000, "/l/aura/%00%ff", f"{signed}x",
        signed.replace("/aura/", "/luna/"),
    ]  # fmt: skip
    alone = [web.get(each) for each in wrong]
    assert {answer.status_code for answer in alone} == {404}
    assert {home for answer in alone for home in homes(answer)} == {"https://line.me/R/ti/p/%40aura"}
    assert len({answer.text for answer in alone}) == 1
    # Of several clinics none is told to a stranger.
    make_clinic(session, "luna")
    session.commit()
    many = [web.get(each) for each in wrong]
    assert {home for answer in many for home in homes(answer)} == {"https://line.me/R/nv/chat"}
    assert counted(session) == (0, 0, False, False)


def test_the_page_speaks_the_reader_s_language_first(web: FlaskClient) -> None:
    thai, english = (web.get("/l/aura/x", headers={"Accept-Language": code}) for code in ("th", "en"))
    assert thai.text.index("ใช้ไม่ได้แล้ว") < thai.text.index("leads nowhere") and 'lang="th"' in thai.text
    assert english.text.index("leads nowhere") < english.text.index("ใช้ไม่ได้แล้ว")
    assert "Accept-Language" in thai.headers["Vary"]


def test_what_the_clinic_has_not_said_or_has_forgotten_counts_nothing(
    settings: Settings, session: Session, web: FlaskClient, said: FollowupExecution
) -> None:
    leads(web.get(path(settings, uuid4()), headers=PHONE))
    said.customer.data_key = None
    session.commit()
    leads(web.get(path(settings, said.id), headers=PHONE))
    assert counted(session) == (0, 0, False, False)


def test_without_a_database_it_leads_on(
    settings: Settings, session: Session, said: FollowupExecution, make_app: Callable[[Settings], Flask]
) -> None:
    away = make_app(settings.model_copy(update={"database_url": "postgresql+psycopg://typed@127.0.0.1:1/none"}))
    leads(away.test_client().get(path(settings, said.id), headers=PHONE))
    answer = away.test_client().get("/l/aura/x")
    assert (answer.status_code, homes(answer)) == (404, {"https://line.me/R/nv/chat"})


def test_while_somebody_holds_the_row_it_leads_on(
    settings: Settings, session: Session, sessions: sessionmaker[Session], web: FlaskClient, said: FollowupExecution
) -> None:
    with sessions() as other:
        other.execute(text("SELECT 1 FROM deliveries FOR UPDATE"))
        leads(web.get(path(settings, said.id), headers=PHONE))
    assert counted(session) == (0, 0, False, False)


def test_who_tries_addresses_is_slowed_down_and_who_holds_a_right_one_never(
    settings: Settings, session: Session, web: FlaskClient, said: FollowupExecution
) -> None:
    answers = [web.get("/l/aura/x") for _ in range(WRONG + 1)]
    assert [answer.status_code for answer in answers] == [404] * WRONG + [429]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
    assert homes(answers[-1]) == {"https://line.me/R/nv/chat"}
    follow = partial(web.get, path(settings, said.id), headers=PHONE)
    for _ in range(COUNTED + 5):
        leads(follow())
    assert counted(session) == (COUNTED, 0, True, True)
