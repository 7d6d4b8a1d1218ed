"""`flask clinics` as an owner runs it."""

import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskCliRunner
from pydantic import SecretStr
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from clinics import commands as clinic_commands
from loyalty import terms
from models.clinics import Clinic
from models.conversations import InboxEvent
from models.loyalty import LoyaltyProfile, Notification
from models.rewards import Reward
from runtime.settings import Settings
from tests.clinics.conftest import WHOLE, Desk
from workers.daily import jobs

SECRET = "0123456789abcdef0123456789abcdef"
FOLLOW = {"type": "follow", "webhookEventId": "01A", "timestamp": 1_700_000_000_000, "source": {"userId": "U1"}}


class Owner:
    """At a shell, with a file."""

    def __init__(self, app: Flask, folder: Path) -> None:
        self.runner: FlaskCliRunner = app.test_cli_runner()
        self.file = folder / "clinic.yaml"
        self.file.write_text(WHOLE, encoding="utf-8")

    def __call__(self, *args: str, given: str | None = None) -> Result:
        return self.runner.invoke(args=["clinics", *args], input=given)

    def write(self, old: str, new: str) -> None:
        whole = self.file.read_text(encoding="utf-8")
        assert whole.count(old) == 1, old
        self.file.write_text(whole.replace(old, new), encoding="utf-8")

    def apply(self, *more: str) -> Result:
        return self("apply", "aura", str(self.file), *more)


@pytest.fixture
def owner(app: Flask, tmp_path: Path) -> Owner:
    return Owner(app, tmp_path)


@pytest.fixture
def made(owner: Owner) -> Owner:
    """Who has made the clinic of the file."""
    assert owner("create", "aura", str(owner.file)).exit_code == 0
    return owner


def test_a_clinic_is_made_exported_and_applied_unchanged(made: Owner) -> None:
    exported = made("export", "aura")
    assert exported.exit_code == 0
    assert exported.stdout.startswith("# Aura Clinic: everything that this clinic chooses for itself.")
    made.file.write_bytes(exported.stdout_bytes)
    assert made("check", "aura", str(made.file)).output == "Nothing is wrong. Applying it changes 0 things.\n"
    assert made.apply("--yes").output == "Nothing changes.\n"


def test_a_clinic_is_made_once(made: Owner) -> None:
    again = made("create", "aura", str(made.file))
    assert (again.exit_code, again.stderr) == (1, "There is a clinic aura already: `apply` changes it.\n")
    bad = made("create", "Aura", str(made.file))
    assert (bad.exit_code, "is no slug" in bad.stderr) == (1, True)


def test_all_that_is_wrong_is_told_and_nothing_changed(made: Owner, session: Session) -> None:
    made.write("persona: female", "persona: robot")
    made.write("points: 800", "points: 0")
    for command in (("check", "aura"), ("apply", "aura"), ("create", "glow")):
        told = made(*command, str(made.file))
        assert told.exit_code == 1
        first, second = told.stderr.splitlines()
        assert first == "line 10: voice.persona: write 'female' or 'male' (not 'robot')"
        assert second.endswith("rewards.premium_mask.points: write a number from 1 (not '0')")
    assert session.scalars(select(Clinic.slug)).all() == ["aura"]


@pytest.mark.parametrize(
    "command", [("export",), ("check", "FILE"), ("apply", "FILE"), ("secret", "line.access_token")]
)
def test_a_clinic_that_is_not_there(owner: Owner, command: tuple[str, ...]) -> None:
    name, *more = (str(owner.file) if part == "FILE" else part for part in command)
    told = owner(name, "iron", *more, given="x")
    assert told.exit_code == 1
    assert "There is no clinic 'iron'." in told.stderr


def test_the_difference_comes_before_it_is_applied(made: Owner, session: Session) -> None:
    made.write("points: 800", "points: 900")
    refused = made.apply()
    assert (refused.exit_code, refused.stderr) == (1, "Nothing was applied: say --yes where nobody can be asked.\n")
    assert refused.stdout == "rewards.premium_mask.points: 800 → 900 (codes that are out stay as they are)\n"
    price = select(Reward.points).where(Reward.code == "premium_mask")
    assert session.scalar(price) == 800
    applied = made.apply("--yes")
    assert applied.exit_code == 0
    assert applied.stdout.splitlines()[-1] == "aura: applied."
    session.rollback()
    assert session.scalar(price) == 900


def test_on_a_terminal_it_asks(made: Owner, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clinics.commands._on_a_terminal", lambda: True)
    made.write("persona: female", "persona: male")
    made.write("#8E5A6D", "#336699")
    told = made("apply", "aura", str(made.file), given="n\n")
    assert told.exit_code == 1
    assert told.output.endswith("Nothing was applied.\n")
    told = made("apply", "aura", str(made.file), given="y\n")
    assert told.output.endswith("aura: applied. Now run `flask richmenus sync`: the menus show some of it.\n")
    assert session.scalars(select(Clinic)).one().settings.voice.persona == "male"


OWN_TIERS = """
    - {name: pearl, threshold: 20000, discount: 15, multiplier: 3}
    - {name: ruby, threshold: 30000, discount: 15, multiplier: 3}
"""


@pytest.mark.parametrize(
    ("old", "new", "drawn"),
    [
        ("name: Aura Clinic\n", "name: Aura\n", True),
        ("#8E5A6D", "#336699", True),
        ("languages: [th, en]", "languages: [th]", True),
        ("languages: [th, en]", "languages: [en, th]", True),
        ("languages: [th, en]", "languages: [th, en]\n  names: {th: ออร่า}", True),
        ("voice:\n", "menus: {members: [card, rewards, appointments, clinic, friends, more]}\nvoice:\n", True),
        ("voice:\n", "referral: {enabled: false}\nvoice:\n", True),
        ("voice:\n", "referral: {points_friend: 7}\nvoice:\n", False),
        ("https://book.aura-clinic.example/siam", "https://book.example", False),
        ("persona: female", "persona: male", False),
        ("threshold: 3000, discount: 10", "threshold: 2900, discount: 11", False),
        ("    - {name: bronze", f"{OWN_TIERS.strip(chr(10))}\n    - {{name: bronze", True),
    ],
)
def test_it_is_said_when_the_menus_are_others(made: Owner, old: str, new: str, drawn: bool) -> None:
    made.write(old, new)
    said = made.apply("--yes").stdout.splitlines()[-1]
    assert said == "aura: applied." + " Now run `flask richmenus sync`: the menus show some of it." * drawn


def test_what_has_changed_meanwhile_is_not_applied(
    made: Owner, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def somebody_else(*_: object) -> None:
        session.execute(text("UPDATE rewards SET points = 850 WHERE code = 'premium_mask'"))
        session.commit()

    monkeypatch.setattr(clinic_commands, "_ask", somebody_else)
    made.write("points: 800", "points: 900")
    told = made.apply()
    assert told.exit_code == 1
    assert told.stderr.startswith("The clinic has changed while you looked at this. Nothing was applied")
    assert session.scalar(select(Reward.points).where(Reward.code == "premium_mask")) == 850


def test_what_fails_in_the_middle_changes_nothing(
    made: Owner, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("in the middle")

    monkeypatch.setattr("clinics.apply._achievements", fails)
    made.write("persona: female", "persona: male")
    made.write("points: 800", "points: 900")
    assert isinstance(made.apply("--yes").exception, RuntimeError)
    assert session.scalars(select(Clinic)).one().settings.voice.persona == "female"
    assert session.scalar(select(Reward.points).where(Reward.code == "premium_mask")) == 800


def test_raised_tiers_name_how_many_lose_and_what_is_better_holds_at_once(made: Owner, session: Session) -> None:
    desk = Desk(session, session.scalars(select(Clinic)).one())
    mali, ken = desk.member(1, 3_500), desk.member(2, 900)
    session.commit()
    made.write("name: gold, threshold: 3000, discount: 10", "name: gold, threshold: 4000, discount: 11")
    made.write("name: silver, threshold: 1000", "name: silver, threshold: 900")
    told = made.apply("--yes").stdout.splitlines()
    assert told[:3] == [
        "tiers.steps.silver.threshold: 1,000 → 900",
        "tiers.steps.gold.threshold: 3,000 → 4,000",
        "tiers.steps.gold.discount: 10 → 11",
    ]
    assert told[3].endswith(": 1 member has less by it, and is told now. What is better holds at once.")
    session.rollback()
    held = dict(session.execute(select(LoyaltyProfile.customer_id, LoyaltyProfile.current_tier)).all())
    assert held == {mali.id: "gold", ken.id: "silver"}
    assert session.scalars(select(Notification.customer_id).where(Notification.kind == "tier_terms")).all() == [mali.id]
    assert made.apply("--yes").output == "Nothing changes.\n"
    exported = made("export", "aura").stdout
    assert "# The tiers below begin on" in exported
    assert "threshold: 4000" in exported
    made.write("name: gold, threshold: 4000, discount: 11", "name: gold, threshold: 3000, discount: 11")
    withdrawn = made.apply("--yes").stdout.splitlines()
    assert withdrawn[1].startswith("What was announced for ")
    assert withdrawn[1].endswith(" is withdrawn.")


def test_the_calendar_begins_them() -> None:
    assert jobs["begin_tiers"].most == terms.BATCH


def test_a_secret_is_kept_sealed_and_never_shown(made: Owner, session: Session) -> None:
    for name, value in (("line.channel_secret", SECRET), ("line.access_token", "tok/en+==")):
        told = made("secret", "aura", name, given=f"{value}\n")
        assert told.exit_code == 0
        assert value not in told.output
    clinic = session.scalars(select(Clinic)).one()
    assert (clinic.line_channel_secret, clinic.line_bot_token) == (SECRET, "tok/en+==")
    assert SECRET.encode() not in (clinic.line_channel_secret_sealed or b"")
    assert SECRET not in made("export", "aura").output
    for bad in ("", "two words", '"quoted"', "ไทย", "x\0"):
        told = made("secret", "aura", "line.channel_secret", given=bad)
        assert (told.exit_code, told.stderr.startswith("A secret is one word")) == (1, True)
    assert made("secret", "aura", "line.password", given="x").exit_code == 2


@pytest.mark.parametrize(
    ("name", "given", "says"),
    [
        ("line.channel_secret", "2000000001", "this is 10 signs"),
        ("line.channel_secret", SECRET[:-1], "this is 31 signs"),
        ("line.channel_secret", SECRET.replace("f", "g"), "0-9 and a-f"),
        ("line.channel_secret", "tok/en+" * 24, "nor the channel access token"),
        ("line.access_token", SECRET, "channel secret, and no access token"),
        ("line.access_token", "2000000001", "channel ID, and no access token"),
    ],
)
def test_what_cannot_be_the_secret_is_refused_and_says_where_it_stands(
    made: Owner, session: Session, name: str, given: str, says: str
) -> None:
    told = made("secret", "aura", name, given=given)
    assert (told.exit_code, told.stdout) == (1, "")
    assert says in told.stderr
    assert "LINE Developers Console" in told.stderr
    assert given not in told.stderr
    clinic = session.scalars(select(Clinic)).one()
    assert (clinic.line_channel_secret, clinic.line_bot_token) == (None, None)


def test_who_is_answered_by_the_environment_is_told_so(made: Owner) -> None:
    assert "It is not used as long as LINE_CHANNEL_SECRET is set" in made(
        "secret", "aura", "line.channel_secret", given=SECRET
    ).stderr  # fmt: skip


def test_clinics_with_secrets_of_their_own_are_reached_side_by_side(
    settings: Settings, session: Session, make_app: Callable[[Settings], Flask], tmp_path: Path
) -> None:
    session.commit()
    app = make_app(settings.model_copy(update={"line_channel_id": "", "line_channel_secret": SecretStr("")}))
    owner = Owner(app, tmp_path)
    secrets = {"aura": SECRET, "glow": SECRET[::-1]}
    for slug, secret in secrets.items():
        assert owner("create", slug, str(owner.file)).exit_code == 0
        assert owner("secret", slug, "line.channel_secret", given=secret).exit_code == 0
    body, client = json.dumps({"destination": "U0", "events": [FOLLOW]}).encode(), app.test_client()

    def post(slug: str, secret: str) -> int:
        signature = b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()
        return client.post(f"/webhooks/line/{slug}", data=body, headers={"x-line-signature": signature}).status_code

    assert [post(slug, secret) for slug, secret in secrets.items()] == [200, 200]
    crossed = [("aura", secrets["glow"]), ("glow", SECRET), ("iron", SECRET)]
    assert [post(slug, secret) for slug, secret in crossed] == [401] * 3
    heard = select(Clinic.slug).join(InboxEvent, InboxEvent.clinic_id == Clinic.id).order_by(Clinic.slug)
    assert session.scalars(heard).all() == ["aura", "glow"]
