"""What waits for the next answer in the staff's group: the digest, what is to be decided, what customers ask for."""

import json
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import facts.paid
from bot.cards import staff_referrals
from bot.words import wording
from channels.line.render import wire
from customers import cards, staff_members, staff_notices
from customers.people import new_customer
from loyalty import points, referrals
from models.access import StaffGroup
from models.clinics import Clinic
from models.consents import RequestKind
from models.customers import Customer, LineLink
from models.facts import Payment, Referral
from models.staff import StaffMember
from models.staff_notices import StaffNotice
from privacy import requests
from runtime.language import Language
from tests.bot.room import NID, Room
from tests.fixtures.clinic import NOW

TH = Language("th")
BANGKOK = ZoneInfo("Asia/Bangkok")
MORNING = datetime(2026, 2, 4, 8, tzinfo=BANGKOK)


@pytest.fixture
def customer(session: Session, mali: LineLink) -> Customer:
    mali.customer.display_name = "Mali Srisuk"
    points.create_loyalty_profile(session, mali.customer, NOW)
    session.flush()
    return mali.customer


def told(room: Room, at: datetime, text: str = "ไปกินข้าวกัน") -> str:
    """What the group reads next to what somebody writes at this moment."""
    room.talk.now = at
    return room.hears(text)


def kinds(session: Session) -> list[tuple[str, str, str | None]]:
    found = session.scalars(select(StaffNotice).order_by(StaffNotice.id))
    return [(one.kind, one.state, one.reason) for one in found]


def take(bound: Room, customer: Customer) -> None:
    yes, _no = bound.buttons(f"{customer.member_number} 3500")
    bound.write(yes)


def test_the_digest_rides_in_the_morning_with_what_limits_stopped(
    session: Session, customer: Customer, bound: Room
) -> None:
    take(bound, customer)
    bound.write(f"{customer.member_number} 999999")
    assert told(bound, MORNING - timedelta(minutes=1)) == "group_talk"
    said = told(bound, MORNING)
    for part in ("สรุปของวันที่ 3 ก.พ. 2569", "1 · ฿3,500", "ยอดสูงกว่าที่กำหนด (฿999,999)"):
        assert part in said
    assert told(bound, MORNING) == "group_talk"
    assert kinds(session) == [("digest", "sent", "in_reply")]


def test_a_day_on_which_nothing_was_done_has_no_digest_and_one_is_worth_a_day(
    session: Session, customer: Customer, bound: Room
) -> None:
    bound.write("วันนี้")
    assert kinds(session) == []
    take(bound, customer)
    assert told(bound, MORNING + timedelta(days=1)) == "group_talk"
    assert kinds(session) == [("digest", "skipped", "too_late")]


def test_the_digest_holds_its_own_day_alone(session: Session, customer: Customer, bound: Room) -> None:
    take(bound, customer)
    assert "1 · ฿3,500" in told(bound, MORNING)
    bound.write(f"{customer.member_number} 999999")
    said = told(bound, MORNING + timedelta(days=1))
    assert "0 · ฿0" in said
    assert "(฿999,999)" in said


@pytest.fixture
def in_doubt(session: Session, customer: Customer, bound: Room) -> Payment:
    """What the group has recorded, told by the till as well."""
    take(bound, customer)
    at = NOW + timedelta(minutes=5)
    recorded = facts.paid.paid(
        session, customer, source="till", external_id="1", amount=Decimal(3500), paid_at=at, service_code=None, now=at
    )
    session.flush()
    return recorded.payment


def test_a_payment_in_doubt_rides_with_its_buttons(session: Session, in_doubt: Payment, bound: Room) -> None:
    said = told(bound, NOW + timedelta(minutes=6))
    assert "฿3,500 · Mali" in said
    for words in ("same_purchase", "another_purchase"):
        assert wording(TH, words) in said
    assert told(bound, NOW + timedelta(minutes=7)) == "group_talk"


def test_what_the_list_shows_does_not_ride_beside_it(session: Session, in_doubt: Payment, bound: Room) -> None:
    bound.talk.now = NOW + timedelta(minutes=6)
    messages = wire(bound.write("รายการซ้ำ").reply)
    assert json.dumps(messages, ensure_ascii=False).count(f"{wording(TH, 'same_purchase')} ") == 1
    assert "เครื่องคิดเงิน" in str(messages)
    assert "till" not in str(messages)
    assert ("doubted_payment", "sent", "in_reply") in kinds(session)
    notice = session.scalars(select(StaffNotice).where(StaffNotice.kind == "doubted_payment")).one()
    assert notice.inbox_id == bound.talk.row.id
    assert told(bound, NOW + timedelta(minutes=7)) == "group_talk"


def test_requests_that_the_list_shows_do_not_ride_beside_it(session: Session, customer: Customer, bound: Room) -> None:
    requests.ask(session, customer, "copy", NOW)
    assert len(wire(bound.write("คำขอข้อมูล").reply)) == 1
    assert kinds(session) == [("privacy_request", "sent", "in_reply")]


def test_the_digest_says_who_has_recorded_what_alone(
    session: Session, clinic: Clinic, customer: Customer, bound: Room
) -> None:
    """What another member has said yes to is nobody's alone."""
    ploy, group = session.scalars(select(StaffMember)).one(), session.scalars(select(StaffGroup)).one()
    nid = staff_members.meet(session, group, NID, NOW)
    staff_members.allow(session, nid, "staff", NOW, by="staff")
    ploy.name, nid.name = "Ploy", "Nid"
    take(bound, customer)
    yes, _no = bound.buttons(f"{customer.member_number} 31000")
    assert "บันทึกแล้ว" in bound.of(NID).hears(yes)
    room = bound.of(NID)
    room.write(f"ปรับแต้ม {customer.member_number} +20 ชดเชย")
    take(room, customer)  # the same amount again
    said = told(bound, MORNING)
    assert "Ploy: บันทึกคนเดียว การชำระเงิน 1 · ฿3,500" in said
    assert "฿31,000" not in said


def test_many_guesses_are_one_line_and_hide_nothing(session: Session, customer: Customer, bound: Room) -> None:
    bound.write(f"{customer.member_number} 999999")
    for sign in "BCDFGHJKM":
        bound.write(f"7KQ{sign} 2XRA")
    said = told(bound, MORNING)
    assert "โค้ดที่ไม่พบในระบบ × 9" in said
    assert "(฿999,999)" in said
    assert said.count("โค้ดที่ไม่พบในระบบ") == 1


def test_nothing_is_said_of_what_has_been_decided_meanwhile(session: Session, in_doubt: Payment, bound: Room) -> None:
    facts.paid.decide(session, in_doubt, False, NOW + timedelta(minutes=6), actor="api:1")
    assert told(bound, NOW + timedelta(minutes=7)) == "group_talk"
    assert ("doubted_payment", "skipped", "over") in kinds(session)


def test_what_the_group_itself_tells_twice_is_answered_there_and_is_no_notice(
    session: Session, customer: Customer, bound: Room
) -> None:
    facts.paid.paid(
        session, customer, source="till", external_id="1", amount=Decimal(3500), paid_at=NOW, service_code=None, now=NOW
    )
    take(bound, customer)
    assert session.scalars(select(Payment.uncounted)).all().count("possible_duplicate") == 1
    assert "doubted_payment" not in [kind for kind, *_ in kinds(session)]


def test_a_referral_that_waits_for_a_manager_rides_with_its_buttons(
    session: Session, clinic: Clinic, customer: Customer, bound: Room
) -> None:
    clinic.own_settings = {"referral": {"daily_limit": 0}}
    friend = new_customer(session, clinic, NOW)
    session.flush()
    friend.display_name = "Ken Chaiyo"
    points.create_loyalty_profile(session, friend, NOW)
    session.add(
        Referral(clinic_id=clinic.id, referrer_id=customer.id, friend_id=friend.id, state="bound", bound_at=NOW)
    )
    session.flush()
    facts.paid.paid(
        session, friend, source="till", external_id="1", amount=Decimal(3500), paid_at=NOW, service_code=None, now=NOW
    )
    (waiting,) = referrals.in_review(session, clinic)
    said = told(bound, NOW)
    assert staff_referrals.suspicion(TH, waiting) in said
    assert staff_referrals.code_of(waiting) in said
    for part in (
        "Mali แนะนำ Ken",
        cards.spaced(str(customer.member_number)),
        cards.spaced(str(friend.member_number)),
    ):
        assert part in said


@pytest.mark.parametrize(
    ("kind", "says"), [("copy", "ขอสำเนาข้อมูล"), ("correction", "ขอแก้ไขข้อมูล"), ("erasure", "ขอให้ลบข้อมูล")]
)
def test_what_a_customer_asks_for_about_their_data_rides_with_its_date(
    session: Session, customer: Customer, bound: Room, kind: RequestKind, says: str
) -> None:
    requests.ask(session, customer, kind, NOW)
    requests.ask(session, customer, kind, NOW)
    said = told(bound, NOW)
    assert f"Mali {says}" in said
    assert "ต้องตอบภายใน" in said
    assert told(bound, NOW) == "group_talk"


def test_one_that_was_withdrawn_is_not_told(session: Session, customer: Customer, bound: Room) -> None:
    requests.ask(session, customer, "erasure", NOW)
    requests.withdraw(session, customer, "erasure", NOW)
    assert told(bound, NOW) == "group_talk"


def test_what_rides_is_pushed_after_four_opening_hours(session: Session, customer: Customer) -> None:
    requests.ask(session, customer, "copy", NOW)
    (notice,) = session.scalars(select(StaffNotice))
    assert notice.push_at == NOW + staff_notices.RIDES_FOR


def test_today_says_how_much_is_still_to_be_told(session: Session, customer: Customer, bound: Room) -> None:
    assert "รอแจ้งในกลุ่มนี้" not in bound.hears("วันนี้")
    requests.ask(session, customer, "copy", NOW)
    requests.ask(session, customer, "erasure", NOW)
    first, *_ = wire(bound.write("วันนี้").reply)
    assert "รอแจ้งในกลุ่มนี้ 2" in json.dumps(first, ensure_ascii=False)
    first, *_ = wire(bound.write("วันนี้").reply)
    assert "รอแจ้งในกลุ่มนี้" not in json.dumps(first, ensure_ascii=False)
