"""`/pictures`: what LINE's apps fetch, behind a signature."""

import struct
import zlib
from typing import Any
from uuid import UUID, uuid4

import pytest
import segno
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from channels.pictures import REDEMPTION, address, read
from customers.people import meet_on_line
from loyalty import redemptions, rewards
from models.rewards import Redemption
from runtime.clock import real
from runtime.settings import Settings
from tests.conftest import new_key
from tests.fixtures.clinic import NOW, make_clinic
from tests.fixtures.rewards import enrich, make_reward
from web.pictures import QUIET, SCALE, SIDE, over


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


def path(settings: Settings, *key: UUID) -> str:
    found = address(settings, REDEMPTION, *key)
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
