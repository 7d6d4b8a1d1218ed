"""A language is one folder: put there and nothing else done, it is found, offered, heard and spoken."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from pydantic import SecretStr

from runtime.language import LANGUAGES, LOCALES
from runtime.settings import Settings
from tests.check.tree import ROOT

ITSELF = {"English": "日本語", "Switch to English": "日本語にする"}
TALK = """
import json, sys
from app import assemble
from bot.routes import build
from channels.line.render import freeze
from customers.voice import in_language
from richmenus.menus import menus
from runtime import database, limits
from runtime.keys import Vault
from runtime.language import LANGUAGES
from runtime.settings import Settings
from tests.fixtures.clinic import Talk, make_clinic

settings = Settings.model_validate(json.load(sys.stdin))
engine, sessions = database.connect(settings, Vault.from_settings(settings), limits.COMMAND)
said = {"languages": LANGUAGES}
with sessions() as session:
    clinic = make_clinic(session)
    talk = Talk(session, clinic, build())

    def heard(outcome):
        return json.loads(freeze(outcome.reply))

    said["greeting"] = heard(talk.event("follow"))
    said["help"] = heard(talk.say("เมนู"))
    said["choice"] = heard(talk.tap("languages"))
    said["tapped"] = heard(talk.tap("language", to="ja"))
    said["points"] = heard(talk.say("にほん points"))
    said["thai"] = heard(talk.say("ภาษาไทย"))
    said["word"] = heard(talk.say("Nihongo!"))
    said["language"] = talk.row.customer.language
    said["menus"] = [menu.key for menu in menus("Aura", "#8E5A6D", {c: in_language(clinic, c) for c in LANGUAGES})]
    session.rollback()
engine.dispose()
print(json.dumps(said))
"""


def japanese(folder: Path) -> None:
    """All catalogues, each text in brackets."""
    folder.mkdir()
    for domain in ("messages", "hear", "kinds", "named"):
        with (LOCALES / "en" / f"{domain}.po").open("rb") as source:
            english = read_po(source, locale="en")
        made = Catalog(locale="ja")
        for message in english:
            if not message.id:
                continue
            ids = [str(one) for one in message.id] if isinstance(message.id, tuple) else [str(message.id)]
            text = f"にほん {ids[0]}" if domain != "messages" else ITSELF.get(ids[0], f"〔{ids[-1]}〕")
            if message.id == "speak":
                text = "日本語|nihongo"
            made.add(message.id, (text,) if len(ids) > 1 else text)
        with (folder / f"{domain}.po").open("wb") as target:
            write_po(target, made)


@pytest.fixture
def said(tmp_path: Path, settings: Settings) -> dict[str, Any]:
    """What is said where `runtime/locales` has one folder more; everything else is the product's."""
    shutil.copytree(ROOT / "runtime", tmp_path / "runtime", ignore=shutil.ignore_patterns("__pycache__"))
    japanese(tmp_path / "runtime" / "locales" / "ja")
    given = {name: value.get_secret_value() if isinstance(value, SecretStr) else value for name, value in settings}
    done = subprocess.run(
        [sys.executable, "-c", TALK],
        input=json.dumps(given, default=str),
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def labels(messages: list[dict[str, Any]]) -> list[str]:
    return [item["action"]["label"] for item in messages[-1].get("quickReply", {}).get("items", ())]


def test_one_folder_is_a_language(said: dict[str, Any]) -> None:
    assert said["languages"] == [*LANGUAGES, "ja"]
    # With three there is a choice, and each is called by its own name in it.
    assert labels(said["greeting"])[0] == "English · 日本語"
    assert "languages" in json.dumps(said["help"])
    assert labels(said["choice"]) == ["ภาษาไทย", "English", "日本語"]
    assert "〔In which language shall we speak?〕" in said["choice"][0]["text"]
    assert said["tapped"][0]["text"] == "〔From now on we speak English.〕"
    assert "〔Welcome to Aura Clinic〕" in said["points"][-1]["altText"]
    assert "ภาษาไทย" in said["thai"][0]["text"]
    assert said["word"][0]["text"] == "〔From now on we speak English.〕"
    assert said["language"] == "ja"
    assert {"guest-ja", "diamond-ja"} <= set(said["menus"])
