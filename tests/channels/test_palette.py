import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.palette import LINE_DARK_LABEL, READABLE, TIER_METALS, WHITE, Metal, Palette, contrast, luminance

brands = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06x}")


def test_contrast_is_wcag_s() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.005)
    assert luminance("#808080") == pytest.approx(0.2159, abs=0.0001)


@given(brands)
def test_every_clinic_s_colour_gives_readable_text(brand: str) -> None:
    colours = Palette.of(brand)
    assert contrast(colours.primary, colours.on_primary) >= READABLE
    assert colours.on_primary in (WHITE, LINE_DARK_LABEL)
    for ground in (colours.surface, colours.tint, colours.tint_strong):
        assert contrast(colours.accent, ground) >= READABLE
        assert contrast(colours.ink, ground) >= 7
    for ground in (colours.surface, colours.tint):
        assert contrast(colours.muted, ground) >= READABLE
    assert contrast(colours.tint_strong, LINE_DARK_LABEL) >= 7
    for words in (colours.positive, colours.warning):
        assert contrast(words, colours.surface) >= READABLE


def test_a_readable_colour_is_left_alone() -> None:
    assert Palette.of("#8E5A6D").primary == "#8E5A6D"
    assert Palette.of("#F2C6D2").primary == "#F2C6D2"
    assert Palette.of("#F2C6D2").on_primary == LINE_DARK_LABEL


@pytest.mark.parametrize("metal", TIER_METALS.values(), ids=list(TIER_METALS))
def test_tiers_carry_readable_text(metal: Metal) -> None:
    assert contrast(metal.on, metal.start) >= READABLE
    assert contrast(metal.on, metal.end) >= READABLE
    assert contrast(metal.accent, WHITE) >= READABLE


@pytest.mark.parametrize("bad", ["", "red", "#fff", "#12345g", "8E5A6D", "#8E5A6D\n"])
def test_other_notations_are_refused(bad: str) -> None:
    with pytest.raises(ValueError, match="not a colour"):
        Palette.of(bad)
