"""Stylesheets and scripts: kept for ever under a name that changes with them, compressed once, small."""

import gzip

import pytest
from flask import Flask
from flask.testing import FlaskClient

from web import statics
from web.statics import FOLDER, JOINED, address, look_address, made

BUDGET = 40_000
"""Bytes that a first page may cost beside its own text."""


@pytest.fixture
def client() -> FlaskClient:
    app = Flask(__name__, static_folder=None)
    app.register_blueprint(statics.blueprint())
    return app.test_client()


def test_a_file_is_kept_for_ever_under_its_name(client: FlaskClient) -> None:
    answer = client.get(address("portal.js"))
    assert answer.data == (FOLDER / "portal.js").read_bytes()
    assert answer.content_type == "text/javascript; charset=utf-8"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in answer.headers


def test_it_is_compressed_for_who_can_read_that(client: FlaskClient) -> None:
    plain = client.get(address("aura.css"))
    packed = client.get(address("aura.css"), headers={"Accept-Encoding": "br, gzip"})
    refused = client.get(address("aura.css"), headers={"Accept-Encoding": "gzip;q=0"})
    assert (packed.headers["Content-Encoding"], gzip.decompress(packed.data)) == ("gzip", plain.data)
    assert refused.data == plain.data
    assert len(packed.data) < len(plain.data) / 2
    assert {one.headers["Vary"] for one in (plain, packed, refused)} == {"Accept-Encoding"}
    assert plain.headers["ETag"] != packed.headers["ETag"]
    known = {"Accept-Encoding": "gzip", "If-None-Match": packed.headers["ETag"]}
    again = client.get(address("aura.css"), headers=known)
    assert (again.status_code, again.data) == (304, b"")


def test_a_name_from_before_an_update_is_answered_and_not_kept(client: FlaskClient) -> None:
    now = address("portal.js").split(".")[1]
    old = client.get(address("portal.js").replace(now, "0123456789"))
    assert (old.status_code, old.headers["Cache-Control"]) == (200, "no-cache")


@pytest.mark.parametrize(
    "name",
    ["portal.js", "portal.0123456789.css", "nothing.0123456789.js", "..%2fstatics.0123456789.py",
     "ground.0123456789.css", "look/8E5A6D.css", "look/8e5a6d.0123456789.css", "look/8E5A6.0123456789.css",
     "look/8E5A6D.0123456789.js"],
)  # fmt: skip
def test_there_is_nothing_else(client: FlaskClient, name: str) -> None:
    assert client.get(f"/static/{name}").status_code == 404


def test_a_clinics_colours_have_an_address_that_changes_with_them(client: FlaskClient) -> None:
    answer = client.get(look_address("#8e5a6d"))
    assert look_address("#8e5a6d").startswith("/static/look/8E5A6D.")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert ":root{color-scheme:light dark;" in answer.text
    assert look_address("#2B6CA6") != look_address("#8e5a6d")


def test_every_part_of_a_joined_file_is_in_it_and_in_no_other() -> None:
    styles = {file.name for file in FOLDER.glob("*.css")}
    assert sorted(part for parts in JOINED.values() for part in parts) == sorted(styles)


def test_a_first_page_costs_little(client: FlaskClient) -> None:
    asked = (address("aura.css"), look_address("#8E5A6D"), address("portal.js"))
    sizes = {one: len(client.get(one, headers={"Accept-Encoding": "gzip"}).data) for one in asked}
    assert sum(sizes.values()) < BUDGET, sizes


def test_the_name_changes_with_the_content() -> None:
    assert made(b"a{}", ".css").version != made(b"b{}", ".css").version
    assert made(b"a{}", ".css") == made(b"a{}", ".css")
