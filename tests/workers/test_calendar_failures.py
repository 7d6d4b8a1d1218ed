"""What breaks a daily job is booked with its row, tried again for its own day, and holds up nothing else."""

import re
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from models.base import new_id
from models.calendar import CalendarFailure
from models.clinics import Clinic
from runtime.context import Runtime
from runtime.database import PATIENCE
from runtime.timing import Timing
from runtime.work import Batch
from tests.fixtures.clinic import At
from tests.workers.conftest import NIGHT, only, take, tick
from workers import daily
from workers.daily import Daily


class Rows:
    """A daily job over five rows, two of which can be made to break it; what was done, by day, in order."""

    def __init__(self) -> None:
        self.ids = sorted(new_id() for _ in range(5))
        self.broken: set[UUID] = set()
        self.held: set[UUID] = set()
        self.done: list[tuple[date, UUID]] = []
        self.refused = 0

    def batch(self, session: Session, clinic: Clinic, day: date, now: datetime, batch: Batch) -> int:
        open_ = [one for one in self.ids if (day, one) not in self.done]
        taken = take(batch, open_)
        if self.broken & set(taken):
            self.refused += 1
            raise RuntimeError("a row that always fails, and its message")
        did = [one for one in taken if one not in self.held]
        self.done += [(day, one) for one in did]
        return len(did)


@pytest.fixture
def rows(monkeypatch: pytest.MonkeyPatch) -> Rows:
    rows = Rows()
    only(monkeypatch, Daily(time(3, 0), rows.batch, each_day=True))
    return rows


def booked(session: Session) -> list[CalendarFailure]:
    return list(session.scalars(select(CalendarFailure).order_by(CalendarFailure.local_date)).all())


def due_again(session: Session) -> None:
    session.execute(update(CalendarFailure).values(next_try_at=func.now()))
    session.commit()


def test_a_row_that_breaks_is_booked_and_the_others_are_done(
    runtime: Runtime, session: Session, at_night: At, rows: Rows
) -> None:
    bad = rows.ids[3]
    rows.broken = {bad}
    assert tick(runtime, at_night) == 1
    day = date(2026, 2, 4)
    assert rows.done == [(day, one) for one in rows.ids if one != bad]
    assert rows.refused <= 3, "the batch is halved, not taken apart"
    [failure] = booked(session)
    assert (failure.job, failure.local_date, failure.target, failure.tries) == ("test", day, str(bad), 1)
    assert re.fullmatch(r"RuntimeError at tests/workers/test_calendar_failures\.py:\d+", failure.error)
    assert failure.next_try_at is not None
    assert failure.next_try_at - failure.failed_at == Timing().calendar_backoff[0]

    assert tick(runtime, at_night) == 0, "before its next try nobody looks at it"
    due_again(session)
    tick(runtime, at_night)
    session.expire_all()
    [failure] = booked(session)
    assert failure.tries == 2
    assert failure.next_try_at is not None
    assert failure.next_try_at - failure.failed_at > Timing().calendar_backoff[1]

    rows.broken = set()
    due_again(session)
    tick(runtime, at_night)
    session.expire_all()
    assert booked(session) == []
    assert sorted(rows.done) == [(day, one) for one in rows.ids]
    assert tick(runtime, at_night) == 0


def test_each_day_of_a_broken_row_is_made_up_once(runtime: Runtime, session: Session, at_night: At, rows: Rows) -> None:
    rows.broken = set(rows.ids[:2])
    for night in (3, 4, 5):
        at_night.at = NIGHT.replace(day=night)
        assert tick(runtime, at_night) == 1
    assert len(booked(session)) == 6
    rows.broken = set()
    due_again(session)
    assert tick(runtime, at_night) == 3
    assert sorted(rows.done) == [(date(2026, 2, day), one) for day in (4, 5, 6) for one in rows.ids]
    session.expire_all()
    assert booked(session) == []


def test_what_one_day_does_for_all_leaves_a_booked_row_out_on_every_day(
    runtime: Runtime, session: Session, at_night: At, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(monkeypatch, replace(daily.jobs["test"], each_day=False))
    rows.broken = {rows.ids[0]}
    tick(runtime, at_night)
    refused = rows.refused
    at_night.at = NIGHT.replace(day=4)
    assert tick(runtime, at_night) == 1
    assert (rows.refused, len(booked(session))) == (refused, 1)
    rows.broken = set()
    due_again(session)
    tick(runtime, at_night)
    session.expire_all()
    assert booked(session) == []
    assert (date(2026, 2, 5), rows.ids[0]) in rows.done


def test_a_day_is_open_while_somebody_holds_a_row(runtime: Runtime, session: Session, at_night: At, rows: Rows) -> None:
    rows.held = {rows.ids[1]}
    assert tick(runtime, at_night) == 0
    at_night.at = NIGHT.replace(day=5)
    due_again(session)
    assert tick(runtime, at_night) == 0
    rows.held = set()
    due_again(session)
    assert tick(runtime, at_night) == 2
    assert sorted(rows.done) == [(date(2026, 2, day), one) for day in (4, 6) for one in rows.ids]


def test_a_day_that_breaks_before_it_has_a_row_is_made_up(
    runtime: Runtime, session: Session, at_night: At, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> int:
        raise RuntimeError("a statement that the database refuses")

    whole = daily.jobs["test"]
    only(monkeypatch, replace(whole, batch=broken))
    assert tick(runtime, at_night) == 0
    [failure] = booked(session)
    assert (failure.local_date, failure.target, failure.tries) == (date(2026, 2, 4), None, 1)
    only(monkeypatch, whole)
    at_night.at = NIGHT.replace(day=4)
    assert tick(runtime, at_night) == 1, "the next day does not wait for it"
    due_again(session)
    assert tick(runtime, at_night) == 1
    assert sorted(rows.done) == [(date(2026, 2, day), one) for day in (4, 5) for one in rows.ids]
    session.expire_all()
    assert booked(session) == []


def test_a_row_that_was_given_up_is_left_out_for_good(
    runtime: Runtime, session: Session, at_night: At, rows: Rows
) -> None:
    rows.broken = {rows.ids[0]}
    tick(runtime, at_night)
    session.execute(update(CalendarFailure).values(next_try_at=None, reason="nobody needs it"))
    session.commit()
    refused = rows.refused
    assert tick(runtime, at_night) == 0
    assert (rows.refused, len(booked(session))) == (refused, 1)


def test_a_busy_database_is_not_the_rows_fault(
    runtime: Runtime, session: Session, at_night: At, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(session: Session, clinic: Clinic, day: date, now: datetime, batch: Batch) -> int:
        take(batch, rows.ids[:1])
        if batch.ids:
            session.execute(text("DO $$ BEGIN RAISE lock_not_available; END $$"))
        return 0

    only(monkeypatch, replace(daily.jobs["test"], batch=locked))
    tick(runtime, at_night)
    [failure] = booked(session)
    assert (failure.tries, failure.next_try_at) == (0, failure.failed_at + Timing().tick)
    session.execute(update(CalendarFailure).values(failed_at=func.now() - PATIENCE, next_try_at=func.now()))
    session.commit()
    tick(runtime, at_night)
    session.expire_all()
    assert booked(session)[0].tries == 1


def test_a_job_that_leaves_no_trace_goes_on_where_its_turn_ended(
    runtime: Runtime, session: Session, at_night: At, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[UUID] = []

    def look(session: Session, clinic: Clinic, day: date, now: datetime, batch: Batch) -> int:
        seen.extend(take(batch, rows.ids))
        return len(batch.ids)

    only(monkeypatch, Daily(time(3, 0), look, most=2))
    hurried = replace(runtime, timing=replace(Timing(), calendar_turn=timedelta(0), calendar=timedelta(seconds=5)))
    assert tick(hurried, at_night) == 1
    assert seen == rows.ids
