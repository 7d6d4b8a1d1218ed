"""What is where: the menus under the chat, one for guests and one per tier, each in every language.

A menu is a list of areas that flow from the top left over three columns and two rows. To offer something new, add a
line to `_guest` or `_member` and give room back elsewhere: `arrange` refuses a row that is not exactly full.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from channels.line.lengths import truncate
from channels.message import Action
from customers.voice import other_language
from loyalty.tiers import tier_name
from richmenus.draw import HEIGHT, WIDTH, Drawing, Tile, svg
from runtime.language import Language

Translate = Callable[..., str]

COLUMNS = 3
TIERS = ("bronze", "silver", "gold", "platinum", "diamond")
"""The tiers that have a menu of their own; one that a clinic calls otherwise has that of its place."""
LOOKS = ("guest", *TIERS)
CHAT_BAR_LIMIT = 14
LABEL_LIMIT = 20
NAME_LIMIT = 300


@dataclass(frozen=True)
class Area:
    """One thing to tap: `span` columns wide; its words are also what the tap says in the chat. `hero` stands out."""

    action: Action
    icon: str
    label: str
    note: str = ""
    span: int = 1
    hero: bool = False


@dataclass(frozen=True)
class Menu:
    """One menu of one clinic: what LINE is told (`definition`) and the picture (`drawing`) to go with it."""

    look: str
    language: str
    chat_bar: str
    areas: tuple[Area, ...]
    drawing: Drawing

    @property
    def key(self) -> str:
        """`<look>-<language>`, the name rules and rows use."""
        return f"{self.look}-{self.language}"

    @cached_property
    def content_hash(self) -> str:
        """Twelve hex digits that change with anything the customer sees or can tap."""
        content = json.dumps([self._definition(""), svg(self.drawing)], sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()[:12]

    @property
    def name(self) -> str:
        """The menu's name on the platform: `guest-th:3f1c…`. Customers never see it."""
        return f"{self.key}:{self.content_hash}"

    @property
    def definition(self) -> dict[str, Any]:
        """The body of LINE's "create rich menu"."""
        return self._definition(self.name)

    def _definition(self, name: str) -> dict[str, Any]:
        return {
            "size": {"width": WIDTH, "height": HEIGHT},
            "selected": True,
            "name": name,
            "chatBarText": truncate(self.chat_bar, CHAT_BAR_LIMIT),
            "areas": [
                {"bounds": tile.bounds, "action": _postback(area)}
                for area, tile in zip(self.areas, self.drawing.tiles, strict=True)
            ],
        }


def _postback(area: Area) -> dict[str, str]:
    label = truncate(area.label, LABEL_LIMIT)
    return {"type": "postback", "label": label, "data": area.action.data, "displayText": area.label}


def menus(clinic_name: str, brand_color: str, languages: Mapping[str, Translate]) -> list[Menu]:
    """All menus of a clinic. The first is for guests in the first language: everybody sees it who has no other."""
    return [menu(clinic_name, brand_color, look, code, t) for look in LOOKS for code, t in languages.items()]


def menu(clinic_name: str, brand_color: str, look: str, language: str, t: Translate) -> Menu:
    """One menu. `t` translates into `language`. Raises ValueError for an unknown look or a colour not `#RRGGBB`."""
    if look not in LOOKS:
        raise ValueError(f"{look!r} is no look of a menu; there are {', '.join(LOOKS)}")
    guest = look == "guest"
    areas = tuple(_guest(t, language) if guest else _member(t))
    drawing = Drawing(
        look=look,
        brand_color=brand_color,
        title=clinic_name,
        subtitle=t("Welcome") if guest else t("{tier} member", tier=tier_name(look, t)),
        tiles=arrange(areas, top_share=0.57 if guest else 0.5),
    )
    return Menu(look, language, t("Join us") if guest else t("Menu"), areas, drawing)


def _guest(t: Translate, language: str) -> list[Area]:
    other = other_language(Language(language))
    return [
        Area(Action("join"), "join", t("Become a member"), t("Collect points with every visit"), span=3, hero=True),
        Area(Action("tiers"), "tiers", t("Tiers")),
        Area(Action("help"), "help", t("Help")),
        Area(other.action, "language", other.label),
    ]


def _member(t: Translate) -> list[Area]:
    """History and tiers are a tap away on the points card, the language on the help card."""
    return [
        Area(Action("points"), "points", t("My points"), t("Points and progress"), span=2, hero=True),
        Area(Action("rewards"), "rewards", t("Rewards")),
        Area(Action("achievements"), "achievements", t("Achievements")),
        Area(Action("referrals"), "referrals", t("Invite a friend")),
        Area(Action("help"), "help", t("Help")),
    ]


def arrange(areas: Sequence[Area], top_share: float = 0.5) -> tuple[Tile, ...]:
    """Tiles for the areas, flowing over the grid; the top row takes `top_share` of the height under the head.

    What can be tapped leaves no gap: the head belongs to the top row. Raises ValueError when a row is not full.
    """
    tiles: list[Tile] = []
    row, column = 0, 0
    for area in areas:
        if row > 1 or column + area.span > COLUMNS:
            raise ValueError(f"{area.action.name!r} does not fit: each of the two rows is {COLUMNS} columns wide")
        tiles.append(
            Tile.at(row, column, area.span, top_share, icon=area.icon, label=area.label, note=area.note, hero=area.hero)
        )
        column += area.span
        if column == COLUMNS:
            row, column = row + 1, 0
    if (row, column) != (2, 0):
        raise ValueError("the two rows of a menu must be exactly full")
    return tuple(tiles)
