"""How long a text is, as LINE counts it.

LINE counts most fields in UTF-16 code units and a few (labels, display texts, rich menu names) in grapheme clusters:
https://developers.line.biz/en/docs/messaging-api/text-character-count/. A Thai syllable with a vowel and a tone mark
is three units and one cluster, so the two must never be mixed up.

The clusters follow UAX #29 for the scripts this product writes (Thai, Latin, CJK, emoji); conjoining Hangul jamo and
Indic conjuncts are counted apart, which can only make a text look longer than it is.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator

ELLIPSIS = "…"
LONGEST_WORD = 60
"""How far back an end of a word is looked for; a Thai clause is seldom longer."""
_SPACE = re.compile(r"\s+")
_JOINER = "\u200d"
_SPACING_VOWELS = "\u0e33\u0eb3"  # Thai and Lao AM: letters by category, part of the cluster by UAX #29
_NON_JOINER = "\u200c"


def utf16_units(text: str) -> int:
    """The length in UTF-16 code units; a lone surrogate counts one."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def graphemes(text: str) -> int:
    """The number of grapheme clusters: what a person calls characters."""
    return sum(1 for _ in clusters(text))


def clusters(text: str) -> Iterator[str]:
    """The grapheme clusters of `text` in order; joined together they are `text` again."""
    start = 0
    for at in range(1, len(text)):
        if _breaks(text, start, at):
            yield text[start:at]
            start = at
    if text:
        yield text[start:]


def truncate(text: str, limit: int) -> str:
    """`text` in at most `limit` (>= 1) grapheme clusters; an ellipsis says that something was cut."""
    if 0 < len(text) <= limit:
        return text
    return _cut(text, limit, lambda _: 1)


def truncate_units(text: str, limit: int) -> str:
    """`text` in at most `limit` (>= 1) UTF-16 units, cut between clusters; an ellipsis says that something was cut."""
    if utf16_units(text) <= limit:
        return text
    return _cut(text, limit, utf16_units)


def truncate_words(text: str, limit: int) -> str:
    """`text` in at most `limit` (>= 1) UTF-16 units, cut where words are apart, with an ellipsis.

    Thai writes its words together and its clauses apart; where there is no space near the end a word is cut.
    """
    cut = truncate_units(text, limit)
    if cut == text:
        return text
    kept = cut.removesuffix(ELLIPSIS)
    if not text[len(kept) : len(kept) + 1].isspace():
        at = max((found.start() for found in _SPACE.finditer(kept)), default=0)
        kept = kept[:at] if len(kept) - at <= LONGEST_WORD and at else kept
    return kept.rstrip() + ELLIPSIS


def _cut(text: str, limit: int, size: Callable[[str], int]) -> str:
    if limit < 1:
        raise ValueError(f"a text cannot be cut to {limit}")
    kept: list[str] = []
    used, room = 0, 0
    for cluster in clusters(text):
        used += size(cluster)
        if used <= limit - 1:
            kept.append(cluster)
            room = len(kept)
        elif used > limit:
            return "".join(kept[:room]).rstrip() + ELLIPSIS
    return text


def _breaks(text: str, start: int, at: int) -> bool:
    before, after = text[at - 1], text[at]
    if before == "\r" and after == "\n":
        return False
    if _is_control(before) or _is_control(after):
        return True
    if _extends(after):
        return False
    if before == _JOINER and _is_pictograph(after):
        return not _is_pictograph(text[start])
    if _is_flag_half(before) and _is_flag_half(after):
        return (at - start) % 2 == 0 or not _is_flag_half(text[start])
    return True


def _extends(char: str) -> bool:
    if char < "\u0300":
        return False
    return (
        char in _SPACING_VOWELS
        or char in (_JOINER, _NON_JOINER)
        or unicodedata.category(char) in ("Mn", "Me", "Mc")
        or "\U0001f3fb" <= char <= "\U0001f3ff"  # skin tones
        or "\U000e0020" <= char <= "\U000e007f"  # tags, as in the flags of England and Scotland
    )


def _is_control(char: str) -> bool:
    if char < "\u0300":
        return char < " " or "\x7f" <= char <= "\x9f" or char == "\xad"
    if _extends(char):
        return False
    return unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp", "Cs")


def _is_flag_half(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _is_pictograph(char: str) -> bool:
    return (
        "\U0001f000" <= char <= "\U0001faff"
        or "\u2190" <= char <= "\u2bff"
        or char in "\u00a9\u00ae\u3030\u303d\u3297\u3299"
    )
