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
from typing import Literal

from bot.letters import Letters
from bot.pieces import Piece, asks, had, joined, sought, unknown, unwanted
from bot.slips import Slips, whole
from bot.subjects import (
    AGAINST,
    ASKING,
    AWAY,
    MANNERS,
    OTHERS,
    PLAIN,
    SOUGHT,
    SUBJECTS,
    TOLD,
    UNTOUCHABLE,
    URGENT,
)  # fmt: skip

LONGEST = 90
"""Letters; what is longer tells a story, which people read."""
STORY = 400
"""Letters of it in which words of health are looked for."""
MEANT = 3
"""Subjects at most that are asked about."""
_LEFT = {1: 0.0, 2: 1.5, 3: 3.5, 4: 7.0}
"""How much may be left over, in letters, where a way says so much; where it says more:"""
_LEFT_AT_MOST = 10.0
_SAYING = 2
"""Who says less is not asked what is meant, and who says just this and asks for nothing is not either."""
_OWN = 6.0
"""What the clinic calls something goes before what is known of the words beside it."""
_MANNERS = {"greeting": 0.0, "thanks": 5.0}
"""How much may be left over beside them: what else is said may be all that is meant, and thanks are for something."""
_STUMP = 2
"""Letters that are no word by themselves."""
_ASKED = 2.0
"""What one word may leave over of a text that asks for something."""
_UNSURE = 3.0
"""As much more may be left over where it is asked what is meant."""
_AROUND = frozenset({"fill", "ask", "isit", "hello", "thanks", "okay"})
"""What may stand around a single plain word that says something by itself."""
_AND = re.compile(r"\s(?:and|&|\+)\s|และ|แล้วก็|(?<=[\u0e00-\u0e7f])กับ(?=ขอ|ดู|เช็ค|อยาก|ของรางวัล|แต้ม|ประวัติ|ระดับ)|[,&+\n]")
_THOUGHT = re.compile(r"[.,;!?\n]+|(?<=[คน]ะ)\s|(?<=ค่[าะ])\s|(?<=คับ)\s|(?<=ครับ)\s")
"""Where one thought ends: Thai has spaces there, and a particle before them."""


TREATMENT = "treatment-"
"""Before what a word means of treatments: the same in each language."""
Health = Literal["", "asked", "urgent"]


@dataclass(frozen=True)
class Way:
    """One way to speak of a subject: each of its terms is kinds of which one must occur."""

    subject: str
    terms: tuple[frozenset[str], ...]

    @cached_property
    def kinds(self) -> frozenset[str]:
        return frozenset().union(*self.terms)

    @cached_property
    def explained(self) -> frozenset[str]:
        """Kinds that do not stand against it. Of one plain word any other one makes something else; thanks are for
        something."""
        if self.subject == "thanks":
            return self.kinds | PLAIN | {TOLD}
        return self.kinds | (_AROUND if len(self.terms) == 1 and self.kinds <= PLAIN else PLAIN)

    def says(self, kinds: frozenset[str]) -> int:
        """How much: two for a kind, one for a plain one; 0 where one is missing."""
        if not all(term & kinds for term in self.terms):
            return 0
        return sum(1 if (term & kinds) <= PLAIN else 2 for term in self.terms)

    def leaves(self, pieces: Iterable[Piece], *, asks: bool = True) -> float:
        """How much it does not explain, in letters; of who asks for nothing, what is told counts."""
        return sum(self._leaves(piece, asks) for piece in pieces)

    def _leaves(self, piece: Piece, asks: bool) -> float:
        if piece.kinds & AWAY and not piece.kinds & self.kinds:
            return _LEFT_AT_MOST
        if piece.kinds & self.explained or (asks and TOLD in piece.kinds):
            return 0
        if piece.kinds & AWAY:
            return _LEFT_AT_MOST
        return len(piece.letters) * (0.5 if asks and not piece.kinds and piece.letters.isascii() else 1)

    @property
    def telling(self) -> frozenset[str]:
        """The term that says most: where none of its kinds occurs, the way need not be looked at."""
        return next((term for term in self.terms if not term <= PLAIN), self.terms[0])

    def __str__(self) -> str:
        return f"{self.subject} by {' '.join('|'.join(sorted(term)) for term in self.terms)}"


@dataclass(frozen=True)
class Understood:
    """Subjects, the likeliest first. `sure`: all are meant; else it is asked which. `why` is for people."""

    subjects: tuple[str, ...]
    sure: bool
    why: str
    health: Health = ""
    """Whether it is about somebody's health, which people answer; it is about no subject then."""


class Understanding:
    """`words`: kind → its words, of each language; a `treatment-botox` is a `treatment`, too. `own`: subject → words of
    a clinic's, each of which says it alone. A text takes a third of a millisecond, and to be made it takes a hundred.
    """

    def __init__(
        self, words: Iterable[Mapping[str, tuple[str, ...]]], own: Mapping[str, tuple[str, ...]] | None = None
    ) -> None:
        own = {f"own {subject}": each for subject, each in (own or {}).items()}
        self._words: dict[str, dict[str, frozenset[str]]] = defaultdict(dict)
        for language in (*words, own):
            for kind, each in language.items():
                for word in (form for given in each for form in _forms(given)):
                    spelled = word.between(0, len(word.bare))
                    known = self._words[word.bare]
                    known[spelled] = known.get(spelled, frozenset()) | {kind} | _wider(kind)
        self._longest = max(map(len, self._words), default=0)
        meanings = {word: frozenset().union(*known.values()) for word, known in self._words.items()}
        self._slips = Slips({word: kinds for word, kinds in meanings.items() if not kinds <= PLAIN | {TOLD}})
        self._ways = [Way(kind.removeprefix("own "), (frozenset({kind}),)) for kind in own] + [
            Way(subject, tuple(frozenset(term.split("|")) for term in said.split()))
            for subject, ways in SUBJECTS.items()
            for said in ways.split(";")
        ]
        self._own = len(own)
        self._told_by: dict[str, list[int]] = defaultdict(list)
        for place, way in enumerate(self._ways):
            for kind in way.telling:
                self._told_by[kind].append(place)

    def __call__(self, text: str) -> Understood:
        """Two subjects in one text are both meant where each part is about one; what is said around them is none."""
        parts = [part for part in _AND.split(text) if part.strip()]
        if len(parts) > 1 and len(text) <= 2 * LONGEST:
            each = [self._one(part) for part in parts]
            both = tuple(dict.fromkeys(one.subjects[0] for one in each if one.sure))
            if len(both) > 1 and all(one.sure for one in each):
                meant = tuple(subject for subject in both if subject not in MANNERS) or both
                return Understood(meant[:2], True, "; ".join(one.why for one in each))
        whole = self._one(text)
        return whole if whole.sure or whole.health or len(text) > 2 * LONGEST else self._thought(text) or whole

    def _thought(self, text: str) -> Understood | None:
        """What one thought of several asks for, surely, where the others ask for nothing else and nobody is unwell."""
        if UNTOUCHABLE & self.kinds(text):
            return None
        thoughts = {part: self._one(part) for part in _THOUGHT.split(text) if part.strip()}
        said = {
            one.subjects[0]: one
            for part, one in thoughts.items()
            if one.sure and one.subjects[0] not in MANNERS and self._asked(part)
        }
        return next(iter(said.values())) if len(said) == 1 else None

    def _asked(self, thought: str) -> bool:
        pieces, kinds = self._pieces(Letters.of(thought)), self.kinds(thought)
        return asks(pieces, kinds) and (len(kinds - {"fill"}) > 1 or not kinds <= PLAIN)

    def kinds(self, text: str) -> frozenset[str]:
        """Of all its words."""
        return frozenset[str]().union(*(one.kinds for one in self._pieces(Letters.of(text).begun(STORY))))

    def _one(self, text: str) -> Understood:
        said = Letters.of(text)
        if not said.bare:
            return Understood((), False, "no words")
        if len(said.bare) > LONGEST:
            told = self._meant(self._pieces(said.begun(STORY)))
            return told if told.subjects == (SOUGHT,) else Understood((), False, "too long", told.health)
        pieces = self._pieces(said)
        first = self._meant(pieces)
        if first.sure or not (lacking := unknown(pieces)) or (mended := self._slips.mended(said.bare)) is None:
            return first
        pieces = self._pieces(Letters(mended, tuple(mended)))
        again = self._meant(pieces)
        found = again.sure and unknown(pieces) < lacking
        return replace(again, why=f"{again.why}, with a slip") if found else first

    def _meant(self, pieces: list[Piece]) -> Understood:
        shown = " ".join(map(str, pieces))
        pieces = had(pieces)
        kinds = frozenset[str]().union(*(one.kinds for one in pieces))
        if UNTOUCHABLE & kinds:
            health: Health = "urgent" if URGENT in kinds else "" if AWAY & kinds else "asked"
            return Understood((), False, f"{shown}: not ours to answer", health)
        if OTHERS in kinds and not kinds & ASKING:
            return Understood((), False, f"{shown}: of somebody else's")
        if not AWAY & kinds and sought(pieces):
            return Understood((SOUGHT,), True, f"{shown}: a person is asked for")
        ranked = self._ranked(pieces, kinds)
        if not ranked:
            return Understood((), False, f"{shown}: no way to say it")
        _, place, says, left = ranked[0]
        asking = asks(pieces, kinds)
        allowed = _ASKED if says == _SAYING and asking else _LEFT.get(says, _LEFT_AT_MOST)
        allowed = max(allowed, _MANNERS.get(self._ways[place].subject, 0.0))
        why = f"{shown}: {self._ways[place]}, says {says}, leaves {left:g} of {allowed:g}"
        if left <= allowed:
            return Understood((self._ways[place].subject,), True, why)
        if says < _SAYING or not asking or AWAY & kinds or (says == _SAYING and TOLD in kinds):
            return Understood((), False, why)
        near = {self._ways[place].subject: None for _, place, _, left in ranked if left <= allowed + _UNSURE}
        return Understood(tuple(near)[:MEANT], False, why)

    def _ranked(self, pieces: list[Piece], kinds: frozenset[str]) -> list[tuple[float, int, int, float]]:
        """(score, place, says, leaves) of each way that is said, the likeliest first."""
        asking, not_wanted = asks(pieces, kinds), unwanted(pieces)
        return sorted(
            (left - 3 * says - (_OWN if place < self._own and left <= _LEFT[_SAYING] else 0), place, says, left)
            for place in {place for kind in kinds for place in self._told_by.get(kind, ())}
            if (says := self._ways[place].says(kinds))
            for left in (self._ways[place].leaves(pieces, asks=asking and says > _SAYING),)
            if left <= _MANNERS.get(self._ways[place].subject, left) and not self._ways[place].telling & not_wanted
            if not kinds & AGAINST.get(self._ways[place].subject, frozenset())
        )

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
        return list(joined(reversed(cut)))

    def _kinds(self, said: Letters, start: int, end: int) -> frozenset[str]:
        """Of the word that is spelled like this; else of all that differ only in what is left out."""
        known = self._words[said.bare[start:end]]
        return known.get(said.between(start, end)) or frozenset().union(*known.values())


def _wider(kind: str) -> frozenset[str]:
    """The kind that a kind is one of."""
    return frozenset({TREATMENT.rstrip("-")}) if kind.startswith(TREATMENT) else frozenset()


def _forms(word: str) -> Iterator[Letters]:
    """A word as it stands inside a sentence, and at the end of one, where what is left of a short one is none."""
    inside, last = Letters.of(word, typed=False), Letters.of(word)
    yield inside
    if last != inside and len(last.bare) > _STUMP:
        yield last
