"""One language in one clinic's voice.

The msgid is the English text, so that code reads aloud; Thai is the language shown first and its catalogue must be
complete (`tests/check/test_catalogues.py`). Thai texts carry `{ka}` where a statement ends and `{kha}` where a
question does: the clinic chooses one persona, and the persona's particle is filled in here, once.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import Translations

Persona = Literal["female", "male"]

LOCALES = Path(__file__).parent / "locales"
FIRST = "th"
LANGUAGES = (FIRST, *sorted(one.parent.name for one in LOCALES.glob("*/messages.po") if one.parent.name != FIRST))
"""Every language that has a folder here, called by its code of two or three letters. The first is the one shown when
nothing is known about a person, and the one of a clinic's own names that are in no other."""

BUDDHIST_ERA_OFFSET = 543

_PARTICLES: dict[Persona, dict[str, str]] = {
    "female": {"ka": "ค่ะ", "kha": "คะ"},
    "male": {"ka": "ครับ", "kha": "ครับ"},
}


def best_language(wanted: str | None, spoken: Sequence[str] = LANGUAGES) -> str:
    """The language for a tag such as `en-GB`; the first of those that are spoken when it is none of them."""
    code = (wanted or "").split("-")[0].lower()
    return code if code in spoken else spoken[0]


@cache
def catalogue(language: str, domain: str = "messages") -> Translations:
    """The catalogue, compiled in memory from its .po file: there is no .mo that could be older than its source."""
    path = LOCALES / language / f"{domain}.po"
    with path.open("rb") as source:
        compiled = BytesIO()
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return Translations(compiled, domain=domain)


BANGKOK = ZoneInfo("Asia/Bangkok")
_THAI = "[\u0e00-\u0e7f]"
_TOGETHER = re.compile(rf"{_THAI}(?<!คุณ)\{{(?!kh?a\}})(\w+)\}}|(?<!คุณ)\{{(?!kh?a\}})(\w+)\}}(?={_THAI})")


@cache
def _written_together(text: str) -> frozenset[str]:
    """What is filled into a Thai text without a space, as Thai words are written; nearly always nothing."""
    return frozenset(filter(None, (name for match in _TOGETHER.findall(text) for name in match)))


def _apart(text: str, name: str, value: str) -> str:
    """Words of other letters stand apart from Thai ones: a tier that is called VIP."""
    before = " " if value[:1].isascii() and value[:1].isalnum() and re.search(rf"{_THAI}\{{{name}\}}", text) else ""
    after = " " if value[-1:].isascii() and value[-1:].isalnum() and re.search(rf"\{{{name}\}}{_THAI}", text) else ""
    return f"{before}{value}{after}"


@dataclass(frozen=True)
class Language:
    """`th("You have {points} points", points=th.number(120))`."""

    code: str
    persona: Persona = "female"
    zone: ZoneInfo = BANGKOK

    def __call__(self, msgid: str, /, **values: object) -> str:
        return self._fill(catalogue(self.code).gettext(msgid), values)

    def n(self, one: str, many: str, count: int, /, **values: object) -> str:
        """The text for `count` things; `{count}` is filled in with separators."""
        values.setdefault("count", self.number(count))
        return self._fill(catalogue(self.code).ngettext(one, many, count), values)

    def _fill(self, text: str, values: dict[str, Any]) -> str:
        if _written_together(text):
            values = values | {name: _apart(text, name, str(values[name])) for name in _written_together(text)}
        return text.format(**_PARTICLES[self.persona], **values)

    def number(self, value: int) -> str:
        return _number(value, self.code)

    def baht(self, value: Decimal | int) -> str:
        """`฿1,234` or `฿1,234.50`: satang only where there are some."""
        pattern = "#,##0" if value == int(value) else "#,##0.00"
        # Babel's English says THB; price lists in Thailand say ฿ in every language.
        return f"฿{format_decimal(value, pattern, locale=self.code)}"

    def month(self, day: date, *, year: bool = True) -> str:
        """The month of this day: `ก.พ. 2569` or `Feb 2026`, without the year `ก.พ.` or `Feb`."""
        named = str(Locale.parse(self.code).months["format"]["abbreviated"][day.month])
        return f"{named} {day.year + (BUDDHIST_ERA_OFFSET if self.code == FIRST else 0)}" if year else named

    def date(self, moment: datetime | date) -> str:
        """`3 ก.พ. 2569` in Thai (Buddhist era), else Babel's medium form; a datetime is shown in the clinic's zone."""
        day = moment.astimezone(self.zone).date() if isinstance(moment, datetime) else moment
        if self.code == FIRST:
            month = Locale.parse(FIRST).months["format"]["abbreviated"][day.month]
            return f"{day.day} {month} {day.year + BUDDHIST_ERA_OFFSET}"
        return str(format_date(day, "medium", locale=self.code))

    def weekday(self, moment: datetime) -> str:
        """`พฤ.` or `Thu`, in the clinic's zone."""
        return str(format_date(moment.astimezone(self.zone).date(), "ccc", locale=self.code))

    def time(self, moment: datetime) -> str:
        """`14:05`, in the clinic's zone."""
        return f"{moment.astimezone(self.zone):%H:%M}"


@lru_cache(maxsize=4096)
def _number(value: int, code: str) -> str:
    """The same points are said again and again, and each formatting takes Babel a tenth of a millisecond."""
    return str(format_decimal(value, locale=code))


def own_words(texts: Mapping[str, Any], code: str, plain: str) -> tuple[str, str]:
    """(name, description) of what a clinic has called by its own words, `texts` by language: in this language, else in
    the first, else the plain name."""
    for language in (code, FIRST):
        said = texts.get(language)
        if isinstance(said, Mapping) and said.get("name"):
            return str(said["name"]), str(said.get("description") or "")
    return plain, ""


def hearing_words(language: str) -> dict[str, tuple[str, ...]]:
    """Phrase → the words by which it is heard in this language."""
    return _word_lists(language, "hear.po")


def kinds_of_words(language: str) -> dict[str, tuple[str, ...]]:
    """Kind → the words of this language that are of it (`bot/subjects.py`)."""
    return _word_lists(language, "kinds.po")


def named_words(language: str) -> dict[str, tuple[str, ...]]:
    """What staff name within what they write → the words for it in this language."""
    return _word_lists(language, "named.po")


@cache
def _word_lists(language: str, name: str) -> dict[str, tuple[str, ...]]:
    with (LOCALES / language / name).open("rb") as source:
        entries = read_po(source, locale=language)
    return {
        str(entry.id): tuple(word.strip() for word in str(entry.string).split("|") if word.strip())
        for entry in entries
        if entry.id
    }
