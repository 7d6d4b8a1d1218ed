"""The calendar: no day is lost and none is done twice."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest
import structlog
from prometheus_client import REGISTRY
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from loyalty import points
from models.base import new_id
from models.calendar import CalendarFailure, CalendarRun
from models.clinics import Clinic
from models.customers import LineLink
from models.loyalty import LoyaltyProfile, Notification
from runtime.context import Runtime
from runtime.database import PATIENCE
from runtime.registry import Registry
from runtime.timing import Timing
from runtime.work import Batch
from tests.fixtures.clinic import At, make_clinic
from workers import calendar, daily
from workers.daily import Daily

NIGHT = datetime(2026, 2, 3, 20, 0, tzinfo=UTC)
"""03:00 of the fourth in Bangkok."""


def only(monkeypatch: pytest.MonkeyPatch, job: Daily) -> None:
    """A calendar of one job, `test`."""
    jobs: Registry[Daily] = Registry("daily job")
    jobs.add("test", job)
    monkeypatch.setattr(daily, "jobs", jobs)


def tick(runtime: Runtime, clock: At | None = None) -> int:
    """What the slow worker does for every tick, at business time."""
    with runtime.sessions() as session:
        clinics = session.scalars(select(Clinic.id)).all()
    return calendar.run_due(replace(runtime, clock=clock) if clock else runtime, clinics)


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[date]:
    """A daily job, due at three, that takes two batches and notes its days."""
    seen: list[date] = []

    def batch(session: Session, clinic: Clinic, day: date, now: datetime, batch: Batch) -> int:
        assert now.date() >= day or now.hour >= 17, "a day is not done before it comes in Bangkok"
        if seen.count(day) < 2:
            seen.append(day)
            batch.take([new_id()])
        return len(batch.ids)

    only(monkeypatch, Daily(time(3, 0), batch, each_day=True))
    return seen


@pytest.fixture
def at_night(session: Session, clinic: Clinic) -> At:
    session.commit()
    return At(NIGHT)


def test_a_new_job_begins_with_the_day_that_is_due(runtime: Runtime, at_night: At, done: list[date]) -> None:
    assert tick(runtime, at_night) == 1
    assert set(done) == {date(2026, 2, 4)}
    assert tick(runtime, at_night) == 0


def test_before_its_hour_it_is_yesterdays(runtime: Runtime, at_night: At, done: list[date]) -> None:
    at_night.at = NIGHT.replace(hour=19, minute=59)
    tick(runtime, at_night)
    assert set(done) == {date(2026, 2, 3)}


def test_a_week_that_was_slept_through_is_made_up_oldest_first(
    runtime: Runtime, at_night: At, done: list[date]
) -> None:
    tick(runtime, at_night)
    at_night.at = NIGHT.replace(day=10)
    assert tick(runtime, at_night) == 7
    assert done[::2] == [date(2026, 2, day) for day in range(4, 12)]


def test_what_one_day_does_for_all_is_done_once_after_a_week(
    runtime: Runtime, at_night: At, done: list[date], monkeypatch: pytest.MonkeyPatch
) -> None:
    only(monkeypatch, replace(daily.jobs["test"], each_day=False))
    tick(runtime, at_night)
    at_night.at = NIGHT.replace(day=10)
    assert tick(runtime, at_night) == 1
    assert set(done) == {date(2026, 2, 4), date(2026, 2, 11)}


def test_two_ticks_at_once_do_a_day_once(runtime: Runtime, session: Session, at_night: At, done: list[date]) -> None:
    with ThreadPoolExecutor(4) as pool:
        finished = sum(pool.map(lambda _: tick(runtime, at_night), range(4)))
    assert finished == 1
    assert session.scalar(select(func.count()).select_from(CalendarRun)) == 1


def test_the_real_calendar_runs(session: Session, runtime: Runtime, clinic: Clinic) -> None:
    session.commit()
    assert tick(runtime) == len(list(daily.jobs))


@pytest.fixture
def member(session: Session, mali: LineLink) -> LoyaltyProfile:
    """Mali with a hundred points, which she has until March of next year."""
    profile = points.create_loyalty_profile(session, mali.customer, NIGHT)
    session.commit()
    return profile


def test_owners_hear_at_ten_of_points_that_end(session: Session, runtime: Runtime, member: LoyaltyProfile) -> None:
    half_past_nine = datetime(2027, 1, 30, 2, 30, tzinfo=UTC)
    tick(runtime, At(half_past_nine))
    [told] = session.scalars(select(Notification).where(Notification.kind == "points_expiring"))
    assert told.due_at == half_past_nine + timedelta(minutes=30)


def test_points_end_right_after_midnight(session: Session, runtime: Runtime, member: LoyaltyProfile) -> None:
    tick(runtime, At(datetime(2027, 2, 28, 16, 59, tzinfo=UTC)))
    session.refresh(member)
    assert member.available_points == 100
    tick(runtime, At(datetime(2027, 2, 28, 17, 5, tzinfo=UTC)))
    session.refresh(member)
    assert member.available_points == 0


def test_drift_is_counted_and_told_and_left(session: Session, runtime: Runtime, member: LoyaltyProfile) -> None:
    member.available_points += 1
    session.commit()
    with structlog.testing.capture_logs() as logs:
        tick(runtime, At(NIGHT + timedelta(hours=1)))
    [told] = [line for line in logs if line["log_level"] == "error"]
    assert (told["event"], told["customer_id"], told["available"], told["entries"]) == (
        "points have drifted", str(member.customer_id), 101, 100,
    )  # fmt: skip
    assert REGISTRY.get_sample_value("aura_points_drifted_total", {"clinic": "aura"})
    session.expire_all()
    assert member.available_points == 101


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
        taken = batch.take([one for one in open_ if one > batch.after and one not in batch.skip][: batch.limit])
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
    assert re.fullmatch(r"RuntimeError at tests/workers/test_calendar\.py:\d+", failure.error)
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
        batch.take(rows.ids[:1] if batch.after < rows.ids[0] else [])
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


def test_a_clinic_whose_settings_cannot_be_read_stops_nobody_else(
    runtime: Runtime, session: Session, at_night: At, done: list[date]
) -> None:
    make_clinic(session, "broken", "Broken")
    session.flush()
    session.execute(text("""UPDATE clinics SET settings = '{"voice": {"zone": "here"}}' WHERE slug = 'broken'"""))
    session.commit()
    with structlog.testing.capture_logs() as logs:
        assert tick(runtime, at_night) == 1
    assert [line["clinic"] for line in logs if line["event"] == "clinic not readable"] == ["broken"]
    session.execute(text("UPDATE clinics SET settings = '{}'"))
    session.commit()
    done.clear()
    assert tick(runtime, at_night) == 1
    assert set(done) == {date(2026, 2, 4)}
