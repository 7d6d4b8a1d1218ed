"""When something may be said, for any clock, zone and hours."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import DateTime, literal, select
from sqlalchemy.orm import Session

from followups import hours
from followups.hours import Window

ZONES = [ZoneInfo(name) for name in ("Asia/Bangkok", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe")]
"""The last moves its clocks by half an hour."""
START = datetime(2026, 1, 1, tzinfo=UTC)
clocks = st.times().map(lambda at: at.replace(second=0, microsecond=0, tzinfo=None))
windows = st.tuples(clocks, clocks).filter(lambda one: one[0] != one[1])
moments = st.integers(0, 3 * 366 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))
zones = st.sampled_from(ZONES)


def in_it(at: datetime, zone: ZoneInfo, window: Window) -> bool:
    """By the clock on the wall, minute by minute."""
    clock, (begins, ends) = at.astimezone(zone).time(), window
    return begins <= clock < ends if begins < ends else clock >= begins or clock < ends


@given(moments, zones, st.lists(windows, min_size=1, max_size=3), st.sets(st.integers(0, 20)))
@settings(max_examples=300, deadline=None)
def test_the_hour_that_is_found_is_neither_quiet_nor_before(
    at: datetime, zone: ZoneInfo, quiet: list[Window], shut: set[int]
) -> None:
    days = {at.astimezone(zone).date() + timedelta(days=ahead) for ahead in shut}
    found = hours.opens(at, zone, quiet, days.__contains__)
    if found is None:
        return
    assert found.astimezone(UTC) >= at
    assert not any(in_it(found, zone, one) for one in quiet)
    assert found.astimezone(zone).date() not in days


@given(moments, zones, windows)
@settings(max_examples=300, deadline=None)
def test_one_quiet_night_ends_within_a_day(at: datetime, zone: ZoneInfo, window: Window) -> None:
    """Also where the clock is put forward over its end, or back behind it."""
    end = hours.quiet_until(at, zone, window)
    assert (end is not None) == in_it(at, zone, window)
    if end is not None:
        assert timedelta(0) < end.astimezone(UTC) - at <= timedelta(hours=25)


def test_where_the_clock_is_put_back_the_hour_ends_the_second_time_too() -> None:
    berlin, night = ZoneInfo("Europe/Berlin"), (time(22), time(2, 30))
    second = datetime(2026, 10, 25, 1, 15, tzinfo=UTC)  # 02:15 for the second time
    assert hours.quiet_until(second, berlin, night) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC).astimezone(berlin)
    found = hours.opens(second, berlin, [night])
    assert found is not None
    assert found.astimezone(UTC) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


@given(st.lists(windows, max_size=4), clocks)
@settings(max_examples=300, deadline=None)
def test_joined_hours_are_the_same_hours(quiet: list[Window], clock: time) -> None:
    at = datetime.combine(date(2026, 2, 3), clock, UTC)
    zone, together = ZoneInfo("UTC"), hours.joined(quiet)
    if not together:
        minutes = (at.replace(hour=0, minute=0) + timedelta(minutes=minute) for minute in range(24 * 60))
        assert not quiet or all(any(in_it(one, zone, window) for window in quiet) for one in minutes)
        return
    assert any(in_it(at, zone, one) for one in together) == any(in_it(at, zone, one) for one in quiet)
    assert sum(in_it(at, zone, one) for one in together) <= 1


@pytest.mark.parametrize(
    ("due", "starts", "said"),
    [
        ("2026-02-04 08:00", "2026-02-04 10:00", "2026-02-03 20:30"),
        ("2026-02-04 08:00", "2026-02-04 11:00", "2026-02-04 08:00"),
        ("2026-02-03 23:00", "2026-02-04 10:00", "2026-02-03 20:30"),
        ("2026-02-04 09:00", "2026-02-04 10:00", "2026-02-04 09:00"),
        ("2028-03-01 07:30", "2028-03-01 09:30", "2028-02-29 20:30"),
        ("2027-01-01 06:00", "2027-01-01 08:00", "2026-12-31 20:30"),
    ],
)
def test_what_would_lose_its_use_is_said_the_evening_before(session: Session, due: str, starts: str, said: str) -> None:
    zone, quiet = ZONES[0], [hours.CARE_HOURS, (time(21), time(9))]
    at, until, wanted = (datetime.fromisoformat(one).replace(tzinfo=zone) for one in (due, starts, said))
    assert hours.before(at, until, zone, quiet) == wanted
    in_sql = hours.before_in_sql(
        literal(at, DateTime(timezone=True)), literal(until, DateTime(timezone=True)), zone, quiet
    )
    assert session.scalar(select(in_sql)) == wanted


@given(
    moments, st.integers(0, 48 * 60), st.sampled_from(ZONES[:2]),
    st.lists(windows, max_size=2), st.integers(0, 1),
)  # fmt: skip
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_database_says_the_same_of_many(
    session: Session, at: datetime, ahead: int, zone: ZoneInfo, quiet: list[Window], second: int
) -> None:
    at, until = at.replace(second=second), at + timedelta(minutes=ahead)
    in_sql = hours.before_in_sql(
        literal(at, DateTime(timezone=True)), literal(until, DateTime(timezone=True)), zone, quiet
    )
    found, wanted = session.scalar(select(in_sql)), hours.before(at, until, zone, quiet)
    assert found is not None
    # Hours that the clocks skip or go through twice are read either way.
    assert abs(found - wanted.astimezone(UTC)) in (timedelta(0), timedelta(hours=1))
    assert found <= at
