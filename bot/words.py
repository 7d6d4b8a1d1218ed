"""Words as they are compared: what a person typed, and what the phrase book lists, in one plain form."""

import re
import unicodedata

from runtime.language import Language, hearing_words

_ENDINGS = re.compile(
    r"(?:\s*(?:นะคะ|นะค่ะ|นะครับ|นะจ๊ะ|หน่อย|ค่ะ|คะ|ครับ|คับ|ค่า|จ้า|จ้ะ|จ๊ะ|นะ|please|pls))+$",
)
_EDGES = re.compile(r"^[\s.,!?…\"'“”()~*-]+|[\s.,!?…\"'“”()~*-]+$")
_SPACES = re.compile(r"\s+")
_UNSEEN = dict.fromkeys(map(ord, "\u0000\u200b\u200c\u200d\u2060\ufeff"))


def wording(t: Language, phrase: str, code: str = "") -> str:
    """What a button lets the person say, to be heard as `phrase`: its first words in their language, and the code."""
    words = hearing_words(t.code)[phrase][0]
    return f"{words} {code}" if code else words


def plain(text: str) -> str:
    """NFKC, case folded, single spaces, without invisible characters, outer punctuation and final polite particles."""
    folded = unicodedata.normalize("NFKC", text.translate(_UNSEEN)).casefold()
    folded = _EDGES.sub("", _SPACES.sub(" ", folded))
    without = _EDGES.sub("", _ENDINGS.sub("", folded))
    # A word that is nothing but particles stays what it is.
    return without or folded
