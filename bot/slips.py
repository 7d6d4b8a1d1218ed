"""One letter too many, too few or another one: the word that was meant, where nothing else is near."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

_LATIN = re.compile("[0-9a-z]")
SHORTEST = 6
"""Letters; shorter words have too many neighbours."""
_AROUND = 24
"""Letters of the longest word that is looked for."""


def whole(text: str, start: int, end: int) -> bool:
    """Whether what stands between is cut well: Latin words at their ends only, and no space is part of it there."""
    if text[start] == " " or text[end - 1] == " ":
        return False
    cuts = (place for place in (start, end) if 0 < place < len(text))
    return not any(_LATIN.match(text[place - 1]) and _LATIN.match(text[place]) for place in cuts)


class Slips:
    """Of words and what each of them means. Knows each without one of its letters, so that a text is compared with what
    is near and not with all.
    """

    def __init__(self, words: Mapping[str, object]) -> None:
        self._words = {word: meaning for word, meaning in words.items() if SHORTEST <= len(word) <= _AROUND}
        self._lacking: dict[str, set[str]] = defaultdict(set)
        for word in self._words:
            for lacking in _without_one(word):
                self._lacking[lacking].add(word)

    def mended(self, text: str) -> str | None:
        """The text with one slip mended, of the longest word first; None where nothing is near, or several things."""
        for size in range(min(len(text), _AROUND + 1), SHORTEST - 2, -1):
            for start in range(len(text) - size + 1):
                if not whole(text, start, start + size):
                    continue
                near = {word for word in self._near(text[start : start + size]) if word[0] == text[start]}
                if near and len({self._words[word] for word in near}) == 1:
                    return text[:start] + min(near) + text[start + size :]
        return None

    def _near(self, piece: str) -> set[str]:
        """Words that become the piece, or the piece them, by one letter; none for a word itself."""
        if piece in self._words:
            return set()
        found = set(self._lacking.get(piece, ()))
        for lacking in _without_one(piece):
            found |= {lacking} & self._words.keys()
            if (also := self._lacking.get(lacking)) is not None:
                found |= {word for word in also if len(word) == len(piece)}
        return found


def _without_one(word: str) -> Iterator[str]:
    return (word[:at] + word[at + 1 :] for at in range(len(word)))
