"""How things are said."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from runtime.language import Language, best_language

TH, EN = Language("th"), Language("en")


def test_dates_are_in_the_buddhist_era_for_thai_and_in_the_clinics_zone() -> None:
    late = datetime(2026, 2, 2, 20, 0, tzinfo=UTC)  # already the third in Bangkok
    assert (TH.date(late), EN.date(late)) == ("3 ก.พ. 2569", "Feb 3, 2026")
    assert TH.date(date(2024, 2, 29)) == "29 ก.พ. 2567"


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
