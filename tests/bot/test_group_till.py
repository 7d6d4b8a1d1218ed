"""The staff's group as a till: a card and an amount, a yes, and what is stopped; also by who would cheat."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from customers import cards, contacts, staff_members
from customers.people import identify, meet_on_line
from facts.paid import paid
from loyalty import points
from models.clinics import Clinic
from models.customers import Customer, JourneyEvent, LineLink
from models.facts import Payment, Visit
from models.loyalty import LoyaltyProfile, PointTransaction
from models.staff import StaffAct, StaffMember
from tests.bot.room import GROUP, NID, PLOY, Room
from tests.fixtures.clinic import NOW


@pytest.fixture
def customer(session: Session, mali: LineLink) -> Customer:
    """Mali, a member."""
    mali.customer.display_name = "Mali Srisuk"
    points.create_loyalty_profile(session, mali.customer, NOW)
    return mali.customer


@pytest.fixture
def number(customer: Customer) -> str:
    return str(customer.member_number)


@pytest.fixture
def nid(session: Session, clinic: Clinic, bound: Room) -> Room:
    """A second member, who is staff."""
    allowed(session, bound, NID)
    return bound.of(NID)


def allowed(session: Session, room: Room, user_id: str) -> StaffMember:
    group = session.scalars(select(StaffMember)).first()
    assert group is not None
    member = staff_members.meet(session, group.group, user_id, NOW)
    staff_members.allow(session, member, "staff", NOW, by="staff")
    return member


def payments(session: Session) -> list[Payment]:
    return list(session.scalars(select(Payment).order_by(Payment.created_at, Payment.id)))


def acts(session: Session) -> list[tuple[str, str, str | None]]:
    found = session.scalars(select(StaffAct).order_by(StaffAct.created_at, StaffAct.id))
    return [(one.kind, one.state, one.reason) for one in found]


def take(room: Room, text: str) -> str:
    """Send a card and an amount and tap the first button; what is said then."""
    yes, _no = room.buttons(text)
    return room.hears(yes)


@pytest.mark.parametrize("amount", ["3,500", "3500.-", "3500บาท", "๓๕๐๐", "3.5k"])
@pytest.mark.parametrize("form", ["{number} {amount}", "{amount} {number}", "คุณ {spaced} จ่าย {amount} ค่ะ"])
def test_a_card_and_an_amount_are_shown_and_recorded_with_a_yes(
    session: Session, customer: Customer, number: str, bound: Room, amount: str, form: str
) -> None:
    text = form.format(number=number.lower(), spaced=cards.spaced(number), amount=amount)
    said = bound.hears(text)
    for part in ("Mali", "บรอนซ์", cards.spaced(number), "฿3,500", "350 แต้ม", "ถูกต้องไหมคะ"):
        assert part in said
    assert "Srisuk" not in said
    assert payments(session) == []
    assert "บันทึกแล้ว" in take(bound, text)
    (payment,) = payments(session)
    assert [payment.amount, payment.source, payment.customer_id] == [3_500, "staff", customer.id]
    profile = session.get_one(LoyaltyProfile, (customer.id, customer.clinic_id))
    assert [profile.total_points, profile.total_spent] == [450, 3_500]  # with the welcome


def test_who_recorded_it_is_kept_with_the_entry_the_journey_and_the_act(
    session: Session, customer: Customer, number: str, bound: Room
) -> None:
    take(bound, f"{number} 3500")
    ploy = staff_members.actor(session.scalars(select(StaffMember)).one())
    entry = session.scalars(select(PointTransaction).where(PointTransaction.source == "treatment")).one()
    events = {one.type: one.data.get("by") for one in session.scalars(select(JourneyEvent)) if "by" in one.data}
    act = session.scalars(select(StaffAct).where(StaffAct.state == "done")).one()
    assert (entry.actor, events, act.done_by) == (ploy, {"paid": ploy, "visited": ploy}, ploy)
    visit = session.scalars(select(Visit)).one()
    assert (act.payment_id, act.visit_id) == (payments(session)[0].id, visit.id)


def test_a_second_payment_of_a_day_is_no_second_visit(session: Session, number: str, bound: Room, nid: Room) -> None:
    take(bound, f"{number} 3500")
    take(nid, f"{number} 1200")
    assert len(session.scalars(select(Visit)).all()) == 1


def test_typed_words_do_for_who_has_no_buttons(session: Session, number: str, bound: Room) -> None:
    bound.write(f"{number} 3500")
    assert "บันทึกแล้ว" in bound.hears("ยืนยัน")
    assert len(payments(session)) == 1
    bound.write(f"{number} 900")
    assert "ไม่บันทึกแล้ว: ฿900 ของ Mali" in bound.hears("ไม่บันทึก")
    assert len(payments(session)) == 1
    assert bound.hears("ยืนยัน") == "group_talk"
    assert bound.hears("ยืนยันนัดแล้วนะคะ") == "group_talk"


def test_a_yes_said_twice_records_once(session: Session, number: str, bound: Room, nid: Room) -> None:
    yes, no = bound.buttons(f"{number} 3500")
    bound.write(yes)
    assert "บันทึกไปแล้ว" in nid.hears(yes)
    assert "บันทึกไปแล้ว" in nid.hears(no)
    assert len(payments(session)) == 1


def test_a_yes_after_ten_minutes_records_nothing(session: Session, number: str, bound: Room) -> None:
    yes, _no = bound.buttons(f"{number} 3500")
    bound.talk.now = NOW + timedelta(minutes=11)
    assert "รอเกิน 10 นาที" in bound.hears(yes)
    assert payments(session) == []


def test_the_living_code_of_a_card_does_as_its_number(session: Session, customer: Customer, bound: Room) -> None:
    code = cards.living_code(session, customer, NOW).text
    assert "บันทึกแล้ว" in take(bound, f"{code} 3500")
    assert len(payments(session)) == 1
    wrong = code[:-1] + ("A" if code[-1] != "A" else "B")
    assert "พิมพ์ไม่ถูก" in bound.hears(f"{wrong} 900")


def test_a_card_alone_shows_who_it_is(number: str, bound: Room) -> None:
    said = bound.hears(number)
    assert "Mali" in said
    assert "ส่งเลขสมาชิกกับยอดเงินในข้อความเดียว" in said


def test_what_is_unclear_is_asked(session: Session, number: str, bound: Room) -> None:
    assert "มากกว่า 1 ยอด" in bound.hears(f"{number} 3500 1200")
    assert "มากกว่า 1 คน" in bound.hears(f"{number} {cards.new_number()} 3500")
    assert acts(session) == []


@pytest.mark.parametrize("text", ["3500", "จ่าย 3,500 บาทค่ะ", "โทร 0812345678", "มา 12 คน"])
def test_an_amount_or_a_phone_alone_is_talk(bound: Room, text: str) -> None:
    assert bound.hears(text) == "group_talk"


def test_a_stranger_in_the_group_records_nothing(session: Session, number: str, bound: Room, nid: Room) -> None:
    stranger = bound.of("U" + "f" * 32)
    yes, _no = nid.buttons(f"{number} 3500")
    for text in (f"{number} 3500", "3500 0812345678", yes, "ยืนยัน"):
        assert "ทำได้เฉพาะคนที่ผู้จัดการอนุญาตแล้ว" in stranger.hears(text) or stranger.hears(text) == "group_talk"
    stranger.source = {"type": "group", "groupId": GROUP}
    assert "LINE ไม่ได้แจ้งว่าใคร" in stranger.hears(yes)
    assert payments(session) == []


@pytest.mark.parametrize(
    ("chosen", "amount", "reason"),
    [
        ({}, "200001", "too_large"),
        ({}, "0.50", "too_small"),
        ({"daily_payments": 0}, "100", "daily_payments"),
        ({"daily_baht": 99}, "100", "daily_baht"),
    ],
)
def test_a_limit_stops_says_so_and_is_kept(
    session: Session, clinic: Clinic, number: str, bound: Room, chosen: dict[str, Any], amount: str, reason: str
) -> None:
    clinic.own_settings = {"group_till": chosen}
    assert "บันทึกไว้ให้ผู้จัดการดูแล้ว" in bound.hears(f"{number} {amount}")
    assert acts(session) == [("payment", "stopped", reason)]


def test_the_limits_of_a_day_are_each_members_own(
    session: Session, clinic: Clinic, number: str, bound: Room, nid: Room
) -> None:
    clinic.own_settings = {"group_till": {"daily_baht": 4_000}}
    take(bound, f"{number} 3500")
    assert "คนละไม่เกิน ฿4,000 ต่อวัน" in bound.hears(f"{number} 501")
    assert "บันทึกแล้ว" in take(nid, f"{number} 501")
    bound.talk.now = NOW + timedelta(days=1)
    assert "ถูกต้องไหมคะ" in bound.hears(f"{number} 3600")


def test_what_was_asked_for_before_the_limit_was_reached_is_stopped_at_the_yes(
    session: Session, clinic: Clinic, number: str, bound: Room
) -> None:
    clinic.own_settings = {"group_till": {"daily_baht": 4_000}}
    first, second = (bound.buttons(f"{number} {baht}")[0] for baht in (3_500, 600))
    bound.write(first)
    assert "ต่อวัน" in bound.hears(second)
    assert [one.amount for one in payments(session)] == [3_500]


def test_above_the_limit_a_second_member_confirms(session: Session, number: str, bound: Room, nid: Room) -> None:
    yes, _no = bound.buttons(f"{number} 30,001")
    assert "ยอดนี้สูง ต้องให้สมาชิกอีกคนยืนยัน" in bound.hears(f"{number} 30,001")
    assert "ต้องให้สมาชิกอีกคนยืนยัน" in bound.hears(yes)
    asked_again = nid.hears("ยืนยัน")  # without the code it may belong to talk
    assert "ยอดนี้สูง" in asked_again
    assert "หรือพิมพ์ “ยืนยัน" in asked_again
    assert payments(session) == []
    assert "บันทึกแล้ว" in nid.hears(yes)
    assert [one.amount for one in payments(session)] == [30_001]


def test_of_a_large_amount_it_is_said_who_took_it_and_who_confirmed(
    session: Session, number: str, bound: Room, nid: Room
) -> None:
    for member in session.scalars(select(StaffMember)):
        member.name = "พลอย" if member.role == "manager" else "นิด"
    yes, _no = bound.buttons(f"{number} 30,001")
    said = nid.hears(yes)
    for part in ("รับเงินโดย", '"พลอย"', "ยืนยันโดย", '"นิด"'):
        assert part in said
    own = take(bound, f"{number} 29,000")
    assert "ยืนยันโดย" not in own
    assert '"พลอย"' in own


def test_points_that_changed_between_the_question_and_the_yes_are_said(
    session: Session, clinic: Clinic, number: str, bound: Room
) -> None:
    yes, _no = bound.buttons(f"{number} 3500")
    clinic.own_settings = {"points": {"per_baht": "0.2"}}
    said = bound.hears(yes)
    assert "700 แต้ม" in said
    assert "ตอนที่ถามบอกไว้ว่า 350 แต้ม" in said
    clinic.own_settings = {"group_till": {"again_minutes": 0}, "points": {"per_baht": "0.2"}}
    assert "ตอนที่ถาม" not in take(bound, f"{number} 3500")


def test_ones_own_card_wants_another_member(session: Session, clinic: Clinic, bound: Room, nid: Room) -> None:
    own = meet_on_line(session, clinic, PLOY, NOW).customer
    points.create_loyalty_profile(session, own, NOW)
    yes, _no = bound.buttons(f"{own.member_number} 500")
    assert "ต้องให้สมาชิกอีกคนยืนยัน" in bound.hears(yes)
    assert payments(session) == []
    assert "บันทึกแล้ว" in nid.hears(yes)


def test_a_card_that_only_they_ever_recorded_on_wants_another_member(
    session: Session, clinic: Clinic, number: str, bound: Room, nid: Room
) -> None:
    clinic.own_settings = {"group_till": {"alone_above": 4_000}}
    take(bound, f"{number} 3500")
    yes, _no = bound.buttons(f"{number} 900")
    assert "ต้องให้สมาชิกอีกคนยืนยัน" in bound.hears(yes)
    assert "บันทึกแล้ว" in nid.hears(yes)
    bound.talk.now = NOW + timedelta(hours=3)
    assert "ต้องให้สมาชิกอีกคนยืนยัน" not in bound.hears(f"{number} 1000")  # by now somebody else has, too


def test_who_is_alone_in_a_branch_may_take_a_customers_next_payments(
    session: Session, number: str, bound: Room
) -> None:
    """Up to a sum in thirty days; it counts anew after these."""
    for amount in ("3500", "500", "6000"):
        assert "บันทึกแล้ว" in take(bound, f"{number} {amount}")
    assert "เกิน ฿10,000 ใน 30 วัน" in bound.hears(f"{number} 1")
    bound.talk.now = NOW + timedelta(days=31)
    assert "ถูกต้องไหมคะ" in bound.hears(f"{number} 9000")
    assert "ต้องให้สมาชิกอีกคนยืนยัน" in bound.hears(f"{number} 10001")


def test_the_same_card_and_amount_within_ten_minutes_is_asked_about(
    session: Session, number: str, bound: Room, nid: Room
) -> None:
    early, _no = nid.buttons(f"{number} 3500")
    take(bound, f"{number} 3500")
    assert "บันทึกอีกรายการไหมคะ" in nid.hears(f"{number} 3500")
    assert "บันทึกอีกรายการไหมคะ" in nid.hears(early)  # asked before, when there was no other
    assert len(payments(session)) == 1
    assert "บันทึกแล้ว" in nid.hears(early)
    assert len(payments(session)) == 2


def test_what_the_till_has_told_already_earns_nothing_and_staff_decide(
    session: Session, customer: Customer, number: str, bound: Room, nid: Room
) -> None:
    paid(
        session,
        customer,
        source="till",
        external_id="1",
        amount=Decimal(3_500),
        paid_at=NOW,
        service_code=None,
        now=NOW,
    )
    yes, _no = bound.buttons(f"{number} 3500")
    assert "ยังไม่ได้แต้ม" in bound.hears(yes)
    profile = session.get_one(LoyaltyProfile, (customer.id, customer.clinic_id))
    assert profile.total_points == 450
    same, another = nid.buttons("รายการซ้ำ")
    assert "ต้องให้สมาชิกอีกคนยืนยัน" in bound.hears(another)  # not who recorded it
    assert "เป็นคนละรายการ: 350 แต้ม" in nid.hears(another)
    assert profile.total_points == 800
    assert "ไม่มีรายการที่รอคำตอบ" in nid.hears(same)
    assert "ไม่มีรายการที่รอตัดสิน" in nid.hears("รายการซ้ำ")


def test_codes_typed_at_random_are_noted_and_then_not_looked_at(
    session: Session, clinic: Clinic, customer: Customer, number: str, bound: Room, nid: Room
) -> None:
    clinic.own_settings = {"group_till": {"guesses": 3}}
    assert "ไม่พบเลขนี้" in bound.hears(f"{cards.new_number()} 100")
    assert "ไม่พบโค้ด" in bound.hears("AAAA2222")
    assert "พิมพ์ไม่ถูก" in bound.hears(f"{number[:-1]}{(int(number[-1]) + 1) % 10} 100")
    assert acts(session) == [("guess", "stopped", each) for each in ("unknown_card", "unknown_code", "unknown_card")]
    for text in (f"{number} 100", "BBBB3333", "ใช้ BBBB3333 ได้ไหม"):
        assert "ไม่พบหลายครั้งเกินไป" in bound.hears(text)
    assert "ถูกต้องไหมคะ" in nid.hears(f"{number} 100")
    bound.talk.now = NOW + timedelta(hours=1)
    assert "ถูกต้องไหมคะ" in bound.hears(f"{number} 100")


def test_a_phone_of_nobody_yet_keeps_the_payment_for_them(session: Session, clinic: Clinic, bound: Room) -> None:
    assert "ยังไม่ได้เพิ่มเพื่อนใน LINE" in bound.hears("3500 081-234-5678")
    take(bound, "3500 0812345678")
    (payment,) = payments(session)
    assert payment.points == 350
    bound.talk.now = NOW + timedelta(hours=1)
    bound.write("+66812345678 900")
    people = {one.customer_id for one in session.scalars(select(StaffAct)) if one.kind == "payment"}
    assert people == {payment.customer_id}  # one record stands for one phone


def test_a_proved_phone_is_its_owners_and_a_told_one_nobodys(
    session: Session, clinic: Clinic, customer: Customer, bound: Room
) -> None:
    contacts.tell(session, customer, "phone", "0811111111", source="till", now=NOW)
    identify(session, customer, "phone", "+66822222222", NOW)
    session.flush()
    assert "Mali" not in bound.hears("3500 0811111111")
    assert "Mali" in bound.hears("3500 0822222222")
