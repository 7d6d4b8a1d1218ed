"""The portal as an app of its own, in a plain browser."""

import io
import struct

import pytest
from flask import Flask
from flask.testing import FlaskClient

from models.clinics import Clinic
from models.customers import LineLink
from tests.web.portal.conftest import Browser


@pytest.fixture
def anybody(app: Flask, clinic: Clinic) -> FlaskClient:
    assert clinic
    return app.test_client()


def test_the_manifest_names_the_clinic_and_its_icons(anybody: FlaskClient) -> None:
    answer = anybody.get("/portal/aura/portal.webmanifest")
    assert answer.content_type == "application/manifest+json"
    told = answer.json or answer.get_json(force=True)
    assert (told["name"], told["start_url"], told["scope"]) == ("Aura Clinic", "/portal/aura", "/portal/aura")
    for icon in told["icons"]:
        picture = anybody.get(icon["src"])
        assert picture.content_type == "image/png"
        width, height = struct.unpack(">II", io.BytesIO(picture.data).read(24)[16:])
        assert icon["sizes"] == f"{width}x{height}"


def test_another_clinic_has_its_own_or_none(anybody: FlaskClient) -> None:
    for path in ("portal.webmanifest", "icon-192.png", "icon-9000.png", "icon-x.png"):
        assert anybody.get(f"/portal/nobody/{path}").status_code == 404
    assert anybody.get("/portal/aura/icon-9000.png").status_code == 404


def test_the_worker_may_serve_the_whole_portal(anybody: FlaskClient) -> None:
    answer = anybody.get("/portal/aura/worker.js")
    assert answer.headers["Service-Worker-Allowed"] == "/portal/"
    assert answer.content_type.startswith("text/javascript")


def test_only_a_plain_browser_is_told_of_it(browser_of: object, mali: LineLink, mine: Browser) -> None:
    assert "data-worker" in mine.client.get(mine.at("")).text
    inside = browser_of(mali.customer, "liff")  # type: ignore[operator]
    assert "data-worker" not in inside.client.get(inside.at("")).text


def test_who_is_not_signed_in_has_what_was_kept_forgotten(mine: Browser) -> None:
    assert "Clear-Site-Data" not in mine.client.get(mine.at("")).headers
    mine.send("/me/sign-out")
    assert mine.client.get(mine.at("")).headers["Clear-Site-Data"] == '"storage"'
