"""Amounts and phones as people write them in a group: `3,500`, `3500.-`, `3500บาท`, `๓๕๐๐`, `3.5k`, `081-234-5678`."""

import re
from decimal import Decimal

from runtime.codes import folded

_AMOUNT = re.compile(
    r"(?<![0-9a-z.,:/])(?:฿\s*)?(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,9})(?P<part>\.[0-9]{1,2})?"
    r"(?:\s*(?P<thousand>k(?![a-z])|พัน))?(?:\s*(?:\.-|,-|บาท|฿|baht|thb))?(?![0-9a-z:/]|[.,][0-9])",
    re.IGNORECASE,
)
_PHONE = re.compile(r"(?<![0-9a-z+])(?:\+66[ -]?\(?0?\)?|0)[0-9]{1,2}[ -]?[0-9]{3}[ -]?[0-9]{4}(?![0-9])")


def amounts(text: str) -> list[Decimal]:
    """The amounts of baht in a text, each once, in its order. Cards and phones were taken from it before."""
    found = (_worth(match) for match in _AMOUNT.finditer(folded(text)))
    return list(dict.fromkeys(found))


def phones(text: str) -> list[str]:
    """The Thai phones in a text, each once, as digits behind `0` or `+66`."""
    found = (re.sub(r"[ ()-]", "", match[0]) for match in _PHONE.finditer(folded(text)))
    return list(dict.fromkeys(found))


def without_phones(text: str) -> str:
    return _PHONE.sub(" ", folded(text))


def _worth(match: re.Match[str]) -> Decimal:
    number = Decimal(match["whole"].replace(",", "") + (match["part"] or ""))
    return number * 1000 if match["thousand"] else number
