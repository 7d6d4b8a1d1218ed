"""Two clocks.

Business time decides rules (points expire, birthdays come) and may be moved in development. Real time decides leases,
time-outs, tokens and signatures, and cannot.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

_OFFSET = text("SELECT offset_seconds FROM business_clock")


def real() -> datetime:
    """The machine's time, UTC."""
    return datetime.now(UTC)


class Clock:
    """Business time. Only edges (a view, a webhook, a job, a command) read it; rules are handed the result."""

    def __init__(self, *, movable: bool) -> None:
        self._movable = movable

    def now(self, session: Session) -> datetime:
        return real() + self.offset(session)

    def offset(self, session: Session) -> timedelta:
        """How far business time is ahead of real time."""
        if not self._movable:
            return timedelta(0)
        return timedelta(seconds=session.execute(_OFFSET).scalar_one_or_none() or 0)
