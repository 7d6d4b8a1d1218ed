import dataclasses
from collections.abc import Callable
from typing import get_args

import pytest

from channels.line.lengths import graphemes
from channels.message import Action
from models.clinic_settings import BadSettings, MenuField, Menus, parse
from richmenus.draw import HEIGHT, WIDTH, svg
from richmenus.menus import CHAT_BAR_LIMIT, DEFAULT, LABEL_LIMIT, LOOKS, NAME_LIMIT, Area, Menu, arrange, menu


def english(msgid: str, /, **values: object) -> str:
    return msgid.format(**values)


def wordy(msgid: str, /, **values: object) -> str:
    return "คำแปลที่ยาวเกินกว่าที่จะใส่ในปุ่มได้ " + msgid.format(**values)


def made(look: str = "guest", language: str = "en", t: Callable[..., str] = english, brand: str = "#8E5A6D") -> Menu:
    return menu("Aura Clinic", brand, look, language, t)


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("language", ["th", "en"])
def test_every_pixel_of_a_menu_belongs_to_one_area(look: str, language: str) -> None:
    areas = made(look, language).definition["areas"]
    assert 0 < len(areas) <= 20
    covered = 0
    for at, area in enumerate(areas):
        one = area["bounds"]
        assert one["x"] >= 0 and one["y"] >= 0
        assert one["x"] + one["width"] <= WIDTH and one["y"] + one["height"] <= HEIGHT
        covered += one["width"] * one["height"]
        for other in (area["bounds"] for area in areas[:at]):
            assert (
                one["x"] >= other["x"] + other["width"]
                or other["x"] >= one["x"] + one["width"]
                or one["y"] >= other["y"] + other["height"]
                or other["y"] >= one["y"] + one["height"]
            )
    assert covered == WIDTH * HEIGHT


@pytest.mark.parametrize("look", LOOKS)
def test_what_is_drawn_lies_inside_what_is_tapped(look: str) -> None:
    for tile in made(look).drawing.tiles:
        assert tile.bounds["x"] <= tile.x and tile.x + tile.width <= tile.bounds["x"] + tile.bounds["width"]
        assert tile.bounds["y"] <= tile.y and tile.y + tile.height <= tile.bounds["y"] + tile.bounds["height"]


@pytest.mark.parametrize("t", [english, wordy])
@pytest.mark.parametrize("look", LOOKS)
def test_line_takes_the_definition(look: str, t: Callable[..., str]) -> None:
    definition = made(look, t=t).definition
    assert definition["size"] == {"width": 2500, "height": 1080}
    assert graphemes(definition["chatBarText"]) <= CHAT_BAR_LIMIT
    assert graphemes(definition["name"]) <= NAME_LIMIT
    for area in definition["areas"]:
        assert graphemes(area["action"]["label"]) <= LABEL_LIMIT
        assert len(area["action"]["data"]) <= 300
        assert 0 < graphemes(area["action"]["displayText"]) <= 300


def actions(look: str, fields: Menus = DEFAULT, *, referral: bool = True) -> list[str]:
    found = menu("Aura Clinic", "#8E5A6D", look, "en", english, fields, referral=referral)
    return [area.action.data for area in found.areas]


def test_guests_are_invited_and_members_see_their_card_first() -> None:
    assert actions("guest") == ["join", "appointments", "clinic", "friend_code", "help"]
    for tier in LOOKS[1:]:
        assert actions(tier) == ["card", "points", "appointments", "clinic", "referrals", "help"]
    for look, span in (("guest", 2), ("gold", 1)):
        assert [(area.span, area.hero) for area in made(look).areas[:2]] == [(span, True), (1, False)]


def test_where_referral_is_off_nothing_speaks_of_friends() -> None:
    assert actions("gold", referral=False) == ["card", "points", "appointments", "clinic", "courses", "help"]
    assert actions("guest", referral=False) == ["join", "appointments", "clinic", "tiers", "help"]
    fields = Menus(members=("card", "courses", "appointments", "clinic", "friends", "more"))
    assert actions("gold", fields, referral=False) == ["card", "courses", "appointments", "clinic", "points", "help"]


def test_a_clinic_chooses_its_fields_from_the_list() -> None:
    own = {"menus": {"members": ["card", "rewards", "check_in", "review", "history", "tiers"]}}
    fields = parse(own).menus
    assert actions("gold", fields) == list(fields.members)
    for field in get_args(MenuField):
        chosen = (field, *[one for one in fields.members if one != field][:5])
        for look in ("gold", "guest"):
            found = menu("Aura", "#8E5A6D", look, "en", english, Menus(members=chosen, guests=chosen[:5]))
            assert found.areas[0].icon == field
            assert f'id="icon-{field}"' in svg(found.drawing)


@pytest.mark.parametrize("chosen", [["card"], ["card"] * 6, ["card", "points", "rewards", "tiers", "more", "weather"]])
def test_a_menu_that_is_not_full_or_asks_for_what_there_is_not_is_refused(chosen: list[str]) -> None:
    with pytest.raises(BadSettings, match=r"menus\.members"):
        parse({"menus": {"members": chosen}})


def test_the_name_changes_with_anything_seen_or_tapped_and_with_nothing_else() -> None:
    menus = {(look, language): made(look, language) for look in LOOKS for language in ("th", "en")}
    assert len({m.name for m in menus.values()}) == 12
    one = made("gold")
    assert one.name == made("gold").name == f"gold-en:{one.content_hash}"
    assert one.name != made("gold", brand="#336699").name
    assert one.name != dataclasses.replace(one, chat_bar="Open").name
    first, *rest = one.areas
    assert one.name != dataclasses.replace(one, areas=(dataclasses.replace(first, action=Action("help")), *rest)).name


@pytest.mark.parametrize("spans", [[3], [2, 2, 2], [3, 2], [3, 3, 1], [1, 1, 1, 1, 1]])
def test_rows_that_are_not_full_are_refused(spans: list[int]) -> None:
    with pytest.raises(ValueError, match=r"does not fit|exactly full"):
        arrange([Area(Action("help"), "help", "Help", span=span) for span in spans])


def test_an_unknown_look_is_refused() -> None:
    with pytest.raises(ValueError, match="'iron' is no look"):
        made("iron")
