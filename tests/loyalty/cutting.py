"""A process that dies between two statements."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session, sessionmaker


class Cut(BaseException):
    """The process died here."""


@contextmanager
def cutting(sessions: sessionmaker[Session], after: int | None) -> Iterator[None]:
    """Raises `Cut` before the statement that follows so many; None: never."""
    left = after

    def count(*_: Any) -> None:
        nonlocal left
        if left is not None:
            left -= 1
            if left < 0:
                raise Cut

    engine = sessions.kw["bind"]
    event.listen(engine, "before_cursor_execute", count)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", count)
