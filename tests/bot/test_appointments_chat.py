"""The next appointments in the chat: read only, and with the ways to change them."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from bot.listen import Outcome
from channels.line.render import wire
from customers import booking_links
from customers.people import meet_on_line
from facts import appointments
from facts.told import AppointmentTold, Details, Person, micros
from models.appointments import AppointmentState
from models.branches import Service
from models.clinics import Clinic
from models.customers import LineLink
from tests.fixtures.clinic import NOW, Talk

TOMORROW = NOW + timedelta(days=1, hours=2, minutes=30)


@pytest.fixture
def talk(talks: Callable[[str], Talk]) -> Talk:
    """Mali's."""
    return talks("U" + "a" * 32)


@pytest.fixture
def served(session: Session, clinic: Clinic) -> Clinic:
    names = {"th": "ไฮดราเฟเชียล", "en": "HydraFacial"}
    session.add(Service(clinic_id=clinic.id, code="HYDRA", names=names))
    clinic.own_settings = {"links": {"booking": "https://book.example/aura"}}
    session.flush()
    return clinic


def shown(answered: Outcome) -> str:
    """All that is on the screen."""
    return json.dumps([message["contents"] for message in wire(answered.reply)], ensure_ascii=False)


def book(
    session: Session,
    link: LineLink,
    id_: str,
    at: datetime,
    state: AppointmentState = "booked",
    name: str | None = None,
) -> None:
    """As a system tells it that was reached by the link of the chat."""
    person = Person(name=name, token=booking_links.token(session, link.customer, NOW))
    details = Details(person, at, at + timedelta(minutes=45), service="HYDRA")
    appointments.told(session, link.clinic, "standard", AppointmentTold(id_, state, micros(NOW), NOW, details), NOW)


def test_who_has_none_is_shown_the_ways_to_book_with_a_link_of_their_own(
    served: Clinic, session: Session, mali: LineLink, talk: Talk
) -> None:
    said = json.dumps(wire(talk.say("นัดหมาย").reply))
    assert f"https://book.example/aura?reference={booking_links.token(session, mali.customer, NOW)}" in said


@pytest.mark.parametrize("asked", ["นัดหมาย", "มีนัดวันไหนคะ", "appointments"])
def test_the_next_one_says_when_what_for_whom_and_whether_it_is_sure(
    served: Clinic, session: Session, mali: LineLink, talk: Talk, asked: str
) -> None:
    mali.customer.display_name = "Mali"
    book(session, mali, "1", TOMORROW, "confirmed", name="น้องพลอย")
    said = shown(talk.say(asked))
    for part in ("นัดครั้งถัดไปของคุณ", "พ. 4 ก.พ. 2569", "14:00–14:45", "ไฮดราเฟเชียล", "สำหรับ น้องพลอย", "ยืนยันแล้ว"):
        assert part in said
    talk.tap("language", to="en")
    said = shown(talk.tap("appointments"))
    english = (
        "Your next appointment", "Wed Feb 4, 2026", "14:00–14:45", "HydraFacial", "For น้องพลอย", "Confirmed",
    )  # fmt: skip
    for part in english:
        assert part in said


def test_whose_name_came_after_their_booking_is_not_told_that_it_is_for_them(
    served: Clinic, session: Session, mali: LineLink, talk: Talk
) -> None:
    """The name is asked from LINE beside all else, and may come last."""
    mali.customer.display_name = None
    book(session, mali, "1", TOMORROW, name="Mali Suk")
    assert "Mali Suk" not in shown(talk.tap("appointments"))
    mali.customer.display_name = "Mali Suk"
    assert "Mali Suk" not in shown(talk.tap("appointments"))
    mali.customer.display_name = "Somsri"
    assert "สำหรับ Mali Suk" in shown(talk.tap("appointments"))


def test_what_it_is_for_does_not_stand_on_a_locked_phone(
    served: Clinic, session: Session, mali: LineLink, talk: Talk
) -> None:
    book(session, mali, "1", TOMORROW)
    [message] = wire(talk.tap("appointments").reply)
    assert "14:00" in message["altText"]
    assert "ไฮดราเฟเชียล" not in message["altText"]


def test_the_soonest_come_first_and_what_is_over_or_gone_is_not_shown(
    served: Clinic, session: Session, mali: LineLink, talk: Talk
) -> None:
    ken = meet_on_line(session, served, "U" + "c" * 32, NOW)
    for id_, after in (("late", 9), ("soon", 2), ("fourth", 20), ("third", 15)):
        book(session, mali, id_, TOMORROW + timedelta(days=after))
    book(session, mali, "gone", TOMORROW, "cancelled")
    book(session, mali, "over", NOW - timedelta(hours=2))
    book(session, ken, "another's", TOMORROW)
    said = shown(talk.tap("appointments"))
    days = ("6 ก.พ.", "13 ก.พ.")
    assert [said.index(day) for day in days] == sorted(said.index(day) for day in days)
    for part in ("พ. 4 ก.พ.", "อ. 3 ก.พ.", "19 ก.พ.", "24 ก.พ."):
        assert part not in said
    assert "ดูอีก 2 นัด" in said
    rest = shown(talk.tap("appointments", page=2))
    days = ("19 ก.พ.", "24 ก.พ.")
    assert [rest.index(day) for day in days] == sorted(rest.index(day) for day in days)
    assert "13 ก.พ." not in rest and "ดูอีก" not in rest
    for old in (3, 99):
        assert shown(talk.tap("appointments", page=old)) == rest, "a button of more that there were"
    assert shown(talk.tap("appointments", page=-1)) == said


def test_one_that_waits_for_the_clinic_says_so(served: Clinic, session: Session, mali: LineLink, talk: Talk) -> None:
    book(session, mali, "1", TOMORROW, "requested")
    assert "รอคลินิกยืนยัน" in shown(talk.tap("appointments"))
