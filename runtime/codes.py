"""Codes that people carry: read from a phone, spoken over a counter, typed into a chat."""

import re
import secrets
import unicodedata
from collections.abc import Iterable

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without 0 O, 1 I L and U, which are misread or misheard."""
THAI_DIGITS = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789")

LENGTH = 8
SHORT = 4
LONGEST = 60
"""Letters and digits among which a code in pieces is looked for."""
BETWEEN = r"\s\-_.,:;/\\|~+*\u00b7\u2022\u2024\u2027\u2219\u22c5\u25cf\u25e6\u30fb\u3001\u3002\uff65\u06d4"
"""What people put between the parts of a code, for a set of a pattern. A mark that asks or tells is not among it."""
_BETWEEN = re.compile(rf"[{BETWEEN}]+")
_MINUS = "\u2212"
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_AMONG = re.compile(
    rf"(?<![0-9A-Za-z])(?=(?P<code>[{ALPHABET}]{{{LENGTH}}}|[{ALPHABET}]{{4}}(?P<apart>[{BETWEEN}]{{1,3}})[{ALPHABET}]{{4}})"
    r"(?![0-9A-Za-z]))",
    re.IGNORECASE,
)
_CODE = re.compile(rf"(?=.*\d)(?=.*[A-Z])[{ALPHABET}]{{{LENGTH}}}")


def new_code() -> str:
    """Eight letters and digits, some of each: no word and no telephone number is ever taken for a code."""
    while True:
        code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
        if read(code):
            return code


def short_code(taken: Iterable[str | None]) -> str:
    """Four letters and digits, some of each, that nothing else has which waits for an answer: good for a few minutes
    among people who know each other, and never a secret."""
    known = set(taken)
    while True:
        code = "".join(secrets.choice(ALPHABET) for _ in range(SHORT))
        if not code.isdigit() and not code.isalpha() and code not in known:
            return code


def read(text: str) -> str | None:
    """The code that a person typed, in any case, with spaces, dashes or dots; None for anything that cannot be one."""
    code = _BETWEEN.sub("", folded(text)).upper()
    return code if _CODE.fullmatch(code) else None


def among(text: str) -> dict[str, bool]:
    """What may be a code among other words, in one piece or as it is shown, in the order of the text: code → whether
    it is surely meant as one. `mask 2pcs` could be one, too: who asks knows which codes there are.
    """
    found: dict[str, bool] = {}
    for match in _AMONG.finditer(folded(text)):
        shown = match["code"]
        code = _BETWEEN.sub("", shown).upper()
        in_one = match["apart"] is None or not {"-", "_"}.isdisjoint(match["apart"])
        sure = _CODE.fullmatch(code) is not None and (in_one or shown.isupper())
        found[code] = found.get(code, False) or sure
    return found


def without(text: str, code: str) -> str:
    """The other words of a text among which the code was found; a space stands in its place."""
    plain, rest, end = folded(text), [], 0
    for match in _AMONG.finditer(plain):
        start, stop = match.span("code")
        if start >= end and _BETWEEN.sub("", match["code"]).upper() == code:
            rest.append(plain[end:start])
            end = stop
    return " ".join([*rest, plain[end:]])


def squeezed(text: str) -> str:
    """All Latin letters and digits of a text, large and in one piece: what a code may be that is none of ours."""
    return re.sub("[^0-9A-Z]", "", folded(text).upper())


def hidden(text: str) -> list[str]:
    """Whatever of a short text's letters and digits, one after another, could be a code: `N 5 33 mtzf`, `refN533MTZF`.
    It is often none, and may be a word: for whoever has asked for a code, and knows which there are.
    """
    letters = squeezed(text)[:LONGEST]
    pieces = (letters[at : at + LENGTH] for at in range(len(letters) - LENGTH + 1))
    return list(dict.fromkeys(piece for piece in pieces if set(piece) <= set(ALPHABET)))


def folded(text: str) -> str:
    """NFKC, with Thai digits as ours, every dash and low line as one, without what has no width."""
    folded = unicodedata.normalize("NFKC", _UNSEEN.sub("", text)).translate(THAI_DIGITS)
    return "".join(map(_mark, folded))


def _mark(char: str) -> str:
    if char.isascii():
        return char
    kind = unicodedata.category(char)
    return "-" if kind == "Pd" or char == _MINUS else "_" if kind == "Pc" else char


def spaced(code: str) -> str:
    """As it is shown: `7KQM 2XRA`."""
    return f"{code[:4]} {code[4:]}"
