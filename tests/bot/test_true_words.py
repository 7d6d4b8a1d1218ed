"""What the staff's group is told is true in each case in which it is said."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from facts.paid import paid
from loyalty import points, redemptions, rewards
from models.clinics import Clinic
from models.customers import Customer, LineLink
from models.rewards import Redemption
from runtime.codes import spaced
from tests.bot.room import NID, Room
from tests.bot.test_group_till import acts, allowed, take
from tests.fixtures.clinic import NOW
from tests.fixtures.rewards import enrich, make_reward


@pytest.fixture
def customer(session: Session, mali: LineLink) -> Customer:
    mali.customer.display_name = "Mali Srisuk"
    points.create_loyalty_profile(session, mali.customer, NOW)
    return mali.customer


@pytest.fixture
def number(customer: Customer) -> str:
    return str(customer.member_number)


@pytest.fixture
def nid(session: Session, bound: Room) -> Room:
    """Staff, and no manager."""
    allowed(session, bound, NID)
    return bound.of(NID)


@pytest.fixture
def issued(session: Session, clinic: Clinic, customer: Customer) -> Redemption:
    enrich(session, customer, 2_000)
    return rewards.redeem(session, customer, make_reward(session, clinic).id, NOW)


def test_where_no_code_was_said_none_is_spoken_of(number: str, bound: Room) -> None:
    said = bound.hears("เลิกทำ")
    assert "โค้ด" not in said
    assert "คุณยังไม่ได้บันทึกอะไรในกลุ่มนี้ภายใน 10 นาที" in said
    said = bound.hears("เลิกทำ A7K2")
    assert "A7K2" in said
    assert "รอคำตอบ" not in said
    assert "A7K2" in bound.hears("ยืนยัน A7K2")


def test_what_was_taken_back_had_been_recorded(number: str, bound: Room) -> None:
    yes, _no = bound.buttons(f"{number} 3500")
    bound.write(yes)
    bound.write("เลิกทำ")
    said = bound.hears(yes)
    assert "ไม่ได้บันทึก" not in said
    assert "เคยบันทึกแล้ว และถูกย้อนรายการไปแล้ว" in said
    yes, no = bound.buttons(f"{number} 3600")
    bound.write(no)
    assert "ตอบว่าไม่บันทึกไปแล้ว" in bound.hears(yes)


def test_ten_minutes_count_from_what_was_done(number: str, bound: Room) -> None:
    bound.write(f"{number} 3500")
    bound.talk.now = NOW + timedelta(minutes=9)
    bound.write("ยืนยัน")
    bound.talk.now = NOW + timedelta(minutes=18)
    assert "ย้อนรายการแล้ว" in bound.hears("เลิกทำ")


def test_who_said_the_second_yes_did_it_too(number: str, bound: Room, nid: Room) -> None:
    yes, _no = bound.buttons(f"{number} 30,001")
    nid.write(yes)
    assert "ย้อนรายการแล้ว" in nid.hears("เลิกทำ")


def test_what_waited_too_long_is_sent_again_as_what_it_was(number: str, bound: Room) -> None:
    for text in (f"ปรับแต้ม {number} +200 ชดเชย", f"{number} 3500"):
        yes, _no = bound.buttons(text)
        bound.talk.now += timedelta(minutes=11)
        said = bound.hears(yes)
        assert "รอเกิน 10 นาที" in said
        assert "ยอดเงิน" not in said


def test_a_used_code_is_taken_back_by_itself(
    session: Session, customer: Customer, issued: Redemption, bound: Room
) -> None:
    shown = spaced(issued.code)
    assert f"โค้ด {shown} ยังไม่ได้ใช้" in bound.hears(f"เลิกทำ {shown}")
    assert "ใช้โค้ดแล้ว" in bound.hears(issued.code)
    assert "โค้ดของ Mali ใช้ได้อีกครั้ง" in bound.hears(f"เลิกทำ {shown}")
    assert issued.state == "issued"
    bound.write(issued.code)
    bound.talk.now = NOW + timedelta(minutes=11)
    said = bound.hears(f"undo {issued.code}")
    assert "เกิน 10 นาทีแล้ว" in said
    assert "คืนเงินที่เครื่องคิดเงิน" not in said or "ถ้าเป็นการชำระเงิน" in said


def test_a_code_that_was_not_used_here_cannot_be_taken_back_here(
    session: Session, clinic: Clinic, issued: Redemption, bound: Room
) -> None:
    redemptions.confirm(session, clinic, issued.code, NOW, actor="api:till")
    assert "ไม่ได้ใช้ในกลุ่มนี้" in bound.hears(f"เลิกทำ {issued.code}")
    assert issued.state == "used"
    assert "ไม่พบโค้ด" in bound.hears("เลิกทำ AAAA2222")
    assert acts(session) == [("guess", "stopped", "unknown_code")]


def test_the_till_is_named_only_where_it_told(session: Session, customer: Customer, number: str, bound: Room) -> None:
    paid(
        session, customer, source="square", external_id="1", amount=Decimal(3_500), paid_at=NOW, service_code=None,
        now=NOW,
    )  # fmt: skip
    said = take(bound, f"{number} 3500")
    assert "ระบบอื่นแจ้งยอดเดียวกัน" in said
    assert "เครื่องคิดเงิน" not in said


def test_too_many_guesses_are_called_so_when_somebody_is_looked_for(
    session: Session, clinic: Clinic, number: str, bound: Room
) -> None:
    clinic.own_settings = {"group_till": {"guesses": 1}}
    bound.write("AAAA2222")
    assert "ไม่พบหลายครั้งเกินไป" in bound.hears("ค้นหา Mali")
