"""Whatever colour a clinic has chosen, its pages can be read, in the light and in the dark."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from channels.palette import READABLE, TIER_METALS, contrast
from web.looks import GROUNDS, PAIRS, SHAPE, SHAPES, dark_roles, light_roles, look, metal_roles, on_dark, on_light
from web.statics import FOLDER

COLORS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06X}")
VALUE = re.compile(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl|oklch)a?\(")


@given(COLORS)
@example("#000000")
@example("#FFFFFF")
@example("#FFFF00")
@example("#0000FF")
@example("#8E5A6D")
@example("#777777")
def test_every_text_reads_and_every_shape_is_seen(brand: str) -> None:
    for roles in (light_roles(brand), dark_roles(brand)):
        unread = {(text, ground): contrast(roles[text], roles[ground]) for text, ground in PAIRS}
        unseen = {(shape, ground): contrast(roles[shape], roles[ground]) for shape, ground in SHAPES}
        assert {pair: ratio for pair, ratio in unread.items() if ratio < READABLE} == {}
        assert {pair: ratio for pair, ratio in unseen.items() if ratio < SHAPE} == {}


@given(COLORS)
def test_the_names_of_tiers_read_as_text(brand: str) -> None:
    light, dark = light_roles(brand), dark_roles(brand)
    for metal in TIER_METALS.values():
        assert all(contrast(on_dark(metal, dark), dark[ground]) >= READABLE for ground in GROUNDS)
        assert all(contrast(on_light(metal, light), light[ground]) >= READABLE for ground in GROUNDS)


@pytest.mark.parametrize("metal", TIER_METALS.values(), ids=list(TIER_METALS))
def test_what_stands_on_a_metal_reads(metal: object) -> None:
    roles = metal_roles(metal)  # type: ignore[arg-type]
    assert contrast(roles["on-metal"], roles["metal-start"]) >= READABLE
    assert contrast(roles["on-metal"], roles["metal-end"]) >= READABLE
    assert contrast(roles["on-metal"], roles["metal-track"]) >= SHAPE


@pytest.mark.parametrize("wrong", ["", "red", "#FFF", "#GGGGGG", "8E5A6D"])
def test_what_is_no_colour_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="colour"):
        look(wrong)


def test_the_stylesheets_name_roles_and_the_look_has_them_all() -> None:
    css = look("#8E5A6D").css
    said = "".join(file.read_text(encoding="utf-8") for file in FOLDER.glob("*.css"))
    own = set(re.findall(r"^\s*--([\w-]+):", said, re.MULTILINE))
    for role in set(re.findall(r"var\(--([\w-]+)\)", said)) - own:
        assert f"--{role}:" in css, role
    # A shadow, the light on an edge and the paper under a code are black or white in every look.
    allowed = {"#fff", "#ffffff2e", "#ffffff40", "#1e142829", "#0000004d", "#14101899"}
    assert set(VALUE.findall(said)) - allowed == set()


def test_light_and_dark_have_the_same_roles() -> None:
    assert light_roles("#8E5A6D").keys() == dark_roles("#8E5A6D").keys()
