"""Today's appointments in the staff's group: who came and who did not, by a button or by the number in the list."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.routes import Table
from channels.line.render import wire
from customers import contacts, staff_members
from customers.people import meet_on_line, new_customer
from facts import appointments
from facts.told import AppointmentTold, Details, Person
from loyalty import ledger
from models.access import StaffGroup
from models.appointments import Appointment
from models.branches import Branch
from models.clinics import Clinic
from models.customers import Customer, JourneyEvent, LineLink
from models.facts import Visit
from models.staff import StaffMember
from models.treatments import Treatment
from tests.bot.room import NID, Room
from tests.fixtures.clinic import NOW, Talk

BEGAN = NOW - timedelta(minutes=30)


@pytest.fixture
def customer(mali: LineLink) -> Customer:
    mali.customer.display_name = "Mali Srisuk"
    return mali.customer


def book(session: Session, customer: Customer, id_: str = "A", state: str = "booked", **details: object) -> Appointment:
    given: dict[str, Any] = {"starts_at": BEGAN, **details}
    given.setdefault("ends_at", given["starts_at"] + timedelta(hours=1))
    person = Person(ours=customer.id, name=given.pop("about", None))
    order = 1 if state == "booked" else 2
    fact = AppointmentTold(id_, state, order, NOW, Details(person, **given))  # type: ignore[arg-type]
    return appointments.told(session, customer.clinic, "calcom", fact, NOW)


def total(session: Session, customer: Customer) -> int:
    return ledger.open_profile(session, customer, NOW).total_visits


def english(session: Session, clinic: Clinic, room: Room) -> Room:
    clinic.choose(voice={"languages": ["en", "th"]})
    session.flush()
    return room


def words(room: Room, asked: str = "วันนี้") -> list[str]:
    """What the buttons of the open appointments say."""
    return [each for each in room.buttons(asked) if each.split()[-1] != asked]


def test_who_came_is_told_by_a_button_and_taken_back(session: Session, customer: Customer, bound: Room) -> None:
    book(session, customer)
    shown = bound.hears("วันนี้")
    for part in ("11:00 · Mali", "ลำดับที่ 1", "มาแล้ว", "ไม่มา"):
        assert part in shown
    came, _missed = words(bound)
    assert came.startswith("มาแล้ว ")
    (undo,) = bound.buttons(came)
    one = session.scalars(select(Appointment)).one()
    assert (one.outcome, one.outcome_by) == ("completed", "staff")
    assert [each.state for each in session.scalars(select(Treatment))] == ["performed"]
    assert total(session, customer) == 1
    said = session.scalars(select(JourneyEvent).where(JourneyEvent.type == "appointment_come")).one()
    assert said.data["by"].startswith("staff:")
    assert "นัด" not in bound.hears("วันนี้"), "nothing is open any more"
    assert "บันทึกไว้แล้ว" in bound.hears(came), "tapped twice it is one"
    assert "ย้อนรายการแล้วค่ะ: ผลของนัดที่บันทึกไว้ของ Mali" in bound.hears(undo)
    assert (one.outcome, total(session, customer)) == (None, 0)
    assert session.scalars(select(Treatment)).one().state == "voided"
    assert "ย้อนไปแล้ว" in bound.hears(undo)


def test_who_did_not_come_is_told_by_the_number_in_the_list(session: Session, customer: Customer, bound: Room) -> None:
    book(session, customer, "late", starts_at=NOW - timedelta(minutes=5))
    book(session, customer, "early")
    assert bound.hears("ไม่มา 2") == "group_talk", "no list was asked for"
    bound.write("วันนี้")
    book(session, customer, "earliest", starts_at=NOW - timedelta(hours=1))
    bound.write("วันนี้")
    assert "Mali ไม่มา" in bound.hears("ไม่มา 2"), "a number stays with its appointment"
    outcomes = {one.external_id: one.outcome for one in session.scalars(select(Appointment))}
    assert outcomes == {"late": "no_show", "early": None, "earliest": None}
    assert "Mali มาแล้ว" in bound.hears("มาแล้ว ๒"), "who came late has come"
    assert "Mali มาแล้ว" in bound.hears("มาแล้ว 3")
    assert total(session, customer) == 1


def test_the_same_in_english(session: Session, clinic: Clinic, customer: Customer, bound: Room) -> None:
    english(session, clinic, bound)
    book(session, customer)
    shown = bound.hears("today")
    for part in ("1 appointment is open today", "No. 1", "Came", "Did not come"):
        assert part in shown
    assert "Noted: Mali did not come." in bound.hears("did not come 1")
    assert "Noted: Mali came." in bound.hears("came 1")
    assert "Taken back: what was noted of the appointment of Mali." in bound.hears("undo")
    assert session.scalars(select(Appointment)).one().outcome == "no_show", "what was said before holds again"


def test_a_colleagues_word_is_theirs_or_a_managers_to_take_back(
    session: Session, customer: Customer, bound: Room
) -> None:
    group = session.scalars(select(StaffMember)).one().group
    staff_members.allow(session, staff_members.meet(session, group, NID, NOW), "staff", NOW, by="staff")
    book(session, customer)
    came, _missed = words(bound)
    (undo,) = bound.buttons(came)
    assert "เฉพาะคนที่บันทึกหรือผู้จัดการ" in bound.of(NID).hears(undo)
    bound.talk.now = NOW + timedelta(minutes=11)
    assert "เกิน 10 นาที" in bound.hears(undo) or "สิบนาที" in bound.hears(undo)


def test_who_came_has_no_next_appointment_any_more(
    session: Session, customer: Customer, mali: LineLink, bound: Room, talks: Callable[[str], Talk]
) -> None:
    del mali
    book(session, customer)
    friend = talks("U" + "a" * 32)
    assert "11:00" in str(wire(friend.tap("appointments").reply))
    bound.write("วันนี้")
    bound.write("มาแล้ว 1")
    assert "11:00" not in str(wire(friend.tap("appointments").reply))


def test_a_strangers_button_and_one_without_a_name_change_nothing(
    session: Session, customer: Customer, bound: Room
) -> None:
    book(session, customer)
    came, missed = words(bound)
    stranger = bound.of("U" + "f" * 32)
    assert "ทำได้เฉพาะคนที่ผู้จัดการอนุญาตแล้ว" in stranger.hears(came)
    bound.source = {**bound.source}
    del bound.source["userId"]
    assert "LINE ไม่ได้แจ้งว่าใคร" in bound.hears(missed)
    assert session.scalars(select(Appointment)).one().outcome is None


def test_what_the_booking_system_says_is_right_until_it_is_mended_there(
    session: Session, customer: Customer, bound: Room
) -> None:
    book(session, customer)
    came, missed = words(bound)
    book(session, customer, state="no_show")
    assert "ระบบจอง" in bound.hears(came)
    assert "บันทึกไว้แล้ว" in bound.hears(missed)
    book(session, customer, "B")
    came, _ = words(bound)
    book(session, customer, "B", state="cancelled")
    assert "เลื่อนหรือยกเลิก" in bound.hears(came)
    assert total(session, customer) == 0


def test_a_button_of_years_ago_says_so(session: Session, customer: Customer, bound: Room) -> None:
    book(session, customer)
    came, missed = words(bound)
    bound.talk.now = NOW + timedelta(days=900)
    assert "ผ่านมาเกินหนึ่งสัปดาห์แล้ว" in bound.hears(came)
    bound.talk.now = NOW + timedelta(days=1)
    assert bound.hears("ไม่มา 1") == "group_talk", "the number was of another day"
    assert "Mali ไม่มา" in bound.hears(missed), "the button still is"


@pytest.mark.parametrize(("said", "shown"), [("มาแล้ว 1", "มาแล้ว · Mali"), ("ไม่มา 1", "ไม่มา · Mali")])
def test_cancel_alone_asks_whether_this_is_meant(
    session: Session, customer: Customer, bound: Room, said: str, shown: str
) -> None:
    book(session, customer)
    bound.write("วันนี้")
    bound.write(said)
    asked = bound.hears("ยกเลิก")
    assert shown in asked
    (undo,) = bound.buttons("ยกเลิก")
    assert "ย้อนรายการแล้ว" in bound.hears(undo)


def test_what_has_not_begun_was_not_missed(session: Session, customer: Customer, bound: Room) -> None:
    book(session, customer, starts_at=NOW + timedelta(hours=1))
    came, missed = words(bound)
    assert "ยังไม่ถึงเวลา" in bound.hears(missed)
    assert "Mali มาแล้ว" in bound.hears(came)


def test_a_child_is_called_by_their_name_and_it_is_no_visit_of_the_mothers(
    session: Session, customer: Customer, bound: Room
) -> None:
    book(session, customer, about="น้องพลอย")
    assert "น้องพลอย (Mali)" in bound.hears("วันนี้")
    assert "น้องพลอย (Mali) มาแล้ว" in bound.hears("มาแล้ว 1")
    assert session.scalars(select(Treatment)).one().about == "น้องพลอย"
    assert session.scalars(select(Visit)).all() == []


def test_a_branchs_group_sees_its_own(
    session: Session, clinic: Clinic, customer: Customer, bound: Room, table: Table
) -> None:
    del table
    here, there = (Branch(clinic_id=clinic.id, code=code, name=code, created_at=NOW) for code in ("here", "there"))
    session.add_all([here, there])
    session.flush()
    session.scalars(select(StaffGroup)).one().branch_id = here.id
    book(session, customer, "1", branch="there")
    ken = meet_on_line(session, clinic, "U" + "c" * 32, NOW).customer
    ken.display_name = "Ken"
    book(session, ken, "2", branch="here")
    shown = bound.hears("วันนี้")
    assert "Ken" in shown and "Mali" not in shown


def test_all_of_a_full_day_can_be_seen_none_passed_over(session: Session, clinic: Clinic, bound: Room) -> None:
    for number in range(12):
        somebody = new_customer(session, clinic, NOW)
        somebody.display_name = f"Nok{number}"
        book(session, somebody, f"{number:02}", starts_at=BEGAN + timedelta(minutes=number))
    first = words(bound)
    assert len(first) == 21
    seen = first[:20:2]
    bound.write(seen[0])
    bound.write(seen[4])
    rest = words(bound, first[-1])
    assert len(rest) == 4 and not {*rest} & {*first}
    for each in (*rest[::2], *seen[1:4], *seen[5:]):
        assert "มาแล้ว" in bound.hears(each)
    assert {one.outcome for one in session.scalars(select(Appointment))} == {"completed"}
    assert "ไม่มีนัดที่ค้างต่อจากนั้นแล้ว" in bound.hears(first[-1]), "a button grown old says so"


def test_who_is_left_open_of_the_days_before_is_listed_until_somebody_says(
    session: Session, customer: Customer, bound: Room
) -> None:
    for days in (1, 3, 7, 8):
        book(session, customer, str(days), starts_at=BEGAN - timedelta(days=days), ends_at=None)
    book(session, customer, "gone", "cancelled", starts_at=BEGAN - timedelta(days=1))
    shown = bound.hears("วันนี้")
    assert "นัดของวันก่อน 3 นัดยังไม่มีใครบอกว่ามาหรือไม่" in shown
    assert "จ. 2 ก.พ. 2569 11:00 · Mali" in shown
    came, missed, *_others = words(bound)
    assert "Mali ไม่มา" in bound.hears(missed)
    assert came not in words(bound) and len(words(bound)) == 4
    one = session.scalars(select(Appointment).where(Appointment.external_id == "1")).one()
    assert (one.outcome, one.outcome_by) == ("no_show", "staff")


def test_many_of_the_days_before_can_all_be_seen(session: Session, customer: Customer, bound: Room) -> None:
    for number in range(11):
        book(session, customer, str(number), starts_at=BEGAN - timedelta(days=1, minutes=number), ends_at=None)
    first = words(bound)
    rest = words(bound, first[-1])
    assert (len(first), len(rest)) == (21, 2) and not {*rest} & {*first}


def test_who_has_no_name_is_shown_as_they_are_best_known(session: Session, clinic: Clinic, bound: Room) -> None:
    """Square tells of a booking by ids alone."""
    nobody = new_customer(session, clinic, NOW)
    details = Details(Person(ours=nobody.id), BEGAN, BEGAN + timedelta(hours=1))
    fact = AppointmentTold("S-1", "booked", 1, NOW, details)
    appointments.told(session, clinic, "square", fact, NOW)
    assert "Square ไม่ได้แจ้งชื่อ" in bound.hears("วันนี้")
    contacts.tell(session, nobody, "phone", "+66812345678", source="square", now=NOW)
    assert "Square ไม่ได้แจ้งชื่อ, เบอร์ลงท้าย 678" in bound.hears("วันนี้")
    nobody.display_name = "Nok"
    assert "11:00 · Nok" in bound.hears("วันนี้")


def test_talk_is_left_alone(bound: Room) -> None:
    for said in ("ไม่มาหรอก", "มาแล้ว 3 คน", "ไม่มา", "มาแล้ว 9", "วันนี้ฝนตก", "วันนี้ 250000"):
        assert bound.hears(said) == "group_talk"
