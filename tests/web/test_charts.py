"""Charts as SVG: what is drawn follows the numbers, and nothing in it styles or runs."""

import re
from decimal import Decimal

import pytest

from tests.fixtures.html import read
from web import charts
from web.charts import Mark


def rects(drawn: str) -> list[dict[str, float]]:
    found = re.findall(r'<rect class="[^"]*" x="([^"]+)" y="([^"]+)" width="([^"]+)" height="([^"]+)"', drawn)
    return [dict(zip("xywh", map(float, one), strict=True)) for one in found]


def test_columns_are_as_tall_as_their_values_and_stand_on_one_ground() -> None:
    drawn = charts.columns([Mark("a", 50, "50"), Mark("b", 0, "0"), Mark("c", Decimal(200), "200")], "two of three")
    first, last = rects(drawn)
    assert last["h"] == pytest.approx(4 * first["h"], abs=0.2)
    assert first["y"] + first["h"] == pytest.approx(last["y"] + last["h"], abs=0.1)
    assert 'aria-label="two of three"' in drawn and 'role="img"' in drawn
    assert re.findall(r">([^<>]+)</text>", drawn) == ["a", "b", "200", "c"], "the number of the highest alone"


def test_bars_are_as_wide_as_their_values_and_each_says_its_number() -> None:
    drawn = charts.bars([Mark("Facial", 3, "3"), Mark("Laser", 1, "1")], "x")
    first, last = rects(drawn)
    assert first["w"] == charts.WIDTH and last["w"] == pytest.approx(charts.WIDTH / 3, abs=0.1)
    assert re.findall(r">([^<>]+)</text>", drawn) == ["Facial", "3", "Laser", "1"]


def test_what_is_little_is_seen_and_what_is_not_over_is_told_apart() -> None:
    drawn = charts.columns([Mark("a", 1, "1"), Mark("b", 1_000_000, "1,000,000", other=True)], "x")
    assert rects(drawn)[0]["h"] == charts.LEAST
    assert re.findall(r'class="(mark[^"]*)"', drawn) == ["mark", "mark other"]


@pytest.mark.parametrize("place", range(12))
def test_the_number_of_the_highest_stays_within_the_drawing(place: int) -> None:
    said = "฿1,234,567.50"
    drawn = charts.columns([Mark("ม.ค.", int(at == place), said) for at in range(12)], "x")
    found = re.search(r'class="strong" x="([^"]+)" y="[^"]+" text-anchor="(\w+)"', drawn)
    assert found is not None
    at, anchor, wide = float(found[1]), found[2], len(said) * 7
    begins = {"start": at, "middle": at - wide / 2, "end": at - wide}[anchor]
    assert begins >= 0 and begins + wide <= charts.WIDTH


def test_nothing_of_what_is_named_becomes_a_tag() -> None:
    for drawn in (
        charts.bars([Mark('<b onload="x">', 1, "<i>")], '"><script>'),
        charts.columns([Mark("<b>", 1, "<i>")], "<b>"),
    ):
        page = read(drawn)
        assert page.faults == [] and page.open == []
        assert "<b" not in drawn and "<script" not in drawn and "style" not in drawn


def test_no_marks_make_an_empty_drawing() -> None:
    assert rects(charts.columns([], "x")) == rects(charts.bars([], "x")) == []
    assert rects(charts.columns([Mark("a", 0, "0")], "x")) == []
