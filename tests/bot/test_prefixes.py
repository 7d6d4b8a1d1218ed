"""A phrase with a code behind it, and what a date picker adds to its button."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pytest

from bot import routes
from bot.chat import StaleAction
from bot.phrasebook import BadRoute
from bot.routes import Hear, Table, build
from channels.line.messages import Reply, silence
from tests.bot.test_routes import EMPTY


def answer(chat: Any) -> Reply:
    return silence("test")


def with_code(chat: Any, text: str) -> Reply:
    return silence(text)


def built(monkeypatch: pytest.MonkeyPatch, hear: Hear, words: Mapping[str, tuple[str, ...]]) -> Table:
    """A table whose phrase book holds these words in every language."""
    monkeypatch.setattr(routes, "hearing_words", lambda language: words)
    return build(hear, EMPTY)


@pytest.fixture
def hear() -> Hear:
    hear = Hear()
    hear.prefix("referral")(with_code)
    hear.text("points")(answer)
    return hear


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("REF ABCD2345", "abcd2345"),
        ("ref: abcd-2345", "abcd-2345"),
        ("Ｒｅｆ　ＡＢＣＤ２３４５", "abcd2345"),
        ("แนะนำโดยABCD2345ค่ะ", "abcd2345"),
        ("REF", ""),
        ("  ref  ", ""),
    ],
)
def test_a_prefix_and_its_code_are_heard(monkeypatch: pytest.MonkeyPatch, hear: Hear, said: str, code: str) -> None:
    table = built(monkeypatch, hear, {"referral": ("ref", "แนะนำโดย"), "points": ("points",)})
    found = table.prefixed(said)
    assert found is not None
    assert (found[0].name, found[1]) == ("referral", code)


@pytest.mark.parametrize(
    "said", ["refabcd", "reference", "ref abcd 2345", "แนะนำโดยเพื่อน", "the ref abcd", "refé", "points", ""]
)
def test_other_texts_are_not(monkeypatch: pytest.MonkeyPatch, hear: Hear, said: str) -> None:
    assert built(monkeypatch, hear, {"referral": ("ref", "แนะนำโดย"), "points": ("points",)}).prefixed(said) is None


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ({"points": ("points",)}, "no words for referral"),
        ({"referral": (), "points": ("points",)}, "no words for referral"),
        ({"referral": ("ref",), "points": ("Ref",)}, "means both"),
        (
            {"referral": ("ref",), "points": ("points", "ref points")},
            "'ref points' of points would be heard as referral",
        ),
        ({"referral": ("ref",), "points": ("points",), "history": ("history",)}, "nobody hears"),
    ],
)
def test_prefixes_that_cannot_be_told_apart_are_refused(
    monkeypatch: pytest.MonkeyPatch, hear: Hear, words: Mapping[str, tuple[str, ...]], why: str
) -> None:
    with pytest.raises(BadRoute, match=why):
        built(monkeypatch, hear, words)


def test_one_prefix_that_begins_as_another_is_refused(monkeypatch: pytest.MonkeyPatch, hear: Hear) -> None:
    hear.prefix("check_in")(with_code)
    words = {"referral": ("ref",), "points": ("points",), "check_in": ("ref-checkin",)}
    with pytest.raises(BadRoute, match="'ref-checkin' of check_in would be heard as referral"):
        built(monkeypatch, hear, words)


def test_a_phrase_is_a_text_or_a_prefix(monkeypatch: pytest.MonkeyPatch, hear: Hear) -> None:
    hear.text("referral")(answer)
    with pytest.raises(BadRoute, match="as a text and as a prefix"):
        built(monkeypatch, hear, {"referral": ("ref",), "points": ("points",)})


def test_a_prefix_takes_a_text(monkeypatch: pytest.MonkeyPatch) -> None:
    hear = Hear()
    hear.prefix("referral")(answer)
    with pytest.raises(BadRoute, match="a prefix takes exactly"):
        built(monkeypatch, hear, {"referral": ("ref",)})


def picker(monkeypatch: pytest.MonkeyPatch, handler: Any) -> Table:
    hear = Hear()
    hear.postback("picked")(handler)
    return built(monkeypatch, hear, {})


def test_a_picked_day_comes_beside_the_data(monkeypatch: pytest.MonkeyPatch) -> None:
    def handler(chat: Any, date: dt.date, step: int = 1) -> Reply:
        return silence("test")

    table = picker(monkeypatch, handler)
    day = dt.date(1992, 2, 29)
    assert table.button("picked", {"date": "1992-02-29"})[1] == {"date": day}
    assert table.button("picked?step=2", {"date": "1992-02-29", "other": "x"})[1] == {"date": day, "step": 2}
    bad: list[tuple[str, dict[str, str] | None]] = [
        ("picked", None),
        ("picked", {}),
        ("picked", {"date": "1992-02-30"}),
        ("picked", {"datetime": "1992-02-29T10:00"}),
        ("picked?date=1992-02-29", None),
        ("picked?date=1992-02-29", {"date": "1992-02-29"}),
    ]
    for data, params in bad:
        with pytest.raises(StaleAction):
            table.button(data, params)


def test_what_a_picker_adds_is_ignored_where_nobody_asks_for_it(table: Table) -> None:
    assert table.button("points", {"newRichMenuAliasId": "a", "status": "SUCCESS"})[1] == {}


def test_a_picked_day_is_called_date(monkeypatch: pytest.MonkeyPatch) -> None:
    def handler(chat: Any, day: dt.date) -> Reply:
        return silence("test")

    with pytest.raises(BadRoute, match="called `date`"):
        picker(monkeypatch, handler)
