"""Thailand's public holidays, by name and with substitution; and which of them close a clinic or hold what it says."""

import subprocess
import sys
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from customers import branches, public_holidays
from models.branches import Branch
from models.clinics import Clinic
from runtime.language import BANGKOK

SONGKRAN = date(2026, 4, 13)
DAYS_2026 = (
    "01-01 01-02 03-03 04-06 04-13 04-14 04-15 05-01 05-04 05-31 06-01 06-03 07-28 07-29 07-30 08-12 10-13 10-23 "
    "12-05 12-07 12-10 12-31"
)
"""As the cabinet has announced them, with the day that it added after New Year."""


def at(day: int, hour: int) -> datetime:
    """Of April 2026, of which the 13th is a Monday."""
    return datetime(2026, 4, day, hour, tzinfo=BANGKOK)


def set_to(clinic: Clinic, choice: str | None, **more: Any) -> None:
    clinic.own_settings = {"hours": {"public_holidays": choice}, **more}


def test_the_days_of_a_year(clinic: Clinic) -> None:
    days = (date.fromordinal(n) for n in range(date(2026, 1, 1).toordinal(), date(2027, 1, 1).toordinal()))
    found = [f"{day:%m-%d}" for day in days if public_holidays.name_on(clinic, day, "th")]
    assert found == DAYS_2026.split()


@pytest.mark.parametrize(
    ("day", "language", "name"),
    [
        (SONGKRAN, "th", "วันสงกรานต์"),
        (SONGKRAN, "en", "Songkran Festival"),
        (SONGKRAN, "ja", "Songkran Festival"),
        (date(2026, 6, 1), "th", "ชดเชยวันวิสาขบูชา"),
        (date(2027, 10, 25), "en", "HM King Chulalongkorn Memorial Day (in lieu)"),
        (date(2026, 1, 10), "th", None),  # the children's day is a Saturday like others
        (date(2026, 4, 16), "th", None),
    ],
)  # fmt: skip
def test_what_they_are_called(clinic: Clinic, day: date, language: str, name: str | None) -> None:
    assert public_holidays.name_on(clinic, day, language) == name


def test_a_clinic_elsewhere_has_none(clinic: Clinic) -> None:
    set_to(clinic, "closed", voice={"zone": "Asia/Tokyo"})
    assert public_holidays.name_on(clinic, SONGKRAN, "th") is None
    assert not public_holidays.closes(clinic)(SONGKRAN) and not public_holidays.holds(clinic)(SONGKRAN)


@pytest.mark.parametrize(
    ("choice", "closes", "holds"), [(None, False, True), ("closed", True, True), ("open", False, False)]
)
def test_what_the_clinic_says_of_them(clinic: Clinic, choice: str | None, closes: bool, holds: bool) -> None:
    set_to(clinic, choice)
    assert public_holidays.closes(clinic)(SONGKRAN) is closes
    assert public_holidays.holds(clinic)(SONGKRAN) is holds
    for rests in (public_holidays.closes(clinic), public_holidays.holds(clinic)):
        assert not rests(date(2026, 4, 16))


@pytest.mark.parametrize("said", [True, False])
def test_whoever_is_closed_on_them_opens_on_the_day_after(session: Session, clinic: Clinic, said: bool) -> None:
    """Also where it has not said its hours: then somebody is there on all other days."""
    set_to(clinic, "closed")
    branch = session.scalars(select(Branch)).one()
    branch.hours = {day: ["10:00-20:00"] for day in branches.WEEKDAYS} if said else {}
    session.flush()
    rests = public_holidays.closes(clinic)
    assert branches.closed_until(session, clinic, at(12, 12), rests) is None
    assert branches.closed_until(session, clinic, at(13, 12), rests) == at(16, 10 if said else 9)
    days = [date(2026, 4, day) for day in range(12, 18)]
    assert branches.closed_days(session, clinic, days, rests) == frozenset(days[1:4])
    assert branches.closed_days(session, clinic, days, public_holidays.never) == frozenset()


def test_nobody_loads_it_who_does_not_ask() -> None:
    asked = "import sys; import app; print('holidays' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_hours_in_another_zone_are_looked_at_by_the_clinics_day(session: Session, clinic: Clinic) -> None:
    set_to(clinic, "closed")
    branch = session.scalars(select(Branch)).one()
    branch.hours = {day: ["00:00-24:00"] for day in branches.WEEKDAYS}
    late = datetime(2026, 4, 12, 18, tzinfo=ZoneInfo("UTC"))  # Songkran has begun in Bangkok
    found = branches.opening(branch, late, BANGKOK, public_holidays.closes(clinic))
    assert found == branches.Opening(open=False, opens=at(16, 0))
