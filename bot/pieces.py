"""The words of a sentence, of known kinds or not, and what they say together of what is meant."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.subjects import (
    ACTS,
    AROUND,
    ASKING,
    ATTEND,
    MEDICAL,
    NOT,
    PERSON,
    PLAIN,
    RECORDS,
    REMEDY,
    SYMPTOM,
    TALK,
    TOLD,
    UNWANTED,
    WISH,
)  # fmt: skip

_NEAR = 3
"""Words behind the one that says so are what is not wanted."""
_BETWEEN = 4
"""Words within which the next one stands."""
_REFUSED = frozenset({UNWANTED, NOT, TOLD})
_BEFORE = frozenset({"fill", "ask", "isit", "hello", "thanks", "okay", WISH, ATTEND})
_DONE = re.compile("แลว|ไป|เมือ|ตอน")
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


def sought(pieces: list[Piece]) -> bool:
    """Whether a person is asked for, whatever else is said beside it: one wishes to talk with them, or that they help
    or call back; or asks whether they are there. What was said to a person yesterday, or by one, is no wish."""
    return any(
        _wished(pieces, place)
        or _told_to(pieces, place)
        or (PERSON in one.kinds and AROUND in _after(pieces, place).kinds)
        for place, one in enumerate(pieces)
    )


def _wished(pieces: list[Piece], place: int) -> bool:
    if WISH not in pieces[place].kinds or any(one.kinds & _REFUSED for one in pieces[max(0, place - 2) : place]):
        return False
    talk = _follow(pieces, place + 1, ({TALK}, {PERSON}))
    return talk is not None or _follow(pieces, place + 1, ({PERSON}, {TALK, ATTEND})) is not None


def _told_to(pieces: list[Piece], place: int) -> bool:
    """As a text begins that tells somebody to do it; of what was done already it tells, too."""
    if not all(one.kinds and one.kinds <= _BEFORE for one in pieces[:place]):
        return False
    person = _follow(pieces, place, ({TALK}, {PERSON}))
    return person is not None and not _DONE.match(_after(pieces, person).letters)


def _follow(pieces: list[Piece], start: int, each: Iterable[set[str]]) -> int | None:
    """Where the last of these words stands, one kind after the other, with only words between that say nothing."""
    place = start - 1
    for wanted in each:
        near = range(place + 1, min(place + 1 + _BETWEEN, len(pieces)))
        found = next((at for at in near if pieces[at].kinds & wanted), None)
        if found is None or not all(one.kinds and one.kinds <= PLAIN for one in pieces[place + 1 : found]):
            return None
        place = found
    return place


def _after(pieces: list[Piece], place: int) -> Piece:
    return pieces[place + 1] if place + 1 < len(pieces) else Piece("", frozenset())


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
