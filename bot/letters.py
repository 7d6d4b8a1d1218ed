"""Letters of a text as they are compared where a sentence is understood: what is not heard is not compared."""

import re
from dataclasses import dataclass

from bot.words import folded

_LETTER = re.compile("(?P<silent>[ก-ฮ][ิุ]?\u0e4c|[\u0e47-\u0e4e])|(?P<letter>.)")
"""What carries a silencer, and tones, are not heard and often left out; the other letters count."""
_ALIKE = str.maketrans("ณศษญฎฏฐฑฒธภฌฆฬใ", "นสสยดตถทททพชคลไ")
"""Letters of one sound."""
_AGAIN = re.compile(r"([ก-ฮะาแโไๆ])\1+(?=\s|$)")
_DRAWN = re.compile(r"([a-z])\1{2,}")
_MARKS = re.compile(r"[^0-9a-z\u0e00-\u0e7f]+")


@dataclass(frozen=True)
class Letters:
    """A text as it is compared here: small Latin words with one space between, Thai without what is not heard."""

    bare: str
    seen: tuple[str, ...]
    """What stands in the text for each of the letters."""

    @classmethod
    def of(cls, text: str, *, typed: bool = True) -> "Letters":
        """`typed`: by somebody whose finger may have stayed on a key, so that ends of words are not repeated."""
        seen: list[str] = []
        said = folded(text).replace("'", "")
        said = _DRAWN.sub(r"\1", _AGAIN.sub(r"\1", said) if typed else said)
        for match in _LETTER.finditer(_MARKS.sub(" ", said).strip()):
            if match["letter"]:
                seen.append(match[0])
            elif seen:
                seen[-1] += match[0]
        return cls("".join(one[0] for one in seen).translate(_ALIKE), tuple(seen))

    def begun(self, letters: int) -> "Letters":
        return Letters(self.bare[:letters], self.seen[:letters])

    def between(self, start: int, end: int) -> str:
        return "".join(self.seen[start:end])
