"""Appointments on a page: ahead, past, in a calendar; one's own alone."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from customers import booking_links
from facts import appointments
from facts.told import AppointmentTold, Details, Person, micros
from models.appointments import Appointment, AppointmentState
from models.branches import Branch, Service
from models.clinics import Clinic
from models.customers import Customer, LineLink
from runtime.clock import real
from tests.fixtures.clinic import make_clinic
from tests.web.portal.conftest import PORTAL, Browser, member
from web.portal.calendar_file import Event, written


@pytest.fixture
def served(session: Session, clinic: Clinic) -> Clinic:
    session.add(Service(clinic_id=clinic.id, code="HYDRA", names={"th": "ไฮดรา", "en": "HydraFacial"}))
    clinic.own_settings = {"links": {"booking": "https://book.example/aura"}, "portal": PORTAL}
    session.flush()
    return clinic


def book(
    session: Session, customer: Customer, id_: str, at: datetime, state: AppointmentState = "booked", *,
    name: str | None = None, branch: str | None = None, order: int = 0,
) -> UUID:  # fmt: skip
    person = Person(name=name, token=booking_links.token(session, customer, real()))
    details = Details(person, at, at + timedelta(minutes=45), service="HYDRA", branch=branch)
    told = AppointmentTold(id_, state, micros(real()) + order, real(), details)
    appointments.told(session, customer.clinic, "standard", told, real())
    session.commit()
    chosen = Appointment.clinic_id == customer.clinic_id, Appointment.external_id == id_
    return session.scalars(select(Appointment.id).where(*chosen)).one()


def days(n: int) -> datetime:
    return (real() + timedelta(days=n)).replace(hour=4, minute=0, second=0, microsecond=0)


def test_who_has_none_is_shown_how_to_book(served: Clinic, session: Session, mali: LineLink, mine: Browser) -> None:
    page = mine.page("/appointments")
    assert "No appointment is booked" in page.said
    assert booking_links.link(session, mali.customer, "https://book.example/aura", real()) in page.links


def test_all_that_are_ahead_say_when_what_for_whom_and_whether_they_are_sure(
    served: Clinic, session: Session, mali: LineLink, mine: Browser
) -> None:
    mali.customer.display_name = "Mali"
    for n, state in enumerate(("confirmed", "requested", "booked")):
        book(session, mali.customer, str(n), days(n + 1), state, name="Ploy" if n else None)  # type: ignore[arg-type]
    said = mine.page("/appointments").said
    assert said.count("HydraFacial") == 3 and said.count("11:00–11:45") == 3 and said.count("For Ploy") == 2
    assert said.count("Confirmed") == 1 and said.count("Waiting for the clinic's yes") == 1
    assert "Past and cancelled" not in said
    assert mine.at("/appointments") in mine.page("").links


def test_what_became_of_the_last_ones_is_said_kindly(
    served: Clinic, session: Session, mali: LineLink, mine: Browser
) -> None:
    for n, state in enumerate(("completed", "no_show", "cancelled"), 1):
        book(session, mali.customer, str(n), days(-n), state)  # type: ignore[arg-type]
    book(session, mali.customer, "next", days(3), "cancelled")
    said = mine.page("/appointments").said
    assert "No appointment is booked" in said and "Past and cancelled" in said
    assert (said.count("Kept"), said.count("We missed you"), said.count("Cancelled")) == (1, 1, 2)


def test_no_more_than_the_last_twenty_are_listed(
    served: Clinic, session: Session, mali: LineLink, mine: Browser
) -> None:
    for n in range(1, 23):
        book(session, mali.customer, str(n), days(-n), "completed")
    assert mine.page("/appointments").said.count("Kept") == 20


def test_one_is_had_as_a_calendar_file_that_says_when_and_where_and_not_what_for(
    served: Clinic, session: Session, mali: LineLink, mine: Browser
) -> None:
    session.add(
        Branch(
            clinic_id=served.id,
            code="SIAM",
            name="Siam",
            names={"en": "Siam"},
            address={"en": "1, Rama I"},
            created_at=real(),
        )
    )
    session.flush()
    id_ = book(session, mali.customer, "1", days(1), "confirmed", name="Ploy", branch="SIAM")
    assert mine.at(f"/appointments/{id_}.ics") in mine.page("/appointments").links
    answer = mine.client.get(mine.at(f"/appointments/{id_}.ics"))
    assert (answer.status_code, answer.content_type) == (200, "text/calendar; charset=utf-8")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    lines = answer.text.split("\r\n")
    assert f"DTSTART:{days(1):%Y%m%dT%H%M%SZ}" in lines and f"DTEND:{days(1):%Y%m%d}T044500Z" in lines
    assert "SUMMARY:Appointment at Aura Clinic" in lines and "LOCATION:Siam\\, 1\\, Rama I" in lines
    assert "STATUS:CONFIRMED" in lines and f"UID:{id_}@aura" in lines
    for secret in ("Hydra", "Ploy", "Mali"):
        assert secret not in answer.text


def test_within_line_nothing_is_offered_that_cannot_be_had(
    served: Clinic, session: Session, mali: LineLink, browser_of: Callable[..., Browser]
) -> None:
    id_ = book(session, mali.customer, "1", days(1))
    inside = browser_of(mali.customer, "liff")
    assert not [one for one in inside.page("/appointments").links if one.endswith(".ics")]
    inside.page(f"/appointments/{id_}.ics", 404)


def test_a_file_of_anothers_of_one_that_is_off_or_of_none_is_nothing(
    served: Clinic, session: Session, mali: LineLink, mine: Browser, browser_of: Callable[[Customer], Browser]
) -> None:
    own = book(session, mali.customer, "1", days(1))
    ken = member(session, served, "b")
    other = browser_of(ken.customer)
    glow = make_clinic(session, "glow", portal=PORTAL)
    nok = browser_of(member(session, glow, "c").customer)
    for browser, id_ in ((other, own), (nok, own), (mine, uuid4())):
        browser.page(f"/appointments/{id_}.ics", 404)
    assert "HydraFacial" not in other.page("/appointments").said
    off = book(session, mali.customer, "1", days(1), "cancelled", order=10**6)
    mine.page(f"/appointments/{off}.ics", 404)


def test_long_lines_go_on_in_the_next_within_no_letter() -> None:
    event = Event("1@a", "นัดหมาย" * 30, "a\\b;c\nd\r\ne\x07", days(1), None, sure=False, url="x", written_at=days(0))
    raw = written(event)
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
    whole = raw.decode().replace("\r\n ", "")
    assert f"SUMMARY:{'นัดหมาย' * 30}\r\n" in whole
    assert "LOCATION:a\\\\b\\;c\\nd\\ne\r\n" in whole and "DTEND" not in whole and "STATUS:TENTATIVE" in whole
