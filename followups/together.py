"""What is asked about one execution is asked about all that are judged with it: the first question fetches the answers
for the others, in one statement.

Whoever judges one alone asks in the same way, and gets the answer for it alone.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar, cast
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from models.base import among
from models.clinics import OfClinic
from models.customers import Customer
from models.followups import FollowupExecution

T = TypeVar("T")
Row = TypeVar("Row", bound=OfClinic)
_KEPT = "judged_together"


class Together:
    """Executions of one clinic. What was answered holds for as long as they are judged: their customers are held."""

    def __init__(self, session: Session, executions: Sequence[FollowupExecution]) -> None:
        self.session, self.executions = session, executions
        self.clinic_id = executions[0].clinic_id
        self.customers: Sequence[Customer] = list({one.customer_id: one.customer for one in executions}.values())
        self.leaving = 0
        """Requests that were written for them: what was counted before does not have them."""
        self._ids = {one.id for one in executions}
        self._answers: dict[Any, Any] = {}

    @property
    def people(self) -> list[UUID]:
        """Whom they are about."""
        return [one.id for one in self.customers]

    def __contains__(self, one: FollowupExecution) -> bool:
        return one.id in self._ids

    def once(self, question: object, fetch: Callable[[], T]) -> T:
        """The answer to a question that is the same for all of them, or that is answered for all of them."""
        if question not in self._answers:
            self._answers[question] = fetch()
        return cast("T", self._answers[question])

    def each(self, question: "Callable[[Together], Mapping[UUID, T]]") -> Mapping[UUID, T]:
        """The answers to a question by whatever it is about: an execution, its customer, its anchor's row."""
        return self.once(question, lambda: question(self))

    def of_customers(self, column: InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
        """That it names one of their customers."""
        return among(column, self.people)

    def of_anchors(self, column: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
        """That it names the row of an anchor of theirs."""
        return among(column, list({one.about_id for one in self.executions}))


@contextmanager
def judged(session: Session, executions: Sequence[FollowupExecution]) -> Iterator[Together]:
    """Within it what is asked about one of these is asked about all."""
    batch = session.info[_KEPT] = Together(session, executions)
    try:
        yield batch
    finally:
        del session.info[_KEPT]


def of(session: Session, one: FollowupExecution) -> Together:
    """Those with which it is judged; itself alone where it is judged by itself."""
    batch: Together | None = session.info.get(_KEPT)
    return batch if batch is not None and one in batch else Together(session, [one])


def anchors(session: Session, one: FollowupExecution, table: type[Row]) -> Mapping[UUID, Row]:
    """The rows of their anchors, in the table of its kind, by their ids."""
    batch = of(session, one)

    def rows() -> Mapping[UUID, Row]:
        id_: InstrumentedAttribute[UUID] = cast("Any", table).id
        chosen = select(table).where(table.clinic_id == batch.clinic_id, batch.of_anchors(id_))
        return {cast("Any", row).id: row for row in session.scalars(chosen)}

    return batch.once(table, rows)


def about(session: Session, one: FollowupExecution, table: type[Row]) -> Row | None:
    """The row of its anchor, in the table of its kind."""
    return anchors(session, one, table).get(one.about_id)


def there(session: Session, one: FollowupExecution, table: type[Row]) -> Row:
    """The same, of one whose gates have found it. Raises `LookupError`."""
    found = about(session, one, table)
    if found is None:
        raise LookupError(f"there is no {table.__name__} {one.about_id}")
    return found
