"""Days as people write them: `12 มีนาคม 2535`, `12 มี.ค. 35`, `12/3/1992`, `๑๒/๓/๒๕๓๕`, `March 12, 1992`,
`the twelfth of March`, `สิบสอง มีนา`."""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from babel.dates import get_month_names

from bot.words import folded
from runtime.language import LANGUAGES

BUDDHIST = 543
"""Years that the Buddhist era is ahead."""
BUDDHIST_FROM = 2400
ANY_YEAR = 2000
"""Of a day whose year is not written in full: it has a 29 February."""
_STEM = 3
"""Letters by which a month is known: มีน, พฤษ and พฤศ, mar."""


def _spellings() -> Iterator[tuple[str, int]]:
    """(as folded text has it, month) of each language: short forms with their dots or without, names cut anywhere."""
    for language in LANGUAGES:
        for month, name in get_month_names("wide", locale=language).items():
            yield from ((folded(name)[:end], month) for end in range(_STEM, len(folded(name)) + 1))
        for month, name in get_month_names("abbreviated", locale=language).items():
            short = folded(name)
            yield from ((each, month) for each in (short, short.removesuffix("."), short.replace(".", "")))


_MONTHS = dict(_spellings())
_MONTH = "|".join(
    rf"(?<![a-z]){re.escape(each)}(?![a-z])" if each.isascii() else re.escape(each)
    for each in sorted(_MONTHS, key=lambda each: (-len(each), each))
)
_ONES = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"]
_TEENS = [
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
]
_THAI = ["", "หนึ่ง", "สอง", "สาม", "สี่", "ห้า", "หก", "เจ็ด", "แปด", "เก้า"]


def _in_words() -> Iterator[tuple[str, int]]:
    """(as folded text has it, day): as one says it, and as voice typing writes it."""
    english = [*_ONES, *_TEENS, "twentieth", *(f"twenty-{one}" for one in _ONES), "thirtieth", "thirty-first"]
    yield from ((word, day) for day, word in enumerate(english, 1))
    yield from ((word.replace("-", apart), day) for day, word in enumerate(english, 1) for apart in (" ", ""))
    for ten, tens in enumerate(("", "สิบ", "ยี่สิบ", "สามสิบ")):
        for one, ones in enumerate(_THAI):
            said = "เอ็ด" if one == 1 and ten else ones
            if 0 < ten * 10 + one <= 31:
                yield folded(tens + said), ten * 10 + one


_WORDS = dict(_in_words())
_WORD = "|".join(re.escape(each) for each in sorted(_WORDS, key=lambda each: (-len(each), each)))
_DAY = rf"(?<!\d)(?<![a-z])(?P<day>\d{{1,2}}(?!\d)(?:st|nd|rd|th)?|(?:{_WORD})(?![a-z]))"
_YEAR = r"(?:[^\da-z]{0,12}(?P<year>\d{4}|\d{2})(?!\d))?"
_NAMED = re.compile(rf"{_DAY}[\s,.\-/]*(?:of|เดือน)?\s*(?P<month>{_MONTH}){_YEAR}")
_MONTH_FIRST = re.compile(rf"(?P<month>{_MONTH})[\s.]*(?:วันที่|ที่|the )?\s*{_DAY}(?:[\s,]*(?P<year>\d{{4}})(?!\d))?")
_YEAR_FIRST = re.compile(r"(?<!\d)(?P<year>\d{4})[\-/.](?P<month>\d{1,2})[\-/.](?P<day>\d{1,2})(?!\d)")
_NUMBERS = re.compile(
    r"(?<![\d/.\-])(?P<day>\d{1,2})\s*(?:[/.\-]|เดือน)\s*(?P<month>\d{1,2})(?:\s*(?:[/.\-]|ปี|พ\.?ศ\.?)\s*(?P<year>\d{4}|\d{2}))?(?![\d/])"
)
_SHAPES = (_YEAR_FIRST, _NAMED, _MONTH_FIRST, _NUMBERS)


@dataclass(frozen=True)
class NoSuchDay:
    """What has the shape of a day and is none of the calendar."""

    day: int
    month: date | None
    """Its first day, of the year that was written or of `ANY_YEAR`; None where there is no such month."""

    @property
    def days(self) -> int:
        """How many the month has; 0 where that is not what is wrong."""
        most = monthrange(self.month.year, self.month.month)[1] if self.month is not None else 0
        return most if self.day > most else 0


def written(text: str) -> date | NoSuchDay | None:
    """The day that a text has. It stands before the month, unless there is no such month; a year from 2400 on is of the
    Buddhist era, and one of two digits says nothing.
    """
    said = folded(text)
    for shape in _SHAPES:
        if (match := shape.search(said)) is not None:
            return _day(match["day"], match["month"], match["year"])
    return None


def _day(day: str, month: str, year: str | None) -> date | NoSuchDay:
    first, second = _WORDS.get(day) or int(day.rstrip("stndrh")), _MONTHS.get(month) or int(month)
    if second > 12 >= first:
        first, second = second, first
    number = int(year) if year is not None and len(year) == 4 else ANY_YEAR
    number -= BUDDHIST if number >= BUDDHIST_FROM else 0
    try:
        return date(number, second, first)
    except ValueError:
        return NoSuchDay(first, date(number, second, 1) if 1 <= second <= 12 and number else None)
