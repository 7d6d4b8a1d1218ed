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
from models.base import new_id
from models.calendar import CalendarRun
from models.clinics import Clinic
from models.customers import LineLink
from models.loyalty import LoyaltyProfile, Notification
from runtime.context import Runtime
from runtime.work import Batch
from tests.fixtures.clinic import At, make_clinic
from tests.workers.conftest import NIGHT, only, take, tick
from workers import calendar, daily
from workers.daily import Daily


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[date]:
    """A daily job, due at three, that takes two batches and notes its days."""
    seen: list[date] = []

    def batch(session: Session, clinic: Clinic, day: date, now: datetime, batch: Batch) -> int:
        assert now.date() >= day or now.hour >= 17, "a day is not done before it comes in Bangkok"
        if seen.count(day) < 2:
            seen.append(day)
            take(batch, [new_id()])
        return len(batch.ids)

    only(monkeypatch, Daily(time(3, 0), batch, each_day=True))
    return seen


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


def test_after_an_outage_the_jobs_of_a_day_come_in_its_order(
    runtime: Runtime, session: Session, clinic: Clinic, at_night: At
) -> None:
    """An offer for a birthday is planned at night, and the wishes ask for it at nine."""
    session.commit()
    at_night.at = NIGHT.replace(day=4, hour=2, minute=30)  # half past nine in Bangkok
    behind = calendar.behind(replace(runtime, clock=at_night), session)
    today = [one.name for one in behind if one.day == date(2026, 2, 4) and not daily.jobs[one.name].warns]
    assert {"plan_day", "congratulate"} <= set(today)
    assert [daily.jobs[name].at for name in today] == sorted(daily.jobs[name].at for name in today)


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


@pytest.mark.parametrize(
    "broken",
    ["""settings = '{"voice": {"zone": "here"}}'""", "settings = '[]'", "data_key = 'nobody'"],
    ids=["zone", "no settings", "key"],
)
def test_a_clinic_that_is_set_aside_is_behind_as_any_other(
    runtime: Runtime, session: Session, at_night: At, done: list[date], broken: str
) -> None:
    make_clinic(session, "broken", "Broken")
    session.commit()
    assert tick(runtime, at_night) == 2
    session.execute(text(f"UPDATE clinics SET {broken}, aside_reason = 'x', aside_since = now() WHERE slug = 'broken'"))
    session.commit()
    at_night.at += timedelta(days=3)
    session.expire_all()
    behind = calendar.behind(replace(runtime, clock=at_night), session)
    days = [date(2026, 2, day) for day in (5, 6, 7)]
    assert [(one.slug, one.day) for one in behind] == [(slug, day) for slug in ("aura", "broken") for day in days]
