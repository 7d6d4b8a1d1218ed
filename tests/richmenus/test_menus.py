import dataclasses
from collections.abc import Callable

import pytest

from channels.line.lengths import graphemes
from channels.message import Action
from richmenus.draw import HEIGHT, WIDTH
from richmenus.menus import CHAT_BAR_LIMIT, COLUMNS, LABEL_LIMIT, LOOKS, NAME_LIMIT, Area, Menu, arrange, menu


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
    assert definition["size"] == {"width": 2500, "height": 1686}
    assert graphemes(definition["chatBarText"]) <= CHAT_BAR_LIMIT
    assert graphemes(definition["name"]) <= NAME_LIMIT
    for area in definition["areas"]:
        assert graphemes(area["action"]["label"]) <= LABEL_LIMIT
        assert len(area["action"]["data"]) <= 300
        assert 0 < graphemes(area["action"]["displayText"]) <= 300


def test_guests_are_invited_and_members_see_their_points() -> None:
    def actions(look: str, language: str) -> list[Action]:
        return [area.action for area in made(look, language).areas]

    to_english = Action("language", to="en")
    assert actions("guest", "th") == [Action("join"), Action("tiers"), Action("help"), to_english]
    for tier in LOOKS[1:]:
        assert [a.name for a in actions(tier, "en")] == ["points", "rewards", "achievements", "referrals", "help"]
    assert made("guest").areas[0].span == COLUMNS


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
