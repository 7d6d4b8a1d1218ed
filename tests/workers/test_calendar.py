"""The calendar: no day is lost and none is done twice."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
import structlog
from prometheus_client import REGISTRY
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from loyalty import points
from models.clinics import Clinic
from models.customers import CalendarRun, LineLink
from models.loyalty import LoyaltyProfile, Notification
from runtime.context import Runtime
from runtime.registry import Registry
from tests.fixtures.clinic import At, make_clinic
from workers import calendar
from workers.calendar import Daily

NIGHT = datetime(2026, 2, 3, 20, 0, tzinfo=UTC)
"""03:00 of the fourth in Bangkok."""


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[date]:
    """A daily job, due at three, that takes two batches and notes its days."""
    seen: list[date] = []

    def batch(session: Session, clinic: Clinic, day: date, now: datetime) -> int:
        assert now.date() >= day or now.hour >= 17, "a day is not done before it comes in Bangkok"
        if seen.count(day) < 2:
            seen.append(day)
            return 1
        return 0

    jobs: Registry[Daily] = Registry("daily job")
    jobs.add("test", Daily(time(3, 0), batch, each_day=True))
    monkeypatch.setattr(calendar, "daily", jobs)
    return seen


@pytest.fixture
def at_night(session: Session, clinic: Clinic) -> At:
    session.commit()
    return At(NIGHT)


def test_a_new_job_begins_with_the_day_that_is_due(runtime: Runtime, at_night: At, done: list[date]) -> None:
    assert calendar.run_due(replace(runtime, clock=at_night)) == 1
    assert set(done) == {date(2026, 2, 4)}
    assert calendar.run_due(replace(runtime, clock=at_night)) == 0


def test_a_clinic_whose_settings_cannot_be_read_stops_nobody_else(
    runtime: Runtime, session: Session, at_night: At, done: list[date]
) -> None:
    broken = make_clinic(session, "broken", "Broken")
    session.flush()
    session.execute(text("""UPDATE clinics SET settings = '{"voice": {"zone": "here"}}' WHERE slug = 'broken'"""))
    session.commit()
    with structlog.testing.capture_logs() as logs:
        assert calendar.run_due(replace(runtime, clock=at_night)) == 1
    assert [line["clinic"] for line in logs if line["event"] == "settings cannot be read"] == ["broken"]
    session.refresh(broken)
    broken.own_settings = {}
    session.commit()
    done.clear()
    assert calendar.run_due(replace(runtime, clock=at_night)) == 1
    assert set(done) == {date(2026, 2, 4)}


def test_before_its_hour_it_is_yesterdays(runtime: Runtime, at_night: At, done: list[date]) -> None:
    at_night.at = NIGHT.replace(hour=19, minute=59)
    calendar.run_due(replace(runtime, clock=at_night))
    assert set(done) == {date(2026, 2, 3)}


def test_a_week_that_was_slept_through_is_made_up_oldest_first(
    runtime: Runtime, at_night: At, done: list[date]
) -> None:
    calendar.run_due(replace(runtime, clock=at_night))
    at_night.at = NIGHT.replace(day=10)
    assert calendar.run_due(replace(runtime, clock=at_night)) == 7
    assert done[::2] == [date(2026, 2, day) for day in range(4, 12)]


def test_what_one_day_does_for_all_is_done_once_after_a_week(
    runtime: Runtime, at_night: At, done: list[date], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = calendar.daily["test"]
    jobs: Registry[Daily] = Registry("daily job")
    jobs.add("test", Daily(job.at, job.batch))
    monkeypatch.setattr(calendar, "daily", jobs)
    calendar.run_due(replace(runtime, clock=at_night))
    at_night.at = NIGHT.replace(day=10)
    assert calendar.run_due(replace(runtime, clock=at_night)) == 1
    assert set(done) == {date(2026, 2, 4), date(2026, 2, 11)}


def test_two_ticks_at_once_do_a_day_once(runtime: Runtime, session: Session, at_night: At, done: list[date]) -> None:
    with ThreadPoolExecutor(4) as pool:
        finished = sum(pool.map(lambda _: calendar.run_due(replace(runtime, clock=at_night)), range(4)))
    assert finished == 1
    assert session.scalar(select(func.count()).select_from(CalendarRun)) == 1


def test_the_real_calendar_runs(session: Session, runtime: Runtime, clinic: Clinic) -> None:
    session.commit()
    assert calendar.run_due(runtime) == len(list(calendar.daily))


@pytest.fixture
def member(session: Session, mali: LineLink) -> LoyaltyProfile:
    """Mali with a hundred points, which she has until March of next year."""
    profile = points.create_loyalty_profile(session, mali.customer, NIGHT)
    session.commit()
    return profile


def test_owners_hear_at_ten_of_points_that_end(session: Session, runtime: Runtime, member: LoyaltyProfile) -> None:
    half_past_nine = datetime(2027, 1, 30, 2, 30, tzinfo=UTC)
    calendar.run_due(replace(runtime, clock=At(half_past_nine)))
    [told] = session.scalars(select(Notification).where(Notification.kind == "points_expiring"))
    assert told.due_at == half_past_nine + timedelta(minutes=30)


def test_points_end_right_after_midnight(session: Session, runtime: Runtime, member: LoyaltyProfile) -> None:
    calendar.run_due(replace(runtime, clock=At(datetime(2027, 2, 28, 16, 59, tzinfo=UTC))))
    session.refresh(member)
    assert member.available_points == 100
    calendar.run_due(replace(runtime, clock=At(datetime(2027, 2, 28, 17, 5, tzinfo=UTC))))
    session.refresh(member)
    assert member.available_points == 0


def test_drift_is_counted_and_told_and_left(session: Session, runtime: Runtime, member: LoyaltyProfile) -> None:
    member.available_points += 1
    session.commit()
    with structlog.testing.capture_logs() as logs:
        calendar.run_due(replace(runtime, clock=At(NIGHT + timedelta(hours=1))))
    [told] = [line for line in logs if line["log_level"] == "error"]
    assert (told["event"], told["customer_id"], told["available"], told["entries"]) == (
        "points have drifted", str(member.customer_id), 101, 100,
    )  # fmt: skip
    assert REGISTRY.get_sample_value("aura_points_drifted_total", {"clinic": "aura"})
    session.expire_all()
    assert member.available_points == 101
