"""Whatever the bot answers with is seen whole above the open menu of a phone, from its first line on."""

import importlib
import pkgutil
import re
import sys
from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import Path
from types import ModuleType
from typing import Any, get_type_hints

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

import bot.cards
from bot.routes import Table
from channels.line.messages import Card
from customers.voice import in_language
from local import demo
from models.clinics import Clinic
from richmenus.draw import png
from richmenus.menus import menu
from tests.browser.cards import Walk
from tests.browser.conftest import MALI, Line
from tests.fixtures.clinic import NOW

CUT = """() => {
  const card = [...document.querySelectorAll('[data-testid="chat-item"]')].at(-1);
  const top = document.querySelector("#scroller").getBoundingClientRect().top;
  const tops = [...card.querySelectorAll(".fx-bubble")].map((one) => one.getBoundingClientRect().top);
  const words = [...card.querySelectorAll("*")].filter((one) =>
    getComputedStyle(one).textOverflow === "ellipsis" && one.scrollWidth > one.clientWidth + 1);
  return [...(Math.min(...tops) < top ? [`${Math.round(top - Math.min(...tops))} pixels`] : []),
    ...words.map((one) => one.textContent)];
}"""
"""What of the newest card is not seen: at its top, and of its words."""


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> dict[str, bool]:
    """Each kind of card that customers are shown, and whether it was drawn in this test."""
    found: dict[str, bool] = {}

    def watched(name: str, draw: Callable[..., Card]) -> Callable[..., Card]:
        @wraps(draw)
        def drawing(*given: Any, **named: Any) -> Card:
            found[name] = True
            return draw(*given, **named)

        return drawing

    for module in _rooms_cards():
        for name, draw in vars(module).copy().items():
            own = callable(draw) and getattr(draw, "__module__", "") == module.__name__ and not name.startswith("_")
            if own and get_type_hints(draw).get("return") is Card:
                found[f"{module.__name__}.{name}"] = False
                instead = watched(f"{module.__name__}.{name}", draw)
                for user in [one for title, one in sys.modules.items() if title.startswith("bot.")]:
                    if vars(user).get(name) is draw:
                        monkeypatch.setattr(user, name, instead)
    return found


def _rooms_cards() -> Iterator[ModuleType]:
    for one in pkgutil.iter_modules(bot.cards.__path__):
        if not one.name.startswith("staff"):
            yield importlib.import_module(f"bot.cards.{one.name}")


def open_menu(phone: Page, line: Line, clinic: Clinic, language: str) -> None:
    """That of a member."""
    shown = menu(clinic.name, clinic.settings.voice.brand_color, "gold", language, in_language(clinic, language))
    made = line.http.post("/v2/bot/richmenu", json=shown.definition).json()["richMenuId"]
    kind = {"Content-Type": "image/png"}
    line.http.post(f"/v2/bot/richmenu/{made}/content", content=png(shown.drawing), headers=kind).raise_for_status()
    line.http.post(f"/v2/bot/user/all/richmenu/{made}").raise_for_status()
    expect(phone.get_by_test_id("rich-menu")).to_be_visible()


@pytest.mark.parametrize("language", ["th", "en"])
def test_every_card_is_seen_whole(
    phone: Page,
    line: Line,
    session: Session,
    table: Table,
    tmp_path: Path,
    drawn: dict[str, bool],
    language: str,
) -> None:
    clinic = demo.demo_clinic(session, NOW)
    demo.ken(session, clinic, NOW)
    told = Walk(session, clinic, table, language).all()
    assert [name for name, seen in drawn.items() if not seen] == []
    phone.emulate_media(reduced_motion="reduce")
    open_menu(phone, line, clinic, language)
    cut = {}
    for place, (name, messages) in enumerate(told):
        if messages[-1]["type"] != "flex":
            continue
        before = phone.get_by_test_id("chat-item").count()
        line.push(MALI, *messages)
        expect(phone.get_by_test_id("chat-item")).to_have_count(before + len(messages))
        if missing := phone.evaluate(CUT):
            cut[f"{place} {name}"] = missing
        phone.screenshot(path=tmp_path / f"{place:03}-{re.sub('[^a-z_]+', '-', name)[:30]}.png")
    assert cut == {}
