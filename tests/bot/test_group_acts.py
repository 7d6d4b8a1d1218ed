"""A phone's record tied to a card, and points adjusted by a manager: with a yes, in the group, by words alone."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from customers import cards, staff_members
from customers.people import identify, meet_on_line
from loyalty import points, reconcile
from models.clinics import Clinic
from models.customers import Customer, JourneyEvent, LineLink
from models.facts import Payment
from models.loyalty import LoyaltyProfile, PointTransaction
from models.staff import StaffAct, StaffMember
from tests.bot.room import NID, PLOY, Room
from tests.bot.test_group_till import allowed, take
from tests.fixtures.clinic import NOW

PHONE = "081-234-5678"


@pytest.fixture
def customer(session: Session, mali: LineLink) -> Customer:
    """Mali, a member with the welcome's 100 points."""
    mali.customer.display_name = "Mali Srisuk"
    points.create_loyalty_profile(session, mali.customer, NOW)
    return mali.customer


@pytest.fixture
def number(customer: Customer) -> str:
    return cards.spaced(str(customer.member_number))


@pytest.fixture
def nid(session: Session, bound: Room) -> Room:
    """Staff, and no manager."""
    allowed(session, bound, NID)
    return bound.of(NID)


def profile_of(session: Session, customer: Customer) -> LoyaltyProfile:
    session.expire_all()
    return session.get_one(LoyaltyProfile, (customer.id, customer.clinic_id))


def told_by(session: Session, type_: str) -> list[str | None]:
    return [one.data.get("by") for one in session.scalars(select(JourneyEvent).where(JourneyEvent.type == type_))]


def actor(session: Session, user_id: str) -> str:
    group = session.scalars(select(StaffMember)).first()
    assert group is not None
    member = staff_members.find(session, group.group, user_id)
    assert member is not None
    return staff_members.actor(member)


def test_what_was_recorded_on_a_phone_becomes_the_members(
    session: Session, clinic: Clinic, customer: Customer, number: str, bound: Room, nid: Room
) -> None:
    take(bound, f"3500 {PHONE}")
    take(nid, f"900 {PHONE}")
    asked = nid.hears(f"ผูกบัตร {number} {PHONE}")
    for part in ("Mali", "2 · ฿4,400", "440 แต้ม", "ภายใน 30 วัน"):
        assert part in asked
    assert profile_of(session, customer).total_points == 100
    assert "540 แต้ม" in nid.hears("ยืนยัน")
    assert {one.customer_id for one in session.scalars(select(Payment))} == {customer.id}
    assert profile_of(session, customer).total_spent == 4_400
    assert told_by(session, "tied") == [actor(session, NID)]
    assert "เป็นของ Mali อยู่แล้ว" in bound.hears(f"ผูกบัตร {number} {PHONE}")
    assert "Mali" in bound.hears(f"700 {PHONE}")  # from now on the phone is hers here
    assert reconcile.check(session, clinic) == []


def test_a_tie_is_not_undone_and_says_so(session: Session, number: str, bound: Room) -> None:
    take(bound, f"3500 {PHONE}")
    yes, _no = bound.buttons(f"ผูกบัตร {number} {PHONE}")
    bound.write(yes)
    assert "ย้อนกลับไม่ได้" in bound.hears("เลิกทำ")
    assert "บันทึกไปแล้ว" in bound.hears(yes)


def test_a_no_or_ten_minutes_tie_nothing(session: Session, customer: Customer, number: str, bound: Room) -> None:
    take(bound, f"3500 {PHONE}")
    yes, no = bound.buttons(f"ผูกบัตร {number} {PHONE}")
    bound.write(no)
    assert "จึงไม่ได้บันทึก" in bound.hears(yes)
    yes, _no = bound.buttons(f"ผูกบัตร {number} {PHONE}")
    bound.talk.now = NOW + timedelta(minutes=11)
    assert "รอเกิน 10 นาที" in bound.hears(yes)
    assert profile_of(session, customer).total_points == 100


@pytest.mark.parametrize("text", ["ผูกบัตร {number}", f"ผูกบัตร {PHONE}", f"tie {{number}} {PHONE} 0899999999"])
def test_a_tie_takes_a_number_and_a_phone(number: str, bound: Room, text: str) -> None:
    assert "เลขสมาชิกกับเบอร์โทร" in bound.hears(text.format(number=number))


def test_a_phone_of_nobody_and_one_of_somebody_else_are_not_tied(
    session: Session, clinic: Clinic, customer: Customer, number: str, bound: Room
) -> None:
    assert "ยังไม่เคยบันทึก" in bound.hears(f"ผูกบัตร {number} {PHONE}")
    take(bound, f"3500 {PHONE}")
    owner = meet_on_line(session, clinic, "U" + "f" * 32, NOW).customer
    identify(session, owner, "phone", "+66812345678", NOW)
    session.flush()
    assert "คนอื่นยืนยันแล้ว" in bound.hears(f"ผูกบัตร {number} {PHONE}")
    assert profile_of(session, customer).total_points == 100


def test_to_ones_own_card_another_member_ties(session: Session, clinic: Clinic, bound: Room, nid: Room) -> None:
    own = meet_on_line(session, clinic, PLOY, NOW).customer
    points.create_loyalty_profile(session, own, NOW)
    take(bound, f"3500 {PHONE}")
    yes, _no = bound.buttons(f"tie {own.member_number} {PHONE}")
    assert "ต้องให้สมาชิกอีกคนยืนยัน" in bound.hears(yes)
    assert profile_of(session, own).total_points == 100
    assert "หรือพิมพ์" in nid.hears("ยืนยัน")
    assert "ผูกแล้ว" in nid.hears(yes)
    assert profile_of(session, own).total_points == 450


def test_a_manager_adjusts_points_with_a_reason(
    session: Session, clinic: Clinic, customer: Customer, number: str, bound: Room
) -> None:
    asked = bound.hears(f"ปรับแต้ม {number} +1,200 ชดเชยที่รอนาน")
    for part in ("+1,200 แต้ม", "Mali", "100 แต้ม", "ชดเชยที่รอนาน"):
        assert part in asked
    assert profile_of(session, customer).available_points == 100
    assert "ปรับแล้ว" in bound.hears("ยืนยัน")
    held = profile_of(session, customer)
    assert (held.available_points, held.total_points, held.current_tier) == (1_300, 100, "bronze")
    entry = session.scalars(select(PointTransaction).where(PointTransaction.type == "adjusted")).one()
    ploy = actor(session, PLOY)
    assert (entry.amount, entry.description, entry.actor) == (1_200, "ชดเชยที่รอนาน", ploy)
    assert told_by(session, "points_adjusted") == [ploy]
    act = session.scalars(select(StaffAct).where(StaffAct.kind == "adjust")).one()
    assert (act.points, act.words) == (1_200, "ชดเชยที่รอนาน")
    assert act.words_sealed is not None
    assert "ชดเชย".encode() not in act.words_sealed
    assert reconcile.check(session, clinic) == []


def test_what_is_taken_is_what_is_there(session: Session, customer: Customer, number: str, bound: Room) -> None:
    bound.write(f"adjust {number} -101 entered twice")
    assert "ขาดอีก 1 แต้ม" in bound.hears("ยืนยัน")
    bound.write(f"adjust {number} −60 entered twice")
    bound.write("ยืนยัน")
    assert profile_of(session, customer).available_points == 40


def test_an_adjustment_is_undone(
    session: Session, clinic: Clinic, customer: Customer, number: str, bound: Room
) -> None:
    for text in (f"ปรับแต้ม {number} +200 ชดเชย", f"ปรับแต้ม {number} -60 บันทึกซ้ำ"):
        bound.write(text)
        bound.write("ยืนยัน")
        assert "ย้อนรายการแล้ว" in bound.hears("เลิกทำ")
        held = profile_of(session, customer)
        assert (held.available_points, held.total_points) == (100, 100)
        assert "ย้อนไปแล้ว" in bound.hears("เลิกทำ")
    assert len(told_by(session, "adjustment_undone")) == 2
    assert reconcile.check(session, clinic) == []


def test_staff_who_are_no_managers_adjust_nothing(
    session: Session, customer: Customer, number: str, bound: Room, nid: Room
) -> None:
    assert "เฉพาะผู้จัดการ" in nid.hears(f"ปรับแต้ม {number} +200 ชดเชย")
    yes, _no = bound.buttons(f"ปรับแต้ม {number} +200 ชดเชย")
    assert "เฉพาะผู้จัดการ" in nid.hears(yes)
    assert profile_of(session, customer).available_points == 100


@pytest.mark.parametrize(
    "text", ["+200", "200 ชดเชย", "+200 ", "+0 ชดเชย", "+99999999 ชดเชย", "+9,999,999 ชดเชย", "ชดเชย"]
)
def test_an_adjustment_says_which_way_how_much_and_why(number: str, bound: Room, text: str) -> None:
    assert "พร้อมเครื่องหมาย + หรือ -" in bound.hears(f"ปรับแต้ม {number} {text}")


def test_talk_that_begins_with_these_words_is_talk(bound: Room) -> None:
    assert bound.hears("ปรับแต้มให้คุณแอนแล้วนะ") == "group_talk"
    assert bound.hears("ผูกบัตรหรือยัง") == "group_talk"
