"""`/pictures`: what LINE's apps fetch, behind a signature."""

import struct
import zlib
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import segno
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from channels.pictures import CARD, REDEMPTION, address, read, read_made
from customers import cards
from customers.people import meet_on_line
from facts.merged import merge
from loyalty import redemptions, rewards
from loyalty.points import create_loyalty_profile
from models.customers import Customer
from models.rewards import Redemption
from runtime.clock import real
from runtime.settings import Settings
from tests.conftest import new_key
from tests.fixtures.clinic import NOW, make_clinic
from tests.fixtures.rewards import enrich, make_reward
from web.pictures import QUIET, SCALE, SIDE, over, qr


@pytest.fixture
def web(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def redemption(sessions: sessionmaker[Session]) -> Redemption:
    with sessions.begin() as session:
        clinic = make_clinic(session)
        customer = meet_on_line(session, clinic, "U" + "a" * 32, NOW).customer
        enrich(session, customer, 1_000)
        return rewards.redeem(session, customer, make_reward(session, clinic).id, real())


def path(settings: Settings, clinic_id: UUID, id_: UUID) -> str:
    found = address(settings, REDEMPTION, clinic_id, id_)
    assert found is not None
    return found.removeprefix(settings.public_url)


def pixels(png: bytes) -> list[list[bool]]:
    """The dark pixels of a one-bit grey PNG without interlacing, which is what segno writes."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, at = [], 8
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        chunks.append((kind, png[at + 8 : at + 8 + length]))
        at += 12 + length
    width, height, depth, color = struct.unpack(">IIBB", dict(chunks)[b"IHDR"][:10])
    assert (depth, color) == (1, 0)
    raw = zlib.decompress(b"".join(data for kind, data in chunks if kind == b"IDAT"))
    stride = (width + 7) // 8 + 1
    lines = [raw[line * stride : (line + 1) * stride] for line in range(height)]
    above, filled = bytes(stride - 1), []
    for line in lines:
        assert line[0] in (0, 2)  # as it is, or what is added to the line above
        above = line[1:] if line[0] == 0 else bytes((a + b) % 256 for a, b in zip(line[1:], above, strict=True))
        filled.append(above)
    return [[not line[x // 8] >> (7 - x % 8) & 1 for x in range(width)] for line in filled]


def test_the_picture_is_the_code_with_white_around(
    web: FlaskClient, settings: Settings, redemption: Redemption
) -> None:
    answer = web.get(path(settings, redemption.clinic_id, redemption.id))
    assert (answer.status_code, answer.mimetype) == (200, "image/png")
    assert answer.headers["Cache-Control"] == "private, max-age=300"
    drawn = pixels(answer.data)
    modules = [bytes(row) for row in segno.make(redemption.code, error="q", micro=False).matrix]
    edge, side = QUIET * SCALE, len(modules)
    assert len(drawn) == len(drawn[0]) == (side + 2 * QUIET) * SCALE == SIDE
    middle = SCALE // 2
    seen = [
        bytes(drawn[edge + y * SCALE + middle][edge + x * SCALE + middle] for x in range(side)) for y in range(side)
    ]
    assert seen == modules
    assert not any(any(row[:edge]) for row in drawn)


def test_a_picture_that_is_known_is_not_sent_again(
    web: FlaskClient, settings: Settings, redemption: Redemption
) -> None:
    first = web.get(path(settings, redemption.clinic_id, redemption.id))
    again = web.get(
        path(settings, redemption.clinic_id, redemption.id), headers={"If-None-Match": first.headers["ETag"]}
    )
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("change", ["x{}", "{}x", "", "....", "{}.png", "%00", "ก"])
def test_a_made_up_address_shows_nothing(
    web: FlaskClient, settings: Settings, redemption: Redemption, change: str
) -> None:
    token = path(settings, redemption.clinic_id, redemption.id).rsplit("/", 1)[1].removesuffix(".png")
    answer = web.get(f"/pictures/redemption/{change.format(token)}.png")
    assert answer.status_code == 404
    assert redemption.code not in answer.text


def test_the_signature_is_of_this_kind_and_this_server(
    web: FlaskClient, settings: Settings, redemption: Redemption
) -> None:
    other = settings.model_copy(update={"secret_keys": type(settings.secret_keys)(new_key())})
    foreign = address(other, REDEMPTION, redemption.clinic_id, redemption.id)
    another_kind = address(settings, "check-in", redemption.clinic_id, redemption.id)
    assert foreign is not None
    assert another_kind is not None
    for made in (foreign, another_kind.replace("check-in", REDEMPTION)):
        assert web.get(made.removeprefix(settings.public_url)).status_code == 404


def test_an_address_outlives_the_rotation_of_keys(settings: Settings) -> None:
    key = uuid4(), uuid4()
    old = settings.secret_keys.get_secret_value()
    rotated = settings.model_copy(update={"secret_keys": type(settings.secret_keys)(f"{new_key()},{old}")})
    dropped = settings.model_copy(update={"secret_keys": type(settings.secret_keys)(new_key())})
    token = path(settings, key[1], key[0]).rsplit("/", 1)[1].removesuffix(".png")
    assert (read(rotated, REDEMPTION, token), read(dropped, REDEMPTION, token)) == (key, None)
    assert path(rotated, *key) != path(settings, *key)


@pytest.mark.parametrize("end", ["used", "cancelled"])
def test_a_code_that_is_over_is_no_longer_drawn(
    web: FlaskClient, settings: Settings, sessions: sessionmaker[Session], redemption: Redemption, end: str
) -> None:
    with sessions.begin() as session:
        found: Any = session.get_one(Redemption, (redemption.id, redemption.clinic_id))
        if end == "used":
            redemptions.confirm(session, found.customer.clinic, found.code, NOW, actor="staff")
        else:
            redemptions.cancel(session, found, NOW, actor="customer")
    answer = web.get(path(settings, redemption.clinic_id, redemption.id))
    assert (answer.status_code, answer.mimetype) == (200, "image/png")
    assert answer.data == over(used=end == "used") != over(used=end != "used")
    assert struct.unpack(">II", answer.data[16:24]) == (SIDE, SIDE)


def test_a_redemption_that_never_was_has_no_picture(web: FlaskClient, settings: Settings) -> None:
    assert web.get(path(settings, uuid4(), uuid4())).status_code == 404


def test_line_is_given_no_address_that_it_would_refuse(settings: Settings) -> None:
    real = settings.model_copy(update={"line_api_base": "https://api.line.me"})
    assert address(real, REDEMPTION, uuid4(), uuid4()) is None
    public = real.model_copy(update={"public_url": "https://aura.example/"})
    assert str(address(public, REDEMPTION, uuid4(), uuid4())).startswith("https://aura.example/pictures/redemption/")


def test_a_clinic_that_cannot_be_read_still_has_its_pictures(
    web: FlaskClient, settings: Settings, session: Session, redemption: Redemption
) -> None:
    session.execute(text("UPDATE clinics SET settings = '[]', data_key = 'x'"))
    session.commit()
    assert web.get(path(settings, redemption.clinic_id, redemption.id)).status_code == 200


@pytest.fixture
def member(sessions: sessionmaker[Session]) -> Customer:
    with sessions.begin() as session:
        customer = meet_on_line(session, make_clinic(session), "U" + "a" * 32, NOW).customer
        create_loyalty_profile(session, customer, real())
        session.flush()
        return customer


def card(settings: Settings, customer: Customer, made: datetime) -> str:
    found = address(settings, CARD, customer.clinic_id, customer.id, made)
    assert found is not None
    return found.removeprefix(settings.public_url)


def test_the_code_of_a_card_is_drawn_while_it_lives(
    web: FlaskClient, settings: Settings, sessions: sessionmaker[Session], member: Customer
) -> None:
    now = real()
    with sessions() as session:
        code = cards.living_code(session, session.merge(member), now)
    answer = web.get(card(settings, member, now))
    assert answer.data == qr(code.text) == qr(code.text.upper())
    assert struct.unpack(">II", answer.data[16:24]) == (SIDE, SIDE)
    kept = int(answer.headers["Cache-Control"].removeprefix("private, max-age="))
    assert 0 < kept <= min(300, (code.until - now).total_seconds())
    for made in (now - timedelta(minutes=10), now + timedelta(minutes=10)):
        assert web.get(card(settings, member, made)).data == over(used=False)


def test_the_address_of_a_card_is_of_this_kind_and_of_somebody(
    web: FlaskClient, settings: Settings, sessions: sessionmaker[Session], member: Customer
) -> None:
    now = real()
    here = card(settings, member, now)
    token = here.rsplit("/", 1)[1].removesuffix(".png")
    assert read_made(settings, CARD, token) == ((member.id, member.clinic_id), now.replace(microsecond=0))
    assert read(settings, CARD, token) is None
    assert web.get(here.replace(token, f"{token}x")).status_code == 404
    assert web.get(here.replace("card", REDEMPTION)).status_code == 404
    timeless = address(settings, CARD, member.clinic_id, member.id) or ""
    assert web.get(timeless.removeprefix(settings.public_url)).status_code == 404
    with sessions.begin() as session:
        gone = session.get_one(Customer, (member.id, member.clinic_id))
        stays = meet_on_line(session, gone.clinic, "U" + "b" * 32, NOW).customer
        create_loyalty_profile(session, stays, now)
        merge(session, gone, stays, now, actor="staff")
        code = cards.living_code(session, stays, now).text
    assert web.get(here).data == qr(code)
    with sessions.begin() as session:
        session.execute(text("UPDATE customers SET data_key = NULL"))
    assert web.get(here).status_code == 404
