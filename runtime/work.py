"""Work that waits in rows: which clinics have some, what became of an incoming event, and what is still to do.

Each room adds to `queues` those it owns; `/metrics`, `flask work` and `flask doctor` read it.
"""

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Select,
    Uuid,
    all_,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from runtime.clock import DATABASE_NOW
from runtime.registry import Registry

NOTHING = false()
State = Literal["waiting", "dead", "unknown"]

DROPPED = "dropped"
"""How an error begins that a person has written."""


@dataclass(frozen=True)
class Handled:
    """What became of an incoming event: done, or ignored, with a short code that says why or how."""

    reason: str | None = None
    ignored: bool = False
    then: Callable[[], None] | None = None
    """Called once the transaction is committed and over: this is where a network may be waited for."""


Place = tuple[Any, ...]
"""Where a due row stands: the number of its part, the values of the order in it, the row's id the last of them."""


class Batch:
    """Which of the due rows a daily job takes now, and which it took: what breaks is looked for among these.

    It takes up to `limit`, in the order of an index, from behind the place where the batch before it ended, whether
    that could lock what it took or not, without `skip`. So a batch costs what it takes, however much is due. Whoever
    takes rows does so before doing anything with them.
    """

    def __init__(self, limit: int, *, after: Place | None = None, skip: Set[UUID] = frozenset()) -> None:
        self.limit, self.after, self.skip = limit, after, skip
        self.places: list[Place] = []

    @property
    def ids(self) -> list[UUID]:
        """What was taken, in order. One may be there twice, by two places."""
        return [place[-1] for place in self.places]

    @property
    def last(self) -> Place | None:
        """Where the next batch goes on."""
        return self.places[-1] if self.places else self.after

    def take(self, session: Session, *parts: Select[*tuple[Any, ...]]) -> list[UUID]:
        """The ids of what it takes of these statements, one after the other.

        Each selects what it is ordered by, the id last, as an index has it: so no more is read than is taken.
        """
        begins, *after = self.after or (0,)
        for number, due in enumerate(parts):
            if number >= begins and len(self.places) < self.limit:
                rows = session.execute(self._of(due, tuple(after) if number == begins else ()))
                self.places += [(number, *row) for row in rows]
        return self.ids

    def _of(self, due: Select[*tuple[Any, ...]], after: Place) -> Select[*tuple[Any, ...]]:
        order = list(due.selected_columns)
        if after:
            due = due.where(tuple_(*order) > after)
        if self.skip:
            due = due.where(order[-1] != all_(literal(list(self.skip), ARRAY(Uuid()))))
        return due.order_by(*order).limit(self.limit - len(self.places))

    def shorten(self, rows: int) -> list[UUID]:
        """Leave all but the first so many to the batches after it."""
        self.places = self.places[:rows]
        return self.ids


def clinics_with(clinic_id: InstrumentedAttribute[UUID], open_: ColumnElement[bool]) -> Select[Any]:
    """The clinics that have open rows, each found by one look into an index that begins with the clinic.

    DISTINCT would read every open row; this costs one descent a clinic, however much waits in it.
    """
    one: ColumnElement[int] = literal_column("1")
    first = select(clinic_id.label("clinic_id")).where(open_).order_by(clinic_id).limit(one).subquery()
    found = select(first.c.clinic_id).cte(recursive=True)
    after = (
        select(clinic_id).where(open_, clinic_id > found.c.clinic_id).order_by(clinic_id).limit(one).scalar_subquery()
    )
    found = found.union_all(select(after).where(found.c.clinic_id.is_not(None)))
    return select(found.c.clinic_id).where(found.c.clinic_id.is_not(None))


@dataclass(frozen=True)
class Queue:
    """A table of work, by clinic: what waits, what is left for a person, and what that person may do with it.

    `due`: since when a row could be done, or when it may be tried again. `dead`: it failed for good. `unknown`: nobody
    can say whether it was done. `error`: the column that says why. `retry`: what is written when it is to be done
    after all; `drop`: when it is given up, with the reason. `wake`: who is told of a retry.
    """

    id_: InstrumentedAttribute[UUID]
    clinic_id: InstrumentedAttribute[UUID]
    waiting: ColumnElement[bool]
    due: ColumnElement[Any] | InstrumentedAttribute[Any]
    error: InstrumentedAttribute[Any]
    retry: Mapping[Any, Any]
    drop: Callable[[str], Mapping[Any, Any]]
    wake: str
    dead: ColumnElement[bool] = NOTHING
    unknown: ColumnElement[bool] = NOTHING
    also: ColumnElement[bool] = NOTHING
    """What may be retried or dropped besides."""

    @property
    def stuck(self) -> ColumnElement[bool]:
        return or_(self.dead, self.unknown, self.also)


queues: Registry[Queue] = Registry("queue")


@dataclass(frozen=True)
class Count:
    """So many rows of one clinic in one state, and the earliest time at which one of them was due."""

    queue: str
    state: State
    clinic_id: UUID
    rows: int
    oldest: datetime | None


def counted(connection: Connection | Session) -> list[Count]:
    """All work there is, in one statement; its cost follows what waits and what is stuck."""
    each = [
        select(literal(name), literal(state), queue.clinic_id, func.count(), func.min(queue.due))
        .where(condition)
        .group_by(queue.clinic_id)
        for name in queues
        for queue in [queues[name]]
        for state, condition in (("waiting", queue.waiting), ("dead", queue.dead), ("unknown", queue.unknown))
        if condition is not NOTHING
    ]
    return [Count(*row) for row in connection.execute(union_all(*each)).all()]


def totals(connection: Connection | Session) -> list[tuple[str, str, int, float]]:
    """Queue, state, rows and the seconds since the oldest is due, over all clinics; what is empty is told as 0."""
    found = counted(connection)
    now = connection.execute(select(DATABASE_NOW)).scalar_one()
    states: tuple[State, ...] = ("waiting", "dead", "unknown")
    told: list[tuple[str, str, int, float]] = []
    for name, state in ((name, state) for name in queues for state in states):
        these = [one for one in found if (one.queue, one.state) == (name, state)]
        since = min((one.oldest for one in these if one.oldest is not None), default=now)
        told.append((name, state, sum(one.rows for one in these), max(0.0, (now - since).total_seconds())))
    return told
