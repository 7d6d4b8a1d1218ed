import re
import struct
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.palette import READABLE, TIER_METALS, contrast
from richmenus.draw import IMAGE_LIMIT, SMALLEST_TEXT, Drawing, fit, png, svg
from richmenus.menus import LOOKS, menu
from richmenus.themes import theme

THAI = "แต้มของฉัน"


def drawing(look: str = "gold", title: str = "Aura Clinic", brand: str = "#8E5A6D") -> Drawing:
    return menu(title, brand, look, "th", lambda msgid, /, **values: f"{THAI} {msgid}".format(**values)[:24]).drawing


def texts(picture: str) -> list[str]:
    return [node.text or "" for node in ElementTree.fromstring(picture).iter("{http://www.w3.org/2000/svg}text")]


@pytest.mark.parametrize("look", ["guest", "gold", "diamond"])
def test_the_picture_is_what_line_takes(look: str) -> None:
    picture = png(drawing(look))
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", picture[16:24]) == (2500, 1080)
    assert len(picture) <= IMAGE_LIMIT


def test_words_are_really_drawn() -> None:
    assert png(drawing(title="Aura")) != png(drawing(title="Arau"))


@pytest.mark.parametrize("look", LOOKS)
def test_every_icon_of_a_menu_has_a_drawing(look: str) -> None:
    picture = svg(drawing(look))
    used = set(re.findall(r'href="#([\w-]+)"', picture))
    assert used
    assert used <= set(re.findall(r'\bid="([\w-]+)"', picture))


def test_words_are_escaped() -> None:
    assert '</text><script>&"' in texts(svg(drawing(title='</text><script>&"')))


@given(st.text(st.characters(exclude_categories=()), max_size=80))
def test_no_name_of_a_clinic_breaks_its_picture(title: str) -> None:
    ElementTree.fromstring(svg(drawing("guest", title=title)))


@given(st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06X}"), st.sampled_from(LOOKS))
def test_labels_can_be_read_in_every_clinic_s_colour(brand: str, look: str) -> None:
    colours = theme(look, brand)
    assert contrast(colours["label"], colours["tile"]) >= 7
    assert contrast(colours["hero_text"], colours["hero_start"]) >= READABLE
    assert contrast(colours["hero_text"], colours["hero_end"]) >= READABLE
    assert contrast(colours["icon"], colours["disc"]) >= 3
    for end in ("head_start", "head_end"):
        assert contrast(colours["head_text"], colours[end]) >= READABLE
        assert contrast(colours["head_small"], colours[end]) >= READABLE


def test_tiers_are_told_apart_by_their_heads() -> None:
    assert len({(metal.start, metal.end) for metal in TIER_METALS.values()}) == 5
    heads = [svg(drawing(look)).partition('id="ground"')[2][:600] for look in LOOKS]
    assert len(set(heads)) == len(LOOKS)


def test_a_text_that_fits_keeps_its_size_and_one_that_does_not_shrinks_before_it_is_cut() -> None:
    assert fit("Aura", 124, 2000) == {"text": "Aura", "size": 124}
    smaller = fit(THAI * 3, 124, 1600)
    assert smaller["text"] == THAI * 3 and SMALLEST_TEXT <= smaller["size"] < 124
    cut = fit(THAI * 20, 124, 1600)
    assert cut["size"] == SMALLEST_TEXT and cut["text"].endswith("…") and (THAI * 20).startswith(cut["text"][:-1])
