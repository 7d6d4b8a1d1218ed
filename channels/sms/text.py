"""What an SMS holds and what it costs: a provider charges for each part.

A text of the GSM alphabet has 160 units in one part and 153 in each of several; any other has 70 and 67 units of
UTF-16 (3GPP TS 23.038 and 23.040). A unit pair, an escaped sign or a sign beyond the first plane, stands in one part.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("\f^{}\\[~]|€")
"""Two units each."""
_FIRST_PLANE = "\uffff"
_PLAIN = str.maketrans({
    "\u00a0": " ", "\u2007": " ", "\u2009": " ", "\u202f": " ", "\u3000": " ",
    "\u00ad": "", "\u200b": "", "\u2060": "", "\ufeff": "", "\t": " ", "\r": "",
})  # fmt: skip
"""Spaces that a phone shows as a box, and what nobody sees."""
_TYPEWRITTEN = str.maketrans({
    "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "−": "-", "…": "...",
    "×": "x", "•": "-", "·": ".",
})  # fmt: skip
"""One of these alone would more than halve what a part holds."""

Alphabet = Literal["gsm", "ucs2"]
_ROOM: dict[Alphabet, tuple[int, int]] = {"gsm": (160, 153), "ucs2": (70, 67)}


@dataclass(frozen=True)
class Measure:
    """`units`: of the alphabet; `parts`: what is paid for; `left`: units that the last part still has room for."""

    alphabet: Alphabet
    units: int
    parts: int
    left: int


def measure(text: str) -> Measure:
    """Of a text as it is sent. An empty one has no parts."""
    alphabet: Alphabet = "gsm" if BASIC.issuperset(set(text) - EXTENDED) else "ucs2"
    alone, each = _ROOM[alphabet]
    widths = list(_widths(text, alphabet))
    units = sum(widths)
    if units <= alone:
        return Measure(alphabet, units, int(bool(units)), alone - units)
    parts, filled = 1, 0
    for width in widths:
        if filled + width > each:
            parts, filled = parts + 1, 0
        filled += width
    return Measure(alphabet, units, parts, each - filled)


def written(text: str) -> str:
    """As it is sent: without spaces that do not break, and with the signs of a typewriter where these make it GSM."""
    plain = "\n".join(" ".join(filter(None, line.split(" "))) for line in text.translate(_PLAIN).split("\n")).strip()
    typed = plain.translate(_TYPEWRITTEN)
    return typed if measure(typed).alphabet == "gsm" else plain


def _widths(text: str, alphabet: Alphabet) -> Iterator[int]:
    if alphabet == "gsm":
        return (1 + (letter in EXTENDED) for letter in text)
    return (1 + (letter > _FIRST_PLANE) for letter in text)
