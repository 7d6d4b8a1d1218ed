"""What a short sentence is about. Deterministic: words of known kinds are found in it, and ways to say something.

A sentence is cut into words without spaces, so that as few letters as possible stay unknown and then as few words as
possible come out: the longest win. Letters are compared without tones and silenced letters, which people leave out.
What no way explains stands against it: a text that merely contains a word of ours is about something else.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from bot.slips import Slips, whole
from bot.subjects import AWAY, PLAIN, SUBJECTS, UNTOUCHABLE
from bot.words import folded

LONGEST = 90
"""Letters; what is longer tells a story, which people read."""
MEANT = 3
"""Subjects at most that are asked about."""
_LEFT = {1: 0.0, 2: 1.5, 3: 3.5, 4: 7.0}
"""How much may be left over, in letters, where a way says so much; where it says more:"""
_LEFT_AT_MOST = 10.0
_SAYING = 2
"""Who says less is not asked what is meant."""
_UNSURE = 3.0
"""As much more may be left over where it is asked what is meant."""
_LETTER = re.compile("(?P<silent>[ก-ฮ][ิุ]?\u0e4c|[\u0e47-\u0e4e])|(?P<letter>.)")
"""What carries a silencer, and tones, are not heard and often left out; the other letters count."""
_ALIKE = str.maketrans("ณศษญฎฏฐฑฒธภฌฆฬใ", "นสสยดตถทททพชคลไ")
"""Letters of one sound."""
_AGAIN = re.compile(r"([ก-ฮะาแโไๆ])\1+(?=\s|$)")
_DRAWN = re.compile(r"([a-z])\1{2,}")
_MARKS = re.compile(r"[^0-9a-z\u0e00-\u0e7f]+")
_AND = re.compile(r"\s(?:and|&|\+)\s|และ|แล้วก็|(?<=[\u0e00-\u0e7f])กับ(?=ขอ|ดู|เช็ค|อยาก|ของรางวัล|แต้ม|ประวัติ|ระดับ)|[,&+\n]")


@dataclass(frozen=True)
class Letters:
    """A text as it is compared here: small Latin words with one space between, Thai without what is not heard."""

    bare: str
    seen: tuple[str, ...]
    """What stands in the text for each of the letters."""

    @classmethod
    def of(cls, text: str) -> "Letters":
        seen: list[str] = []
        said = _DRAWN.sub(r"\1", _AGAIN.sub(r"\1", folded(text).replace("'", "")))
        for match in _LETTER.finditer(_MARKS.sub(" ", said).strip()):
            if match["letter"]:
                seen.append(match[0])
            elif seen:
                seen[-1] += match[0]
        return cls("".join(one[0] for one in seen).translate(_ALIKE), tuple(seen))

    def between(self, start: int, end: int) -> str:
        return "".join(self.seen[start:end])


@dataclass(frozen=True)
class Piece:
    """Some letters of a sentence, and the kinds of the word that they are; no kinds: nobody knows it."""

    letters: str
    kinds: frozenset[str]

    def __str__(self) -> str:
        return f"{self.letters}[{' '.join(sorted(self.kinds)) or '?'}]"


@dataclass(frozen=True)
class Way:
    """One way to speak of a subject: each of its terms is kinds of which one must occur."""

    subject: str
    terms: tuple[frozenset[str], ...]

    @cached_property
    def kinds(self) -> frozenset[str]:
        return frozenset().union(*self.terms)

    def says(self, kinds: frozenset[str]) -> int:
        """How much: two for a kind, one for a plain one; 0 where one is missing."""
        if not all(term & kinds for term in self.terms):
            return 0
        return sum(1 if (term & kinds) <= PLAIN else 2 for term in self.terms)

    def leaves(self, pieces: Iterable[Piece]) -> float:
        """How much it does not explain, in letters."""
        return sum(map(self._leaves, pieces))

    def _leaves(self, piece: Piece) -> float:
        if piece.kinds & (self.kinds | PLAIN):
            return 0
        if piece.kinds & AWAY:
            return _LEFT_AT_MOST
        return len(piece.letters) * (0.5 if piece.kinds or piece.letters.isascii() else 1)

    def __str__(self) -> str:
        return f"{self.subject} by {' '.join('|'.join(sorted(term)) for term in self.terms)}"


@dataclass(frozen=True)
class Understood:
    """Subjects, the likeliest first. `sure`: all are meant; else it is asked which. `why` is for people."""

    subjects: tuple[str, ...]
    sure: bool
    why: str


class Understanding:
    """`words`: kind → its words, of each language. `own`: subject → words of a clinic's, each of which says it alone.
    A text takes a third of a millisecond, and to be made it takes fifty."""

    def __init__(
        self, words: Iterable[Mapping[str, tuple[str, ...]]], own: Mapping[str, tuple[str, ...]] | None = None
    ) -> None:
        own = {f"own {subject}": each for subject, each in (own or {}).items()}
        self._words: dict[str, dict[str, frozenset[str]]] = defaultdict(dict)
        for language in (*words, own):
            for kind, each in language.items():
                for word in map(Letters.of, each):
                    spelled = word.between(0, len(word.bare))
                    known = self._words[word.bare]
                    known[spelled] = known.get(spelled, frozenset()) | {kind}
        self._longest = max(map(len, self._words), default=0)
        meanings = {word: frozenset().union(*known.values()) for word, known in self._words.items()}
        self._slips = Slips({word: kinds for word, kinds in meanings.items() if not kinds <= PLAIN})
        self._ways = [Way(kind.removeprefix("own "), (frozenset({kind}),)) for kind in own] + [
            Way(subject, tuple(frozenset(term.split("|")) for term in way.split()))
            for subject, ways in SUBJECTS.items()
            for way in ways.split(";")
        ]

    def __call__(self, text: str) -> Understood:
        """Two subjects in one text are both meant where each part is about one."""
        parts = [part for part in _AND.split(text) if part.strip()]
        if len(parts) > 1 and len(text) <= 2 * LONGEST:
            each = [self._one(part) for part in parts]
            both = tuple(dict.fromkeys(one.subjects[0] for one in each if one.sure))
            if len(both) > 1 and all(one.sure for one in each):
                return Understood(both[:2], True, "; ".join(one.why for one in each))
        return self._one(text)

    def _one(self, text: str) -> Understood:
        said = Letters.of(text)
        if not 0 < len(said.bare) <= LONGEST:
            return Understood((), False, "too long" if said.bare else "no words")
        pieces = self._pieces(said)
        first = self._meant(pieces)
        if first.sure or not (unknown := _unknown(pieces)) or (mended := self._slips.mended(said.bare)) is None:
            return first
        pieces = self._pieces(Letters(mended, tuple(mended)))
        again = self._meant(pieces)
        return replace(again, why=f"{again.why}, with a slip") if again.sure and _unknown(pieces) < unknown else first

    def _meant(self, pieces: list[Piece]) -> Understood:
        shown = " ".join(map(str, pieces))
        kinds = frozenset[str]().union(*(one.kinds for one in pieces))
        if UNTOUCHABLE & kinds:
            return Understood((), False, f"{shown}: not ours to answer")
        ranked = sorted(
            (left - 3 * says, place, says, left)
            for place, way in enumerate(self._ways)
            if (says := way.says(kinds))
            for left in (way.leaves(pieces),)
        )
        if not ranked:
            return Understood((), False, f"{shown}: no way to say it")
        _, place, says, left = ranked[0]
        allowed = _LEFT.get(says, _LEFT_AT_MOST)
        why = f"{shown}: {self._ways[place]}, says {says}, leaves {left:g} of {allowed:g}"
        if left <= allowed:
            return Understood((self._ways[place].subject,), True, why)
        if says < _SAYING:
            return Understood((), False, why)
        near = {self._ways[place].subject: None for _, place, _, left in ranked if left <= allowed + _UNSURE}
        return Understood(tuple(near)[:MEANT], False, why)

    def _pieces(self, said: Letters) -> list[Piece]:
        """The words of a text, as few as possible after as few unknown letters as possible."""
        letters = said.bare
        # Of the first n letters: (unknown ones, words, where the last word began, whether it is known).
        best: list[tuple[int, int, int, bool]] = [(0, 0, 0, False)]
        for end in range(1, len(letters) + 1):
            unknown, count, *_ = best[end - 1]
            found = (unknown + (letters[end - 1] != " "), count + 1, end - 1, False)
            for start in range(max(0, end - self._longest), end):
                if letters[start:end] in self._words and whole(letters, start, end):
                    unknown, count, *_ = best[start]
                    found = min(found, (unknown, count + 1, start, True))
            best.append(found)
        cut, end = [], len(letters)
        while end:
            _, _, start, known = best[end]
            cut.append(Piece(letters[start:end], self._kinds(said, start, end) if known else frozenset()))
            end = start
        return list(_joined(reversed(cut)))

    def _kinds(self, said: Letters, start: int, end: int) -> frozenset[str]:
        """Of the word that is spelled like this; else of all that differ only in what is left out."""
        known = self._words[said.bare[start:end]]
        return known.get(said.between(start, end)) or frozenset().union(*known.values())


def _unknown(pieces: Iterable[Piece]) -> int:
    return sum(len(one.letters) for one in pieces if not one.kinds)


def _joined(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Without spaces; unknown letters beside each other are one piece, and numbers are nothing unknown."""
    run = ""
    for one in (*pieces, Piece(" ", frozenset())):
        if not one.kinds and not one.letters.isspace():
            run += one.letters
            continue
        if run:
            yield Piece(run, frozenset({"fill"} if run.isdecimal() else ()))
            run = ""
        if one.kinds:
            yield one
