"""The words of a sentence, of known kinds or not, and what they say together of what is meant."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.subjects import ACTS, ASKING, MEDICAL, NOT, RECORDS, REMEDY, SYMPTOM, UNWANTED

_NEAR = 3
"""Words behind the one that says so are what is not wanted."""
_QUESTION = re.compile(r"ไหน|กี|อะไร|เทาไ|ยังไง|เมือไ|\b(?:how|wh(?:at|en|ere|ich))")


@dataclass(frozen=True)
class Piece:
    """Some letters of a sentence, and the kinds of the word that they are; no kinds: nobody knows it."""

    letters: str
    kinds: frozenset[str]

    def __str__(self) -> str:
        return f"{self.letters}[{' '.join(sorted(self.kinds)) or '?'}]"


def asks(pieces: Iterable[Piece], kinds: frozenset[str]) -> bool:
    """Whether something is asked for; a word of a subject may be a question by itself."""
    return bool(kinds & (ASKING | ACTS)) or any(_QUESTION.search(one.letters) for one in pieces)


def had(pieces: list[Piece]) -> list[Piece]:
    """What somebody says that they have not is no question about it; who asks may be afraid of it all the same."""
    kinds = frozenset[str]().union(*(one.kinds for one in pieces))
    if kinds & RECORDS:
        pieces = [Piece(one.letters, one.kinds - {MEDICAL}) if REMEDY in one.kinds else one for one in pieces]
    if asks(pieces, kinds):
        return pieces
    before = (frozenset[str](), *(one.kinds for one in pieces))
    return [
        Piece(one.letters, one.kinds - {MEDICAL}) if NOT in last and SYMPTOM in one.kinds else one
        for last, one in zip(before, pieces, strict=False)
    ]


def unwanted(pieces: list[Piece]) -> frozenset[str]:
    """Kinds of the words of which it is said that they are not wanted, or not spoken of."""
    after = {place + step for place, one in enumerate(pieces) if UNWANTED in one.kinds for step in range(1, _NEAR + 1)}
    return frozenset[str]().union(*(pieces[place].kinds for place in after if place < len(pieces)))


def unknown(pieces: Iterable[Piece]) -> int:
    return sum(len(one.letters) for one in pieces if not one.kinds)


def joined(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Without spaces; unknown letters beside each other are one piece, and numbers are nothing unknown."""
    run = ""
    for one in (*pieces, Piece(" ", frozenset())):
        if not one.kinds and not one.letters.isspace():
            run += one.letters
            continue
        if run:
            yield Piece(run, frozenset({"fill", "figure"} if run.isdecimal() else ()))
            run = ""
        if one.kinds:
            yield one
