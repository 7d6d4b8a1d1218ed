"""Settings as people really give them: with a line break at the end, in quotation marks, with an example's keys."""

import base64
import subprocess
import sys
from collections.abc import Mapping

import pytest

from runtime.keys import new_key
from runtime.settings import DEVELOPMENT_KEY, Settings, SettingsRefused, read
from tests.check.tree import ROOT

SECRET = "0123456789abcdef0123456789abcdef"
DEVELOPMENT = {"APP_ENV": "development"}


def production(**more: str) -> dict[str, str]:
    return {"APP_ENV": "production", "SECRET_KEYS": new_key(), "INDEX_KEY": new_key(), **more}


def text_of(key: bytes) -> str:
    return base64.urlsafe_b64encode(key).decode()


def refusal(given: Mapping[str, str]) -> str:
    with pytest.raises(SettingsRefused) as refused:
        read(given)
    return str(refused.value)


@pytest.mark.parametrize("around", ["{}\n", " {}", "{}\r\n", "\t{} ", "{}\u00a0", "\ufeff{}"])
def test_white_space_around_a_value_is_no_part_of_it(around: str) -> None:
    keys = new_key(), new_key()
    if around == "\ufeff{}":  # not white space: what nobody can see is refused by name instead
        assert "LINE_CHANNEL_SECRET" in refusal(DEVELOPMENT | {"LINE_CHANNEL_SECRET": around.format(SECRET)})
        return
    names = ("LINE_CHANNEL_SECRET", "LINE_BOT_TOKEN", "LINE_CHANNEL_ID")
    found = read(
        production(
            **{name: around.format(SECRET) for name in names},
            SECRET_KEYS=around.format(f"{keys[0]} , {keys[1]}"),
            INDEX_KEY=around.format(new_key()),
            PUBLIC_URL=around.format("https://aura.example"),
            PORT=around.format("8123"),
        )
    )
    assert {found.line_channel_secret.get_secret_value(), found.line_bot_token.get_secret_value()} == {SECRET}
    assert (found.line_channel_id, found.public_url, found.port) == (SECRET, "https://aura.example", 8123)
    assert [text_of(key) for key in found.ring] == list(keys)


@pytest.mark.parametrize("name", ["LINE_CHANNEL_SECRET", "LINE_BOT_TOKEN", "LINE_CHANNEL_ID"])
@pytest.mark.parametrize(
    "wrong", ["to ken", "to\nken", "'token'", '"token"', "to\0ken", "tok\u200ben", "โทเค็น", "\udc80"]
)
def test_a_secret_that_cannot_be_one_is_named_and_not_quoted(name: str, wrong: str) -> None:
    said = refusal(DEVELOPMENT | {name: wrong})
    assert said.startswith(f"{name}: ")
    assert wrong not in said


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("DATABASE_URL", "postgresql://aura:pa/ss@host/aura"),
        ("DATABASE_URL", "postgresql://aura:sesame@host:sesame/aura"),
        ("DATABASE_URL", "mysql://aura:sesame@host/aura"),
        ("REDIS_URL", "redis://:sesame@host:sesame/0"),
        ("REDIS_URL", "redis://host:99999/0"),
        ("PUBLIC_URL", "https://host:sesame"),
        ("LINE_API_BASE", "https://api line me"),
        ("APP_ENV", "sesame"),
        ("PORT", "sesame"),
        ("LOYALTY_POINTS_PER_BAHT", "sesame"),
        ("TIMING_DIVISOR", "1000"),
        ("SECRET_KEYS", ""),
        ("SECRET_KEYS", " , "),
        ("SECRET_KEYS", "sesame"),
        ("SECRET_KEYS", "c2VzYW1l"),
        ("INDEX_KEY", ""),
        ("INDEX_KEY", "sesame!"),
    ],
)
def test_what_is_wrong_is_named_with_its_cure_and_nothing_is_quoted(name: str, wrong: str) -> None:
    said = refusal(DEVELOPMENT | {"LINE_CHANNEL_SECRET": SECRET, name: wrong})
    assert name in said
    assert not [
        quoted for quoted in (wrong, "sesame", "pa/ss", SECRET[:8]) if quoted and quoted in said and quoted != "1000"
    ]


@pytest.mark.parametrize(
    "keys",
    [
        DEVELOPMENT_KEY,
        f"{DEVELOPMENT_KEY},",
        f" {DEVELOPMENT_KEY}",
        f",{DEVELOPMENT_KEY} ",
        f"{DEVELOPMENT_KEY},{text_of(bytes(range(7, 256, 7))[:32])}",
        f"{text_of(bytes(range(7, 256, 7))[:32])},{DEVELOPMENT_KEY}\n",
        text_of(Settings.model_validate({"app_env": "development"}).ring[0]),
        text_of(Settings.model_validate({"app_env": "development"}).index),
        text_of(bytes(32)),
        text_of(b"a" * 32),
        text_of(b"\xff" * 31 + b"\xfe"),
        text_of(bytes(range(32))),
        text_of(bytes(range(255, 223, -1))),
        text_of(bytes(range(16)) * 2),
        text_of(bytes.fromhex("00ff3a91c25d7e08b46f19e3a8d02c57") * 2),
        text_of(b"0123456789abcdef" * 2),
        text_of(b"correct horse battery staple, 32"),
        text_of(b"x9Kq2LmZr7TpWc4VbN8sJd3HgF6yAeQu"),
    ],
)
@pytest.mark.parametrize("name", ["SECRET_KEYS", "INDEX_KEY"])
def test_production_refuses_the_keys_of_development_in_any_disguise(name: str, keys: str) -> None:
    """Also what anybody could guess; a list where one key is meant is refused as no key at all."""
    assert name in refusal(production(**{name: keys}))
    assert name in refusal(production(**{name: f"{new_key()},{keys}" if name == "SECRET_KEYS" else keys}))


def test_production_refuses_one_key_for_both() -> None:
    one = new_key()
    for ring in (one, f" {one}\n", f"{new_key()},{one}", one.rstrip("=") + "="):
        assert "INDEX_KEY" in refusal(production(SECRET_KEYS=ring, INDEX_KEY=one))


def test_a_drawn_key_is_never_taken_for_a_guessable_one() -> None:
    assert {len(read(production()).ring) for _ in range(500)} == {1}


def test_every_variable_that_is_wrong_is_named_at_once() -> None:
    said = refusal({"APP_ENV": "development", "PORT": "x", "REDIS_URL": "y", "LINE_BOT_TOKEN": "a b"})
    assert [line.split(":")[0] for line in said.splitlines()] == ["REDIS_URL", "PORT", "LINE_BOT_TOKEN"]


STARTS = {
    "flask": ["-m", "flask", "--app", "app", "keys", "new"],
    "granian": ["-m", "granian", "--interface", "asginl", "--factory", "--port", "0", "app:create_gate"],
    "demo": ["-m", "local.demo"],
}


@pytest.mark.parametrize("how", STARTS)
def test_a_process_with_wrong_settings_ends_with_their_names_alone(how: str) -> None:
    given = {"APP_ENV": "production", "SECRET_KEYS": "development-only,", "LINE_CHANNEL_SECRET": SECRET, "PORT": "no"}
    ended = subprocess.run(
        [sys.executable, *STARTS[how]],
        cwd=ROOT, env=given | {"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    said = ended.stdout + ended.stderr
    assert ended.returncode
    assert "PORT: " in said
    assert not [quoted for quoted in ("Traceback", SECRET[:8], SECRET[-8:], "input_value") if quoted in said], said
