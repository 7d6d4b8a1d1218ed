"""How things are said."""

import ast
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from runtime.language import FIRST, LANGUAGES, Language, best_language, own_words
from tests.check.tree import sources

TH, EN = Language("th"), Language("en")


def test_dates_are_in_the_buddhist_era_for_thai_and_in_the_clinics_zone() -> None:
    late = datetime(2026, 2, 2, 20, 0, tzinfo=UTC)  # already the third in Bangkok
    assert (TH.date(late), EN.date(late)) == ("3 ก.พ. 2569", "Feb 3, 2026")
    assert TH.date(date(2024, 2, 29)) == "29 ก.พ. 2567"


def test_months_are_short_with_the_year_of_the_language() -> None:
    day = date(2026, 2, 3)
    assert (TH.month(day), EN.month(day)) == ("ก.พ. 2569", "Feb 2026")
    assert (TH.month(day, year=False), EN.month(day, year=False)) == ("ก.พ.", "Feb")


@pytest.mark.parametrize(("amount", "said"), [(1234, "฿1,234"), (Decimal("1234.5"), "฿1,234.50")])
def test_baht(amount: Decimal, said: str) -> None:
    assert TH.baht(amount) == said
    assert EN.baht(amount) == said


def test_counts_and_personas() -> None:
    assert EN.n("{count} point", "{count} points", 1) == "1 point"
    assert EN.n("{count} point", "{count} points", 1200) == "1,200 points"
    assert TH.n("{count} point", "{count} points", 1) == "1 แต้ม"
    assert Language("th", "male")("Cancelled.").endswith("ครับ")
    assert TH("Cancelled.").endswith("ค่ะ")


@pytest.mark.parametrize(("tag", "code"), [("en-GB", "en"), ("th", "th"), ("ja", "th"), (None, "th"), ("", "th")])
def test_an_unknown_language_is_thai(tag: str | None, code: str) -> None:
    assert best_language(tag) == code


@pytest.mark.parametrize(("tag", "code"), [("en-GB", "en"), ("th", "en"), (None, "en")])
def test_of_those_that_are_spoken_the_first_is_for_everybody_else(tag: str | None, code: str) -> None:
    assert best_language(tag, ("en",)) == code


ELSEWHERE = ("tests/", "simulator/", "benchmarks/", "local/demo.py", "loyalty/defaults/", "runtime/language.py")
"""Where a language may be named: what pretends, what is written in two languages, and the one place that finds them."""


def named(files: Mapping[str, str]) -> list[str]:
    return [
        f"{path}:{node.lineno}"
        for path, source in files.items()
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and node.value in LANGUAGES
    ]


def test_no_language_is_named_by_the_product() -> None:
    assert named({path: source for path, source in sources("*.py").items() if not path.startswith(ELSEWHERE)}) == []
    assert named({"a.py": 'x = 1 if t.code == "th" else 2'}) == ["a.py:1"]


def test_each_language_has_a_name_of_its_own() -> None:
    assert LANGUAGES[0] == FIRST
    names = [Language(code)("English") for code in LANGUAGES]
    assert len(set(names)) == len(LANGUAGES)
    assert names[:2] == ["ภาษาไทย", "English"]


@pytest.mark.parametrize(
    ("texts", "code", "words"),
    [
        ({"th": {"name": "ก", "description": "ข"}, "en": {"name": "a"}}, "en", ("a", "")),
        ({"th": {"name": "ก", "description": "ข"}}, "en", ("ก", "ข")),
        ({"th": {"name": "ก"}, "en": {"name": ""}}, "en", ("ก", "")),
        ({"th": {"name": "ก", "description": None}, "en": None}, "en", ("ก", "")),
        ({"en": {"name": "a"}}, "th", ("plain", "")),
        ({"th": "not a mapping"}, "th", ("plain", "")),
        ({}, "xx", ("plain", "")),
    ],
)
def test_a_clinics_own_words_fall_back_to_the_first_language_and_then_to_the_plain_name(
    texts: dict[str, object], code: str, words: tuple[str, str]
) -> None:
    assert own_words(texts, code, "plain") == words


@pytest.mark.parametrize(
    ("tier", "said"), [("บรอนซ์", "มะลิ ระดับบรอนซ์"), ("VIP", "มะลิ ระดับ VIP"), ("5 ดาว", "มะลิ ระดับ 5 ดาว")]
)
def test_what_is_not_thai_stands_apart_from_thai(tier: str, said: str) -> None:
    assert Language("th")("{name}, {tier}.", name="มะลิ", tier=tier) == said


def test_no_space_stands_between_a_title_and_a_name() -> None:
    assert Language("th")("{name}", name="Mali") == "คุณMali"
