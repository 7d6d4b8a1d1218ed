"""What stands beside a card in the staff's group and is no payment: money that goes back, and points."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from customers import cards
from loyalty import points
from models.customers import Customer, LineLink
from models.loyalty import LoyaltyProfile
from tests.bot.room import NID, Room
from tests.bot.test_group_till import acts, allowed, payments, take
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
    return str(customer.member_number)


@pytest.mark.parametrize(
    "text",
    [
        "{number} -500", "{number} - 500", "{number} −500", "{number} –500", "{spaced} -฿500", "{number} ฿-500",
        "{number}-500", "-500 {number}", f"{PHONE} -500", "{number} ลบ 500", "{number} หัก 500 บาท",
        "{number} minus 500", "คืนเงิน {number} 500", "{number} 500 ขอคืนเงินค่ะ", "{number} ลูกค้าขอเงินคืน 500",
        "{number} คืนยอด 500", "{number} คืน 500", "refund {number} 500", "{number} 500 refunded", "{number} Refund 500",
        "{number} โอนคืน 500", "{number} จ่ายคืนลูกค้า 500", "{number} คืนค่ามัดจำ 500 บาท", "{number} ทอน 500",
        "{number} give back 500", "{number} returned 500", "{number} 500 ยกเลิก",
        "ยกเลิก {number} 500", "void {number} 500", "{number} 500 cancel", f"คืนเงิน 500 {PHONE}",
        "{number} รีฟันด์ 500", "{number} 3500 -500",
    ],
)  # fmt: skip
def test_money_that_goes_back_is_never_taken_for_a_payment(
    session: Session, number: str, bound: Room, text: str
) -> None:
    said = bound.hears(text.format(number=number, spaced=cards.spaced(number)))
    assert "ยังไม่ได้บันทึกอะไร" in said
    assert "“เลิกทำ”" in said
    assert "คืนเงินที่เครื่องคิดเงิน" in said
    assert payments(session) == []
    assert acts(session) == []
    assert bound.hears("ยืนยัน") == "group_talk"


@pytest.mark.parametrize(
    "text",
    [
        "{number} 3500.-",
        "{number} 3500-",
        "{number} 3,500,- ลบรอยสัก",
        "{number} 3500 คืนความอ่อนเยาว์",
        "{number} กลางคืน 3500",
    ],
)
def test_what_only_looks_so_is_a_payment(number: str, bound: Room, text: str) -> None:
    assert "ถูกต้องไหมคะ" in bound.hears(text.format(number=number))


def test_what_was_recorded_a_moment_ago_is_named_with_a_button_that_takes_it_back(
    session: Session, customer: Customer, number: str, bound: Room
) -> None:
    take(bound, f"{number} 500")
    said = bound.hears(f"{number} -500")
    for part in ("฿500", "Mali", "ย้อนรายการ"):
        assert part in said
    (undo,) = bound.buttons(f"คืนเงิน {number} 500")
    assert "ย้อนรายการแล้ว" in bound.hears(undo)
    assert session.get_one(LoyaltyProfile, (customer.id, customer.clinic_id)).total_points == 100
    take(bound, f"{number} 700")
    bound.talk.now = NOW + timedelta(minutes=11)
    assert "ยังไม่ได้บันทึกอะไร" in bound.hears(f"{number} -700")


def test_talk_of_refunds_is_talk_and_a_code_beside_the_word_is_answered(number: str, bound: Room) -> None:
    assert bound.hears("คืนเงินลูกค้าแล้วนะคะ 500 บาท") == "group_talk"
    assert bound.hears("refund 500") == "group_talk"
    take(bound, f"{number} 500")
    assert "เลิกทำ" in bound.hears("คืนเงิน A7K2")


def test_cancel_with_a_code_declines_what_waits_and_takes_back_what_was_done(
    session: Session, customer: Customer, number: str, bound: Room
) -> None:
    yes, no = bound.buttons(f"{number} 500")
    code = no.split()[-1]
    assert "ไม่บันทึกแล้ว: ฿500 ของ Mali" in bound.hears(f"ยกเลิก {code}")
    assert payments(session) == []
    yes, _no = bound.buttons(f"{number} 600")
    bound.write(yes)
    assert "ย้อนรายการแล้ว" in bound.hears(f"cancel {yes.split()[-1]}")
    assert session.get_one(LoyaltyProfile, (customer.id, customer.clinic_id)).total_points == 100
    bound.write(f"{number} 700")
    assert "ไม่บันทึกแล้ว: ฿700 ของ Mali" in bound.hears("ยกเลิก")
    assert bound.hears("ยกเลิก") == "group_talk"
    assert bound.hears("ยกเลิกนัดคุณแอนนะคะ") == "group_talk"


@pytest.mark.parametrize(
    "text", ["−50,000 แต้ม ให้ Ploy", "-50 แต้ม Ploy", "+200 points for Mali", "{number} 200 แต้ม", f"{PHONE} +200 แต้ม"]
)
def test_points_without_a_card_a_sign_or_a_reason_are_answered_with_how_to(
    session: Session, number: str, bound: Room, text: str
) -> None:
    assert "พร้อมเครื่องหมาย + หรือ -" in bound.hears(text.format(number=number))
    assert (payments(session), acts(session)) == ([], [])


@pytest.mark.parametrize(
    ("text", "by"),
    [
        ("{number} −60 แต้ม บันทึกซ้ำ", "−60"),
        ("{number} +1,200 คะแนน บันทึกซ้ำ", "+1,200"),
        ("-60 แต้ม {number} บันทึกซ้ำ", "−60"),
    ],
)
def test_signed_points_beside_a_card_are_a_managers_correction(
    session: Session, number: str, bound: Room, text: str, by: str
) -> None:
    said = bound.hears(text.format(number=number))
    assert f"{by} แต้ม" in said
    assert "เหตุผล" in said
    assert "ปรับแล้ว" in bound.hears("ยืนยัน")
    (act,) = [one for one in acts(session) if one[0] != "guess"]
    assert act[:2] == ("adjust", "done")
    assert payments(session) == []


def test_points_are_for_managers_and_of_points_one_may_talk(session: Session, number: str, bound: Room) -> None:
    allowed(session, bound, NID)
    assert "เฉพาะผู้จัดการ" in bound.of(NID).hears(f"{number} -50 แต้ม บันทึกซ้ำ")
    assert bound.hears("วันนี้โปร +500 แต้มทั้งวัน") == "group_talk"
    assert bound.hears("500 แต้มแลกอะไรได้บ้าง") == "group_talk"


def test_an_amount_beside_a_code_that_is_over_is_answered(session: Session, bound: Room) -> None:
    """Nothing was recorded, and whoever typed it hears so."""
    assert "ตอนนี้ไม่พบรหัส K96AQ" in bound.hears("K96AQ 500")
    assert bound.hears("ห้อง K96AQ 500") == "group_talk"
