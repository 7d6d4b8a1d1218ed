"""Courses in the chat: read only, what is left of each, and the ways to have the next session."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.listen import Outcome
from channels.line.render import wire
from customers import booking_links
from facts import courses
from facts.told import CourseTold, Person, Sale, SessionTold, ShareTold
from models.branches import Service
from models.clinics import Clinic
from models.customers import Customer, LineLink
from tests.fixtures.clinic import NOW, Talk

TODAY, ENDS = date(2026, 2, 3), date(2026, 12, 31)


@pytest.fixture
def talk(talks: Callable[[str], Talk]) -> Talk:
    """Mali's."""
    return talks("U" + "a" * 32)


@pytest.fixture
def served(session: Session, clinic: Clinic) -> Clinic:
    session.add(Service(clinic_id=clinic.id, code="HYDRA", names={"th": "ไฮดราเฟเชียล", "en": "HydraFacial"}))
    clinic.own_settings = {"links": {"booking": "https://book.example/aura"}}
    session.flush()
    return clinic


def shown(answered: Outcome) -> str:
    """All that is on the screen."""
    return json.dumps([message["contents"] for message in wire(answered.reply)], ensure_ascii=False)


class Clinics:
    """What the clinic's system tells of one customer's courses."""

    def __init__(self, session: Session, link: LineLink) -> None:
        self.session, self.clinic, self.customer = session, link.clinic, link.customer

    def sells(self, id_: str = "C", *, ends_on: date | None = ENDS, **sale: Any) -> None:
        sold = Sale(Person(ours=self.customer.id), **{"sessions": 10, "sold_on": TODAY, "service": "HYDRA", **sale})
        self.tells(0, id_, sale=sold, ends_on=ends_on)

    def tells(self, order: int, id_: str = "C", **more: Any) -> None:
        fact = CourseTold(id_, order, NOW + timedelta(minutes=order), **more)
        courses.told(self.session, self.clinic, "standard", fact, NOW)

    def uses(self, order: int, session: str, state: Any = "used", id_: str = "C", days: int = 0) -> None:
        self.tells(order, id_, session=SessionTold(session, state, NOW + timedelta(days=days)))


@pytest.fixture
def system(served: Clinic, session: Session, mali: LineLink) -> Clinics:
    return Clinics(session, mali)


@pytest.mark.parametrize("asked", ["คอร์สของฉัน", "คอร์สเหลือกี่ครั้งคะ", "my courses", "how many sessions do i have left?"])
def test_one_says_what_is_left_until_when_and_what_is_planned(
    system: Clinics, session: Session, talk: Talk, asked: str
) -> None:
    system.sells()
    system.uses(1, "1")
    system.uses(2, "2", "planned", days=2)
    said = shown(talk.say(asked))
    for part in (
        "คอร์สของฉัน",
        "ไฮดราเฟเชียล",
        "เหลือ 9 จาก 10 ครั้ง",
        "ใช้ได้ถึง 31 ธ.ค. 2569",
        "ครั้งถัดไป พฤ. 5 ก.พ. 2569 11:30",
    ):
        assert part in said
    assert f"https://book.example/aura?reference={booking_links.token(session, system.customer, NOW)}" in said
    talk.tap("language", to="en")
    said = shown(talk.tap("courses"))
    for part in (
        "My courses",
        "HydraFacial",
        "9 of 10 sessions left",
        "Until Dec 31, 2026",
        "Next session: Thu Feb 5, 2026 11:30",
    ):
        assert part in said


def test_the_right_to_cancel_is_shown_while_it_stands(system: Clinics, talk: Talk) -> None:
    right = "ยังไม่ได้ใช้ มีสิทธิ์ยกเลิกได้ถึง 10 ก.พ. 2569"
    system.sells()
    assert "ยกเลิก" not in shown(talk.tap("courses")), "nobody has told of it"
    system.tells(1, sale=Sale(Person(ours=system.customer.id), 10, TODAY, controlled=True))
    assert right in shown(talk.tap("courses"))
    talk.now = NOW + timedelta(days=8)
    assert "ยกเลิก" not in shown(talk.tap("courses"))
    talk.now = NOW
    system.uses(2, "1")
    assert "ยกเลิก" not in shown(talk.tap("courses"))


def test_what_rests_and_what_has_ended_stay_to_be_seen(system: Clinics, talk: Talk) -> None:
    system.sells()
    system.tells(1, state="frozen")
    assert "พักคอร์สอยู่" in shown(talk.tap("courses"))
    system.tells(2, state="active")
    talk.now = NOW + timedelta(days=400)
    said = shown(talk.tap("courses"))
    for part in ("สิ้นสุดแล้ว", "เหลือ 10 จาก 10 ครั้ง", "จำนวนที่เหลือยังบันทึกไว้ที่นี่"):
        assert part in said
    system.tells(3, state="refunded")
    assert "เหลือ 10" not in shown(talk.tap("courses"))


def test_what_was_shared_is_seen_by_both(
    system: Clinics, session: Session, talk: Talk, talks: Callable[[str], Talk]
) -> None:
    other = talks("U" + "c" * 32)
    other.tap("courses")
    ken = session.scalars(
        select(Customer).join(LineLink, LineLink.customer_id == Customer.id).where(Customer.id != system.customer.id)
    ).one()
    system.sells(name="ไฮดรา 10 ครั้ง")
    system.tells(1, share=ShareTold("C-K", Person(ours=ken.id), 3))
    said = shown(talk.tap("courses"))
    assert "เหลือ 7 จาก 10 ครั้ง" in said and "แบ่งให้ผู้อื่นแล้ว 3 ครั้ง" in said
    theirs = shown(other.tap("courses"))
    assert "เหลือ 3 จาก 3 ครั้ง" in theirs and "ไฮดรา 10 ครั้ง" in theirs and "ใช้ได้ถึง 31 ธ.ค. 2569" in theirs


def test_many_stand_side_by_side_those_that_end_soon_first_and_those_that_have_ended_last(
    system: Clinics, talk: Talk
) -> None:
    for number in range(12):
        system.sells(f"C{number}", name=f"คอร์สที่ {number:02}", ends_on=ENDS - timedelta(days=number))
    system.sells("over", name="คอร์สเก่า", sold_on=TODAY - timedelta(days=9), ends_on=TODAY - timedelta(days=1))
    [message] = wire(talk.tap("courses").reply)
    assert len(message["contents"]["contents"]) == 7
    said = json.dumps(message["contents"], ensure_ascii=False)
    places = [said.index(f"คอร์สที่ {number:02}") for number in reversed(range(12))]
    assert [*places, said.index("คอร์สเก่า")] == sorted([*places, said.index("คอร์สเก่า")])


def test_all_of_very_many_can_be_seen(system: Clinics, talk: Talk) -> None:
    for number in range(25):
        system.sells(f"C{number}", name=f"คอร์สที่ {number:02}", ends_on=ENDS + timedelta(days=number))
    first, rest = shown(talk.tap("courses")), shown(talk.tap("courses", page=2))
    assert ("คอร์สที่ 21" in first, "คอร์สที่ 22" in first, "ดูอีก 3 คอร์ส" in first) == (True, False, True)
    assert ("คอร์สที่ 21" in rest, "คอร์สที่ 24" in rest, "ดูอีก" in rest) == (False, True, False)
    assert shown(talk.tap("courses", page=7)) == rest, "a button of more that there were"


def test_what_they_are_does_not_stand_on_a_locked_phone(system: Clinics, talk: Talk) -> None:
    system.sells(name="ไฮดรา 10 ครั้ง")
    [message] = wire(talk.tap("courses").reply)
    assert "เหลือ 10 จาก 10 ครั้ง" in message["altText"]
    assert "ไฮดรา" not in message["altText"]


def test_without_any_there_are_the_ways_to_ask(served: Clinic, session: Session, mali: LineLink, talk: Talk) -> None:
    said = shown(talk.tap("courses"))
    assert "สอบถามคอร์สที่เหลือ" in said
    assert f"https://book.example/aura?reference={booking_links.token(session, mali.customer, NOW)}" in said
