"""The calendar: no day is lost and none is done twice."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from clock import Clock
from models.clinics import Clinic
from models.customers import CalendarRun
from workers import cron
from workers.cron import Daily

NIGHT = datetime(2026, 2, 3, 20, 0, tzinfo=UTC)
"""03:00 of the fourth in Bangkok."""


class At(Clock):
    """A clock that stands where the test puts it."""

    def __init__(self, now: datetime) -> None:
        super().__init__(movable=False)
        self.at = now

    def now(self, session: Session) -> datetime:
        return self.at


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[date]]:
    """A daily job, due at three, that takes two batches and notes its days."""
    seen: list[date] = []

    def batch(session: Session, clinic: Clinic, day: date) -> int:
        if seen.count(day) < 2:
            seen.append(day)
            return 1
        return 0

    jobs: cron.Registry[Daily] = cron.Registry("daily job")
    jobs.add("test", Daily(time(3, 0), batch))
    monkeypatch.setattr(cron, "daily", jobs)
    return seen


@pytest.fixture
def at_night(session: Session, clinic: Clinic) -> At:
    session.commit()
    return At(NIGHT)


def test_a_new_job_begins_with_the_day_that_is_due(
    sessions: sessionmaker[Session], at_night: At, done: list[date]
) -> None:
    assert cron.run_due(sessions, at_night) == 1
    assert set(done) == {date(2026, 2, 4)}
    assert cron.run_due(sessions, at_night) == 0


def test_before_its_hour_it_is_yesterdays(sessions: sessionmaker[Session], at_night: At, done: list[date]) -> None:
    at_night.at = NIGHT.replace(hour=19, minute=59)
    cron.run_due(sessions, at_night)
    assert set(done) == {date(2026, 2, 3)}


def test_a_week_that_was_slept_through_is_made_up_oldest_first(
    sessions: sessionmaker[Session], at_night: At, done: list[date]
) -> None:
    cron.run_due(sessions, at_night)
    at_night.at = NIGHT.replace(day=10)
    assert cron.run_due(sessions, at_night) == 7
    assert done[::2] == [date(2026, 2, day) for day in range(4, 12)]


def test_two_ticks_at_once_do_a_day_once(
    sessions: sessionmaker[Session], session: Session, at_night: At, done: list[date]
) -> None:
    with ThreadPoolExecutor(4) as pool:
        finished = sum(pool.map(lambda _: cron.run_due(sessions, at_night), range(4)))
    assert finished == 1
    assert session.scalar(select(func.count()).select_from(CalendarRun)) == 1


def test_the_real_calendar_runs(session: Session, sessions: sessionmaker[Session], clinic: Clinic) -> None:
    session.commit()
    assert cron.run_due(sessions, Clock(movable=False)) == len(list(cron.daily))
