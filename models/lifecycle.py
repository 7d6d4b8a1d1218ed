"""What a table's rows mean for a person, said on the table: what a merge does with them, and how long they are kept.

`customers/merge.py` and `privacy/retention.py` follow what is declared here and know no table by name.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal


@dataclass(frozen=True)
class Merge:
    """What becomes of a column that names a record which turns out to be somebody's second one, the duplicate.

    move: it names the survivor. reseal: it does, and what was sealed under the key of the one is sealed under that of
    the other. stay, own: see `why`. `twice`: what becomes of a row whose like the survivor has, where that is unique.
    """

    how: Literal["move", "reseal", "stay", "own"]
    why: str = ""
    twice: Literal["stays", "goes"] | None = None


MOVE = Merge("move")
RESEAL = Merge("reseal")
MOVE_UNLESS_HAD = Merge("move", twice="stays")
RESEAL_UNLESS_HAD = Merge("reseal", twice="goes")


def stay(why: str) -> Merge:
    """The row stays under its own record: whoever reads it reads all records of the person."""
    return Merge("stay", why)


def own_rule(why: str) -> Merge:
    """The room that owns the table says what happens, and where."""
    return Merge("own", why)


@dataclass(frozen=True)
class Retention:
    """How long rows are kept. Without a `life` and `goes_with`: while the person is known to the clinic."""

    life: timedelta | None = None
    since: str = ""
    """The column from which the life counts, in real time."""
    states: tuple[str, ...] = ()
    """Rows in other states are kept: they are work that somebody still has to look at."""
    spares: tuple[str, str] | None = None
    """A column and a word of it: rows that have it are kept while the person is known."""
    goes_with: str = ""
    """The column that names the row with which it goes."""


WHILE_KNOWN = Retention()


def after(days: int, since: str, *, states: tuple[str, ...] = (), spares: tuple[str, str] | None = None) -> Retention:
    return Retention(timedelta(days=days), since, states, spares)


def goes_with(column: str) -> Retention:
    return Retention(goes_with=column)
