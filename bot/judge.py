"""How well sentences are understood whose subjects are known."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from math import sqrt

from bot.routes import Table
from bot.understand import Understood

OTHER = "other"
"""The label of what is about nothing that is heard here."""
COLUMNS = ["label", "language", "text"]


@dataclass(frozen=True)
class Sentence:
    label: str
    language: str
    text: str


@dataclass
class Judged:
    texts: int = 0
    answered: int = 0
    """About something, in our eyes; asking what is meant counts."""
    right: float = 0
    """Of these; a question that offers the right answer is half of one."""
    belonging: int = 0
    """Of all, those that are about something."""
    understood: int = 0
    """Of these; a question that offers the right answer counts."""
    wrong: list[tuple[Sentence, Understood]] = field(default_factory=list)

    @property
    def figures(self) -> dict[str, float]:
        return {name: getattr(self, name) for name in ("texts", "answered", "right", "belonging", "understood")}


def sentences(text: str) -> Iterator[Sentence]:
    """Raises `ValueError`, which names the line, for a file of another shape."""
    lines = text.splitlines()
    if not lines or lines[0].split("\t") != COLUMNS:
        raise ValueError(f"line 1: the names {', '.join(COLUMNS)} are expected, with tabs between them")
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        cells = line.split("\t")
        if len(cells) != len(COLUMNS):
            raise ValueError(f"line {number}: {len(COLUMNS)} cells with tabs between them are expected")
        yield Sentence(*cells)


def judge(table: Table, given: Iterable[Sentence]) -> Judged:
    """Two subjects of one sentence are both answered: it is right where the label is one of them."""
    judged = Judged()
    for sentence in given:
        found = table.understand(sentence.text)
        belongs = sentence.label != OTHER
        hit = sentence.label in found.subjects
        judged.texts += 1
        judged.belonging += belongs
        judged.understood += belongs and hit
        judged.answered += bool(found.subjects)
        judged.right += (1 if found.sure else 0.5) * hit
        if (not hit) if belongs else bool(found.subjects):
            judged.wrong.append((sentence, found))
    return judged


def interval(part: float, whole: int) -> tuple[float, float]:
    """Of a proportion, with 95 % confidence. Wilson's score interval."""
    if not whole:
        return 0.0, 1.0
    z, share = 1.96, part / whole
    middle = share + z * z / (2 * whole)
    around = z * sqrt(share * (1 - share) / whole + z * z / (4 * whole * whole))
    return (middle - around) / (1 + z * z / whole), (middle + around) / (1 + z * z / whole)
