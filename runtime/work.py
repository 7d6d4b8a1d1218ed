"""Work that waits in rows: which clinics have some, what became of an incoming event, and what is still to do.

Each room adds to `waiting` the queues it owns; `/metrics` and the commands read it.
"""

from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass
from typing import Any, TypeVarTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, func, literal, select, union_all
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute

from runtime.registry import Registry

waiting: Registry[Select[int]] = Registry("kind of waiting work")
"""What waits → the statement that counts it, over all clinics; its cost follows what waits."""


@dataclass(frozen=True)
class Handled:
    """What became of an incoming event: done, or ignored, with a short code that says why or how."""

    reason: str | None = None
    ignored: bool = False
    then: Callable[[], None] | None = None
    """Called once the transaction is committed and over: this is where a network may be waited for."""


Row = TypeVarTuple("Row")

NOBODY = UUID(int=0)
"""Comes before every id."""


class Batch:
    """Which of the due rows a daily job takes now, and which it took: what breaks is looked for among these.

    It takes up to `limit`, ascending by id, after the one that the batch before it ended with, locked or not, without
    `skip`. Whoever takes rows says so by `take` before doing anything with them.
    """

    def __init__(self, limit: int, *, after: UUID = NOBODY, skip: Set[UUID] = frozenset()) -> None:
        self.limit, self.after, self.skip = limit, after, skip
        self.ids: list[UUID] = []

    @property
    def bounds(self) -> dict[str, Any]:
        """For a text: `id > :after AND id <> ALL(:skip) ORDER BY id LIMIT :limit`."""
        return {"after": self.after, "skip": list(self.skip), "limit": self.limit}

    def of(self, due: Select[*Row], id_: ColumnElement[UUID] | InstrumentedAttribute[UUID]) -> Select[*Row]:
        """Those rows of the statement that this batch may take."""
        return due.where(id_ > self.after, id_.not_in(self.skip)).order_by(id_).limit(self.limit)

    def take(self, ids: Iterable[UUID]) -> list[UUID]:
        self.ids = list(ids)
        return self.ids


def clinics_with(clinic_id: InstrumentedAttribute[UUID], open_: ColumnElement[bool]) -> Select[Any]:
    """The clinics that have open rows, each found by one look into an index that begins with the clinic.

    DISTINCT would read every open row; this costs one descent a clinic, however much waits in it.
    """
    first = select(clinic_id.label("clinic_id")).where(open_).order_by(clinic_id).limit(1).subquery()
    found = select(first.c.clinic_id).cte("found", recursive=True)
    after = select(clinic_id).where(open_, clinic_id > found.c.clinic_id).order_by(clinic_id).limit(1).scalar_subquery()
    found = found.union_all(select(after).where(found.c.clinic_id.is_not(None)))
    return select(found.c.clinic_id).where(found.c.clinic_id.is_not(None))


def count(what: str, table: type[DeclarativeBase], *conditions: ColumnElement[bool]) -> None:
    """Have the rows of a table that fit be counted under this name."""
    waiting.add(what, select(func.count()).select_from(table).where(*conditions))


def counted(connection: Connection) -> dict[str, int]:
    """What waits now, by name, in one statement."""
    each = [select(literal(what), waiting[what].scalar_subquery()) for what in waiting]
    return dict(connection.execute(union_all(*each)).all())
