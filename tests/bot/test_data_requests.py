"""What customers ask about their data, in the staff's group: told, taken back, listed with its age, and closed."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from channels.line.render import wire
from customers import staff_members
from loyalty import points
from models.consents import PrivacyRequest
from models.customers import Customer, JourneyEvent, LineLink
from models.staff import StaffMember
from models.staff_notices import StaffNotice
from privacy import requests
from tests.bot.room import NID, Room
from tests.bot.test_group_till import allowed
from tests.bot.test_notices_that_ride import told
from tests.fixtures.clinic import NOW


@pytest.fixture
def customer(session: Session, mali: LineLink) -> Customer:
    mali.customer.display_name = "Mali Srisuk"
    points.create_loyalty_profile(session, mali.customer, NOW)
    session.flush()
    return mali.customer


@pytest.fixture
def nid(session: Session, bound: Room) -> Room:
    """Staff, and no manager."""
    allowed(session, bound, NID)
    return bound.of(NID)


@pytest.fixture
def asked(session: Session, customer: Customer, bound: Room) -> PrivacyRequest:
    """Of which the group has been told."""
    request = requests.ask(session, customer, "erasure", NOW)
    assert "Mali ขอให้ลบข้อมูล" in told(bound, NOW)
    return request


def code_of(request: PrivacyRequest) -> str:
    return request.id.hex[-6:].upper()


def test_what_was_told_and_is_taken_back_is_told_too_in_the_next_free_reply(
    session: Session, customer: Customer, asked: PrivacyRequest, bound: Room
) -> None:
    requests.withdraw(session, customer, "erasure", NOW)
    notice = session.scalars(select(StaffNotice).where(StaffNotice.state == "open")).one()
    assert notice.push_at > NOW  # it waits for an answer that takes it along
    said = told(bound, NOW)
    assert "Mali ขอถอนคำขอให้ลบข้อมูล" in said
    assert "ไม่ต้องดำเนินการต่อแล้ว" in said
    assert told(bound, NOW) == "group_talk"


def test_what_nobody_was_told_of_is_taken_back_without_a_word(
    session: Session, customer: Customer, bound: Room
) -> None:
    requests.ask(session, customer, "erasure", NOW)
    requests.withdraw(session, customer, "erasure", NOW)
    assert told(bound, NOW) == "group_talk"
    assert session.scalars(select(StaffNotice.state)).all() == ["skipped"]


def test_open_ones_are_listed_with_their_age_by_today_and_in_the_digest(
    session: Session, customer: Customer, asked: PrivacyRequest, bound: Room
) -> None:
    requests.ask(session, customer, "copy", NOW + timedelta(days=60))
    bound.talk.now = NOW + timedelta(days=61)
    bound.write("ค้นหา 0899999999")
    said = json.dumps(wire(bound.write("วันนี้").reply)[0], ensure_ascii=False)
    for part in (
        "คำขอเรื่องข้อมูล 2",
        "Mali ขอให้ลบข้อมูลของตน (ขอไว้ 61 วันแล้ว เหลืออีก 29 วัน)",
        "Mali ขอสำเนาข้อมูลของตน (ขอไว้เมื่อวาน",
    ):
        assert part in said
    bound.write("รวมแต้ม")
    morning = told(bound, NOW + timedelta(days=62))
    assert "Mali ขอให้ลบข้อมูลของตน (ขอไว้ 62 วันแล้ว" in morning
    bound.talk.now = NOW + timedelta(days=92)
    assert "เลยกำหนดมา 2 วันแล้ว" in bound.hears("วันนี้")


def test_of_one_that_was_asked_today_no_days_are_counted(asked: PrivacyRequest, bound: Room) -> None:
    said = bound.hears("คำขอข้อมูล")
    assert "ขอไว้วันนี้" in said
    assert "ขอไว้ 0" not in said
    assert '"ขอเมื่อ"' in said
    assert '"วันนี้"' in said
    assert said.count("เหลือ") == 2  # in the text read aloud, and on the card
    bound.talk.now = NOW + timedelta(days=90)
    assert "วันนี้เป็นวันสุดท้าย" in bound.hears("คำขอข้อมูล")


def test_a_manager_closes_one_as_done_and_who_and_when_is_kept(
    session: Session, customer: Customer, asked: PrivacyRequest, bound: Room, nid: Room
) -> None:
    done, refuse = bound.buttons("คำขอข้อมูล")
    assert "เฉพาะผู้จัดการ" in nid.hears(done)
    assert asked.state == "open"
    assert "Mali ขอให้ลบข้อมูล" in bound.hears("คำขอข้อมูล")
    assert "ปิดคำขอของ Mali แล้ว" in bound.hears(done)
    ploy = staff_members.actor(session.scalars(select(StaffMember).where(StaffMember.role == "manager")).one())
    assert (asked.state, asked.closed_at, asked.closed_by) == ("done", NOW, ploy)
    event = session.scalars(select(JourneyEvent).where(JourneyEvent.type == "privacy_closed")).one()
    assert (event.data.get("by"), event.data.get("kind")) == (ploy, "erasure")
    for words in (done, f"{refuse} เพราะ"):
        assert "ไม่มีรายการที่รอคำตอบ" in bound.hears(words)
    assert "ไม่มีคำขอที่รอคำตอบ" in bound.hears("คำขอข้อมูล")


def test_a_refusal_takes_a_reason_which_is_kept_sealed(session: Session, asked: PrivacyRequest, bound: Room) -> None:
    _done, refuse = bound.buttons("data requests")
    assert "เหตุผล" in bound.hears(refuse)
    assert asked.state == "open"
    assert "ปฏิเสธคำขอของ Mali แล้ว" in bound.hears(f"{refuse} ต้องเก็บใบเสร็จตามกฎหมาย 5 ปี")
    assert (asked.state, asked.words) == ("refused", "ต้องเก็บใบเสร็จตามกฎหมาย 5 ปี")
    assert asked.words_sealed is not None
    assert "ใบเสร็จ".encode() not in asked.words_sealed


def test_other_words_that_begin_so_are_talk_and_the_name_alone_is_answered_with_how(bound: Room) -> None:
    assert bound.hears("ปฏิเสธคำขอของน้องไปแล้วนะ") == "group_talk"
    assert "พิมพ์รหัส 6 ตัวที่อยู่ในรายการ" in bound.hears("ตอบคำขอแล้วค่ะ")
