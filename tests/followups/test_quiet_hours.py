"""When nothing is said unasked."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from followups.hours import quiet_until
from models.clinic_settings import Customers

BANGKOK = ZoneInfo("Asia/Bangkok")


@pytest.mark.parametrize(
    ("hour", "minute", "until"),
    [(20, 59, None), (21, 0, "4 09:00"), (0, 0, "3 09:00"), (8, 59, "3 09:00"), (9, 0, None)],
)
def test_the_quiet_hours_wrap_midnight(hour: int, minute: int, until: str | None) -> None:
    found = quiet_until(datetime(2026, 2, 3, hour, minute, tzinfo=BANGKOK), BANGKOK, Customers().quiet)
    assert (found and f"{found.day} {found:%H:%M}") == until


@pytest.mark.parametrize(
    ("hour", "minute", "until"),
    [(12, 59, None), (13, 0, "3 14:30"), (14, 29, "3 14:30"), (14, 30, None), (23, 0, None)],
)
def test_a_clinic_may_be_quiet_within_a_day(hour: int, minute: int, until: str | None) -> None:
    hours = Customers(quiet_from="13:00", quiet_until="14:30").quiet
    found = quiet_until(datetime(2026, 2, 3, hour, minute, tzinfo=BANGKOK), BANGKOK, hours)
    assert (found and f"{found.day} {found:%H:%M}") == until
