"""Amounts and phones as people write them in a group: `3,500`, `3500.-`, `3500บาท`, `๓๕๐๐`, `3.5k`, `081-234-5678`; and
what stands beside a number by which it is no payment: a minus, or the word for points."""

import re
from decimal import Decimal

from customers.abroad import phone_of
from runtime.codes import folded
from runtime.language import LANGUAGES, kinds_of_words

_AMOUNT = re.compile(
    r"(?<![0-9a-z.,:/])(?:฿\s*)?(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,9})(?P<part>\.[0-9]{1,2})?"
    r"(?:\s*(?P<thousand>k(?![a-z])|พัน))?(?:\s*(?:\.-|,-|บาท|฿|baht|thb))?(?![0-9a-z:/]|[.,][0-9])",
    re.IGNORECASE,
)
# Behind other Thai letters it may be the end of a word: กลางคืน is the night.
_AWAY = re.compile(r"(?:-|\bminus|(?<![\u0e00-\u0e7f])(?:ลบ|หัก|คืน))\s*$", re.IGNORECASE)
POINTS = "|".join(
    sorted({word for code in LANGUAGES for word in kinds_of_words(code)["point"]}, key=lambda w: (-len(w), w))
)
"""The words for points, for a pattern."""
_POINTS = re.compile(rf"(?P<sign>[+-]?)\s?[0-9][0-9,]*\s?(?:{POINTS})(?![a-z])", re.IGNORECASE)
_APART = "[ .-]?"
_PHONE = re.compile(
    rf"(?<![0-9a-z+])(?:(?:\+|00)?66{_APART}\(?0?\)?{_APART}|0)[0-9]{{1,2}}{_APART}[0-9]{{3}}{_APART}[0-9]{{4}}(?![0-9])"
)


def amounts(text: str) -> list[Decimal]:
    """The amounts of baht in a text, each once, in its order. Cards and phones were taken from it before."""
    found = (_worth(match) for match in _AMOUNT.finditer(folded(text)))
    return list(dict.fromkeys(found))


def without(text: str) -> str:
    """The other words of a text."""
    return _AMOUNT.sub(" ", folded(text))


def goes_away(text: str) -> bool:
    """Whether an amount has a minus before it, or a word for one: it is money that somebody has back."""
    said, end = folded(text), 0
    for match in _AMOUNT.finditer(said):
        if _AWAY.search(said[end : match.start()]):
            return True
        end = match.end()  # the mark of `3500.-` is no minus of what comes next
    return False


def of_points(text: str) -> bool:
    """Whether a number of points stands in a text."""
    return _POINTS.search(folded(text)) is not None


def begins_with_points(text: str) -> bool:
    """Whether a text begins with signed points, as one asks for a correction; in its middle it may be talk."""
    match = _POINTS.match(folded(text).strip())
    return match is not None and bool(match["sign"])


def phones(text: str) -> list[str]:
    """The Thai phones in a text, each once, in the one spelling (`customers/contacts.py`)."""
    found = (phone_of(match[0]) for match in _PHONE.finditer(folded(text)))
    return list(dict.fromkeys(phone for phone in found if phone))


def without_phones(text: str) -> str:
    return _PHONE.sub(" ", folded(text))


def _worth(match: re.Match[str]) -> Decimal:
    number = Decimal(match["whole"].replace(",", "") + (match["part"] or ""))
    return number * 1000 if match["thousand"] else number
