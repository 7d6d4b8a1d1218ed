"""A manager takes apart in the group what was tied by mistake."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from customers import cards, ties
from customers.people import meet_on_line
from facts import tied as tied_by
from facts.cut import cut, of
from loyalty import points, reconcile
from models.clinics import Clinic
from models.courses import Course
from models.customers import Customer, JourneyEvent, LineLink
from models.facts import Payment
from models.loyalty import LoyaltyProfile, Notification
from models.staff import StaffAct
from tests.bot.room import NID, Room
from tests.bot.test_group_till import allowed, take
from tests.bot.test_one_time_codes import code_in, record, row, said
from tests.bot.test_staff_shares import member, sells
from tests.fixtures.clinic import NOW, Talk

PHONE = "081-234-5678"


@pytest.fixture
def customer(session: Session, mali: LineLink) -> Customer:
    mali.customer.display_name = "Mali Srisuk"
    points.create_loyalty_profile(session, mali.customer, NOW)
    return mali.customer


@pytest.fixture
def number(customer: Customer) -> str:
    return cards.spaced(str(customer.member_number))


@pytest.fixture
def tied(session: Session, number: str, bound: Room) -> Room:
    """3,500 baht of a phone were given to Mali."""
    take(bound, f"3500 {PHONE}")
    yes, _no = bound.buttons(f"ผูกบัตร {number} {PHONE}")
    bound.write(yes)
    return bound


def held(session: Session, customer: Customer) -> int:
    session.expire_all()
    return session.get_one(LoyaltyProfile, (customer.id, customer.clinic_id)).total_points


def merged(session: Session, record: Customer) -> bool:
    session.expire_all()
    return record.merged_into is not None


@pytest.mark.parametrize("words", ["ตัดการผูก", "unlink"])
def test_a_manager_takes_two_apart_with_a_yes(
    session: Session, clinic: Clinic, customer: Customer, number: str, tied: Room, words: str
) -> None:
    assert held(session, customer) == 450
    asked = tied.hears(f"{words} {number}")
    assert "Mali" in asked and "แยก" in asked and "ไม่คืน" in asked and "ใน LINE" in asked
    assert held(session, customer) == 450
    assert "350 แต้ม" in tied.hears("ยืนยัน")
    assert held(session, customer) == 100
    assert {one.customer_id for one in session.scalars(select(Payment))} != {customer.id}
    assert reconcile.check(session, clinic) == []
    by = {one.data.get("by") for one in session.scalars(select(JourneyEvent).where(JourneyEvent.type == "unlinked"))}
    act = session.scalars(select(StaffAct).where(StaffAct.kind == "unlink")).one()
    assert by == {act.done_by} and act.state == "done"
    told = session.scalars(select(Notification.customer_id).where(Notification.kind == "unlinked")).all()
    assert told == [customer.id]
    assert "ไม่มีรายการที่ผูกไว้" in tied.hears(f"{words} {number}")


def test_a_double_tap_and_two_questions_cut_once(session: Session, customer: Customer, number: str, tied: Room) -> None:
    first, _no = tied.buttons(f"unlink {number}")
    second, _no = tied.buttons(f"unlink {number}")
    assert "แยกแล้ว" in tied.hears(first)
    assert "บันทึกไปแล้ว" in tied.hears(first)
    assert "ไม่มีรายการที่ผูกไว้" in tied.hears(second)
    assert held(session, customer) == 100


def test_a_no_cuts_nothing(session: Session, customer: Customer, number: str, tied: Room) -> None:
    _yes, no = tied.buttons(f"unlink {number}")
    assert "ไม่บันทึก" in tied.hears(no)
    assert held(session, customer) == 450


def test_staff_who_are_no_managers_cut_nothing(session: Session, customer: Customer, number: str, tied: Room) -> None:
    allowed(session, tied, NID)
    nid = tied.of(NID)
    assert "ผู้จัดการ" in nid.hears(f"unlink {number}")
    yes, _no = tied.buttons(f"unlink {number}")
    assert "ผู้จัดการ" in nid.hears(yes)
    assert held(session, customer) == 450


def test_after_thirty_days_it_says_so(session: Session, customer: Customer, number: str, tied: Room) -> None:
    tied.talk.now = NOW + timedelta(days=31)
    assert "เกิน 30 วัน" in tied.hears(f"unlink {number}")
    assert held(session, customer) == 450


def test_by_the_phone_of_the_record_and_by_nothing_it_is_asked_how(tied: Room) -> None:
    assert "แยก" in tied.hears(f"unlink {PHONE}")
    assert "เลขสมาชิก" in tied.hears("unlink")


def test_what_was_cut_no_code_links_without_the_staff(
    session: Session, clinic: Clinic, talk: Talk, bound: Room
) -> None:
    nok = record(session, clinic, "Nok Jaidee", "1")
    talk.say("ผูกข้อมูล")
    said(talk, code_in(bound.hears(bound.buttons("ค้นหา Nok")[0])))
    talk.tap("link", code=row(session).id, answer="yes")
    assert merged(session, nok)
    yes, _no = bound.buttons(f"unlink {PHONE}")
    assert "แยกแล้ว" in bound.hears(yes)
    assert not merged(session, nok)
    talk.say("ผูกข้อมูล")
    said(talk, code_in(bound.hears(bound.buttons("ค้นหา Nok")[0])))
    talk.tap("link", code=row(session).id, answer="yes")
    assert not merged(session, nok)
    assert row(session, "waits").customer_id == nok.id


def test_what_was_cut_no_question_of_the_tills_ties(session: Session, clinic: Clinic, mali: LineLink) -> None:
    mali.followed_at = NOW
    nok = record(session, clinic, "Nok Jaidee", "1")
    points.create_loyalty_profile(session, mali.customer, NOW)
    for answer in ("tied", "refused"):
        tie, _new = ties.ask(session, mali.customer, "booking:standard", "1", NOW, actor="api:1")
        assert tied_by.answered(session, tie, mali.customer, NOW, yes=True) == answer
        if answer == "tied":
            cut(session, of(session, mali.customer, NOW), NOW, actor="staff:x")
    assert tie.reason == "taken_apart"
    assert nok.merged_into is None


def test_a_course_that_went_back_meanwhile_is_not_shared(
    session: Session, clinic: Clinic, customer: Customer, number: str, bound: Room
) -> None:
    take(bound, f"3500 {PHONE}")
    record = session.scalars(select(Payment)).one().customer
    sells(session, record)
    bound.write(bound.buttons(f"ผูกบัตร {number} {PHONE}")[0])
    ken = member(session, meet_on_line(session, clinic, "U" + "b" * 32, NOW).customer, "Ken Tan")
    share, _no = bound.buttons(f"share course {number} {ken} 3")
    bound.write(bound.buttons(f"unlink {number}")[0])
    assert not merged(session, record)
    bound.write(share)
    assert session.scalars(select(Course).where(Course.from_id.is_not(None))).all() == []
