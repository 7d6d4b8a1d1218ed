"""Two clocks.

Business time decides rules (points expire, birthdays come) and may be moved in development. Real time decides leases,
time-outs, tokens and signatures, and cannot.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Interval, func, literal_column, select, text
from sqlalchemy.orm import Session, sessionmaker

_OFFSET = text("SELECT offset_seconds FROM business_clock")


def real() -> datetime:
    """The machine's time, UTC."""
    return datetime.now(UTC)


DATABASE_NOW = func.statement_timestamp()
"""The database's real time, taken in the very statement. Stable within it, so that an index can be used."""


BUSINESS_NOW = DATABASE_NOW + literal_column(
    "coalesce((SELECT make_interval(secs => offset_seconds) FROM business_clock), interval '0')", Interval()
)
"""Business time as a statement may ask for it that looks whether anything is due; rules are handed theirs."""


def database_now(session: Session) -> datetime:
    """The database's real time: the only one that two processes may compare (leases, next tries, when it came)."""
    now: datetime = session.execute(select(DATABASE_NOW)).scalar_one()
    return now


class Clock:
    """Business time. Only edges (a view, a webhook, a job, a command) read it; rules are handed the result."""

    def __init__(self, *, movable: bool) -> None:
        self._movable = movable

    def now(self, session: Session) -> datetime:
        return real() + self.offset(session)

    def look(self, sessions: sessionmaker[Session]) -> datetime:
        """The same for who has no session open, and needs none where business time cannot be moved."""
        if not self._movable:
            return real()
        with sessions() as session:
            return self.now(session)

    def offset(self, session: Session) -> timedelta:
        """How far business time is ahead of real time."""
        if not self._movable:
            return timedelta(0)
        return timedelta(seconds=session.execute(_OFFSET).scalar_one_or_none() or 0)
