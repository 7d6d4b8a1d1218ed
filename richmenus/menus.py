"""What is where: the menus under the chat, one for guests and one per tier, each in every language.

A menu is a list of areas that flow from the top left over three columns and two rows. Which they are the clinic
chooses (`models/clinic_settings.py`); to offer something new, add its name there and a line to `_area`.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

from channels.line.lengths import truncate
from channels.message import Action
from loyalty.tiers import tier_name
from models.clinic_settings import MenuField, Menus
from richmenus.draw import HEIGHT, WIDTH, Drawing, Tile, svg

Translate = Callable[..., str]

COLUMNS, ROWS = 3, 2
DEFAULT = Menus()
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
    opens: str = ""
    """An address that it opens instead."""


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
                {"bounds": tile.bounds, "action": _told(area)}
                for area, tile in zip(self.areas, self.drawing.tiles, strict=True)
            ],
        }


def _told(area: Area) -> dict[str, str]:
    label = truncate(area.label, LABEL_LIMIT)
    if area.opens:
        return {"type": "uri", "label": label, "uri": area.opens}
    return {"type": "postback", "label": label, "data": area.action.data, "displayText": area.label}


def menus(
    clinic_name: str,
    brand_color: str,
    languages: Mapping[str, Translate],
    fields: Menus = DEFAULT,
    *,
    referral: bool = True,
    page: str | None = None,
    names: Mapping[str, str] = MappingProxyType({}),
) -> list[Menu]:
    """All menus of a clinic. The first is for guests in the first language: everybody sees it who has no other.

    `page`: the address of the customers' own page. `names`: what the clinic is called in languages in which it has
    another name.
    """
    return [
        menu(names.get(code, clinic_name), brand_color, look, code, t, fields, referral=referral, page=page)
        for look in LOOKS
        for code, t in languages.items()
    ]


def menu(
    clinic_name: str,
    brand_color: str,
    look: str,
    language: str,
    t: Translate,
    fields: Menus = DEFAULT,
    *,
    referral: bool = True,
    page: str | None = None,
) -> Menu:
    """One menu. `t` translates into `language`; without `referral` nothing in it speaks of friends.

    Raises ValueError for an unknown look or a colour not `#RRGGBB`.
    """
    if look not in LOOKS:
        raise ValueError(f"{look!r} is no look of a menu; there are {', '.join(LOOKS)}")
    guest = look == "guest"
    chosen = fields.guests if guest else fields.members
    if not referral:
        chosen = _without_friends(chosen, "tiers" if guest else "courses")
    areas = tuple(_area(field, t, guest=guest, page=page or "") for field in chosen)
    first = replace(areas[0], hero=True, span=1 + COLUMNS * ROWS - len(areas))
    areas = (first, *areas[1:])
    drawing = Drawing(
        look=look,
        brand_color=brand_color,
        title=clinic_name,
        subtitle=t("Welcome") if guest else t("{tier} member", tier=tier_name(look, t)),
        tiles=arrange(areas),
    )
    return Menu(look, language, t("Join us") if guest else t("Menu"), areas, drawing)


def _without_friends(chosen: Sequence[MenuField], instead: MenuField) -> tuple[MenuField, ...]:
    """In its place what is asked for, or what the menu has not yet."""
    left = next(one for one in (instead, *DEFAULT.members, "tiers", "rewards") if one not in chosen)
    return tuple(left if one == "friends" else one for one in chosen)


def _area(field: MenuField, t: Translate, *, guest: bool, page: str) -> Area:
    """Its icon has the field's name. What each says in the chat is heard as the same words typed."""
    friends = (Action("friend_code"), t("I have a code")) if guest else (Action("referrals"), t("Invite a friend"))
    fields = {
        "card": (Action("card"), t("My card")),
        "join": (Action("join"), t("Become a member")),
        "points": (Action("points"), t("Points & rewards")),
        "rewards": (Action("rewards"), t("Rewards")),
        "achievements": (Action("achievements"), t("Achievements")),
        "history": (Action("history"), t("History")),
        "tiers": (Action("tiers"), t("Tiers")),
        "appointments": (Action("appointments"), t("Appointments")),
        "clinic": (Action("clinic"), t("Clinic")),
        "friends": friends,
        "courses": (Action("courses"), t("My courses")),
        "check_in": (Action("check_in"), t("Check in")),
        "review": (Action("review"), t("Review my visit")),
        "more": (Action("help"), t("More")),
        "page": (Action("own_page"), t("My page")),
    }
    action, label = fields[field]
    note = t("Points for each visit") if field == "join" else ""
    return Area(action, field, label, note, opens=page if field == "page" else "")


def arrange(areas: Sequence[Area], top_share: float = 0.5) -> tuple[Tile, ...]:
    """Tiles for the areas, flowing over the grid; the top row takes `top_share` of the height under the head.

    What can be tapped leaves no gap: the head belongs to the top row. Raises ValueError when a row is not full.
    """
    tiles: list[Tile] = []
    row, column = 0, 0
    for area in areas:
        if row >= ROWS or column + area.span > COLUMNS:
            raise ValueError(f"{area.action.name!r} does not fit: each of the two rows is {COLUMNS} columns wide")
        tiles.append(
            Tile.at(row, column, area.span, top_share, icon=area.icon, label=area.label, note=area.note, hero=area.hero)
        )
        column += area.span
        if column == COLUMNS:
            row, column = row + 1, 0
    if (row, column) != (ROWS, 0):
        raise ValueError("the two rows of a menu must be exactly full")
    return tuple(tiles)
