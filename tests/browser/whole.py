"""Whether all kinds of cards were looked at, and all of each is seen."""

import importlib
import pkgutil
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any, get_type_hints

import pytest

import bot.cards
from channels.line.messages import Card

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


def watch(monkeypatch: pytest.MonkeyPatch, chosen: Callable[[str], bool]) -> dict[str, bool]:
    """Each kind of card that the chosen files of `bot/cards/` draw, and whether it has been drawn since."""
    found: dict[str, bool] = {}

    def watched(name: str, draw: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(draw)
        def drawing(*given: Any, **named: Any) -> Any:
            made = draw(*given, **named)
            found[name] = found[name] or isinstance(made, Card)
            return made

        return drawing

    for one in pkgutil.iter_modules(bot.cards.__path__):
        module = importlib.import_module(f"bot.cards.{one.name}")
        for name, draw in vars(module).copy().items() if chosen(one.name) else ():
            own = callable(draw) and getattr(draw, "__module__", "") == module.__name__ and not name.startswith("_")
            if own and get_type_hints(draw).get("return") in (Card, Card | str):
                found[f"{one.name}.{name}"] = False
                instead = watched(f"{one.name}.{name}", draw)
                for user in [room for title, room in sys.modules.items() if title.startswith("bot.")]:
                    if vars(user).get(name) is draw:
                        monkeypatch.setattr(user, name, instead)
    return found
