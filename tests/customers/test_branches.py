"""When a branch is open, and how it is called."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from customers import branches
from customers.branches import Opening, active, dialled, hours_on, opening, services, span_of
from models.branches import Branch, Service
from models.clinics import Clinic
from tests.fixtures.clinic import NOW, make_clinic

BANGKOK = ZoneInfo("Asia/Bangkok")
HOURS = {"mon": ["10:00-12:00", "13:00-20:00"], "tue": ["10:00-20:00"], "sat": ["20:00-24:00"], "sun": ["00:00-02:00"]}


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """Of February 2026; the 2nd is a Monday."""
    return datetime(2026, 2, day, hour, minute, tzinfo=BANGKOK)


@pytest.fixture
def siam() -> Branch:
    return Branch(code="siam", name="Siam", hours=HOURS, holidays=["2026-02-03"], created_at=NOW)


@pytest.mark.parametrize(
    ("when", "said"),
    [
        (at(2, 9, 59), Opening(open=False, opens=at(2, 10))),
        (at(2, 10), Opening(open=True, until=at(2, 12))),
        (at(2, 12), Opening(open=False, opens=at(2, 13))),
        (at(2, 19, 59).astimezone(UTC), Opening(open=True, until=at(2, 20))),
        (at(2, 20), Opening(open=False, opens=at(7, 20))),  # the 3rd is a holiday
        (at(7, 23, 59), Opening(open=True, until=at(8, 0))),
        (at(8, 1), Opening(open=True, until=at(8, 2))),
        (at(8, 3), Opening(open=False, opens=at(9, 10))),
    ],
)
def test_whether_it_is_open(siam: Branch, when: datetime, said: Opening) -> None:
    assert opening(siam, when, BANGKOK) == said


def test_one_that_has_not_said_its_hours_is_neither_open_nor_closed(siam: Branch) -> None:
    siam.hours = {}
    assert opening(siam, at(2, 11), BANGKOK) is None


def test_one_that_never_opens_is_closed(siam: Branch) -> None:
    siam.hours = {"tue": ["10:00-20:00"]}
    siam.holidays = [f"2026-{month:02}-{day:02}" for month in (2, 3) for day in range(1, 32)]
    assert opening(siam, at(2, 11), BANGKOK) == Opening(open=False)


def test_the_hours_of_a_day(siam: Branch) -> None:
    assert hours_on(siam, date(2026, 2, 2)) == [(time(10), time(12)), (time(13), time(20))]
    assert hours_on(siam, date(2026, 2, 3)) == hours_on(siam, date(2026, 2, 4)) == []


@pytest.mark.parametrize(
    "text", ["10:00", "10-20", "25:00-26:00", "20:00-10:00", "10:00-10:00", "٠٩:٠٠-10:00", "", "a:bc-"]
)
def test_what_is_no_span_of_time(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        span_of(text)


def test_spans_as_people_write_them() -> None:
    assert span_of("9.30 – 17.00") == (time(9, 30), time(17))
    assert span_of("20:00-24:00") == (time(20), time(0))


@pytest.mark.parametrize(
    ("phone", "tel"),
    [("02-123 4567", "tel:+6621234567"), ("+66 (0)81 234 5678", "tel:+66812345678"), ("1669", "tel:1669")],
)
def test_how_it_is_called(phone: str, tel: str) -> None:
    assert dialled(phone) == tel


def test_words_in_a_language_or_the_first_or_any() -> None:
    assert branches.in_words({"th": "สยาม", "en": "Siam"}, "en") == "Siam"
    assert branches.in_words({"th": "สยาม"}, "en") == "สยาม"
    assert branches.in_words({"en": "Siam"}, "th") == "Siam"
    assert branches.in_words({}, "th", "siam") == "siam"


def test_those_that_are_active_in_the_clinics_order(session: Session, clinic: Clinic) -> None:
    other = make_clinic(session, "glow")
    for row in ({"code": "b", "position": 1}, {"code": "a", "position": 2}, {"code": "c", "active": False}):
        session.add(Branch(clinic_id=clinic.id, name="x", created_at=NOW, **row))
        session.add(Service(clinic_id=clinic.id, **row))
    session.flush()
    assert [one.code for one in active(session, clinic)] == ["main", "b", "a"]
    assert [one.code for one in services(session, clinic)] == ["b", "a"]
    assert [one.code for one in active(session, other)] == ["main"]
