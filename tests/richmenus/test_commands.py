"""`flask richmenus sync` as an operator runs it."""

from collections.abc import Callable

import pytest
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.orm import Session

from richmenus import menus
from runtime.settings import Settings
from tests.fixtures.clinic import make_clinic
from tests.richmenus.conftest import Account


def test_each_change_is_one_line_and_a_second_run_has_none(
    account: Account, settings: Settings, monkeypatch: pytest.MonkeyPatch, make_app: Callable[[Settings], Flask]
) -> None:
    monkeypatch.setattr(menus, "LOOKS", ("guest",))
    here = {
        "line_api_base": account.simulator.url,
        "line_channel_id": account.simulator.channel_id,
        "line_channel_secret": SecretStr(account.simulator.channel_secret),
    }
    runner = make_app(settings.model_copy(update=here)).test_cli_runner()

    first = runner.invoke(args=["richmenus", "sync"])
    assert first.exit_code == 0, first.output
    told = [line for line in first.stdout.splitlines() if line.startswith("aura: ")]
    assert [line.split()[1] for line in told] == ["created", "uploaded", "made", "created", "uploaded", "in"]

    second = runner.invoke(args=["richmenus", "sync", "--clinic", "aura"])
    assert [line for line in second.stdout.splitlines() if line.startswith("aura: ")] == ["aura: nothing to change"]

    unknown = runner.invoke(args=["richmenus", "sync", "--clinic", "iron"])
    assert unknown.exit_code == 1
    assert "There is no clinic 'iron'." in unknown.output


def test_a_clinic_whose_key_opens_nothing_holds_up_no_other(
    session: Session, settings: Settings, make_app: Callable[[Settings], Flask]
) -> None:
    for slug in ("aura", "glow"):
        make_clinic(session, slug).line_bot_token = "a token"
    session.flush()
    session.execute(text("UPDATE clinics SET data_key = substr(data_key, 1, 20) WHERE slug = 'aura'"))
    session.execute(text("UPDATE clinics SET line_bot_token_sealed = NULL WHERE slug = 'glow'"))
    session.commit()
    nobody = settings.model_copy(update={"line_channel_id": "", "line_channel_secret": SecretStr("")})
    told = make_app(nobody).test_cli_runner().invoke(args=["richmenus", "sync"])
    assert told.exit_code == 1
    assert "aura: not begun, no key of SECRET_KEYS opens" in told.output
    assert "glow: passed over, it has no LINE account" in told.output
