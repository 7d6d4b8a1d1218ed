"""The five signs of a card, typed alone in the staff's group: whose card it is as long as they live."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from customers import cards
from customers.people import meet_on_line
from facts.merged import merge
from loyalty import points
from models.cards import CardCode
from models.clinics import Clinic
from models.customers import Customer, LineLink
from tests.bot.room import Room
from tests.bot.test_group_till import acts, payments, take
from tests.fixtures.clinic import NOW


@pytest.fixture
def customer(session: Session, mali: LineLink) -> Customer:
    mali.customer.display_name = "Mali Srisuk"
    points.create_loyalty_profile(session, mali.customer, NOW)
    return mali.customer


@pytest.fixture
def code(session: Session, customer: Customer) -> str:
    """What stands on the card that Mali holds up."""
    return cards.show(session, customer, NOW).text.partition("-")[2]


@pytest.mark.parametrize("form", ["{code}", "{low}", " {code} ", "{code}.", "รหัส {code} ค่ะ", "{thai}"])
def test_a_code_alone_shows_who_it_is_as_the_number_does(
    session: Session, customer: Customer, code: str, bound: Room, form: str
) -> None:
    thai = code.translate(str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙"))
    said = bound.hears(form.format(code=code, low=code.lower(), thai=thai))
    for part in ("Mali", "บรอนซ์", "ส่งเลขสมาชิกกับยอดเงินในข้อความเดียว", cards.spaced(str(customer.member_number))):
        assert part in said
    assert "Srisuk" not in said


def test_it_does_what_the_number_does(session: Session, code: str, bound: Room) -> None:
    assert "บันทึกแล้ว" in take(bound, f"{code} 3500")
    assert [one.amount for one in payments(session)] == [3_500]
    assert "บันทึกแล้วว่า Mali มา" in bound.hears(f"มาแล้ว {code}")
    assert "Mali" in bound.hears(f"ค้นหา {code}")
    assert "ปรับแล้ว" in bound.hears(bound.buttons(f"ปรับแต้ม {code} +200 ชดเชย")[0])
    assert "ยังไม่ได้บันทึกอะไร" in bound.hears(f"{code} -700")


def test_one_that_has_run_out_says_so_and_is_no_guess(session: Session, code: str, bound: Room) -> None:
    bound.talk.now = NOW + timedelta(minutes=11)
    for text in (code, f"{code} 3500", f"รหัส {code} ค่ะ", f"ค้นหา {code}"):
        assert f"รหัส {code} หมดเวลาแล้ว" in (said := bound.hears(text))
        assert "เมื่อ 11:40 น." in said
    assert (payments(session), acts(session)) == ([], [])
    bound.talk.now = NOW + timedelta(hours=23)
    assert "เมื่อ 3 ก.พ. 2569 เวลา 11:40 น." in bound.hears(f"หา {code}")
    bound.talk.now = NOW + timedelta(days=2)
    for text in (code, f"ค้นหา {code}", f"find {code.lower()} please"):
        assert f"ตอนนี้ไม่พบรหัส {code}" in bound.hears(text)


def test_one_that_nobody_was_shown_is_a_guess_alone_and_talk_in_a_sentence(session: Session, bound: Room) -> None:
    assert "ตอนนี้ไม่พบรหัส S225Q" in bound.hears("s225q")
    assert acts(session) == [("guess", "stopped", "unknown_card")]
    assert bound.hears("ห้อง B2345 ว่างนะคะ") == "group_talk"
    assert bound.hears("A4ขาวหมดแล้ว") == "group_talk"


def test_of_two_who_have_the_same_nobody_is_taken(session: Session, clinic: Clinic, code: str, bound: Room) -> None:
    ken = Customer(clinic_id=clinic.id, clinic=clinic, created_at=NOW, language_chosen=False)
    session.add(ken)
    session.flush()
    first = session.scalars(select(CardCode)).one()
    session.add(
        CardCode(
            clinic_id=clinic.id, customer_id=ken.id, code_index=first.code_index, until=first.until, created_at=NOW
        )
    )
    session.flush()
    assert "ตอนนี้ไม่พบรหัส" in bound.hears(code)


def test_shown_twice_it_is_one_and_after_a_merge_it_leads_to_who_stays(
    session: Session, clinic: Clinic, customer: Customer, code: str, bound: Room
) -> None:
    assert cards.show(session, customer, NOW).text.endswith(code)
    assert len(session.scalars(select(CardCode)).all()) == 1
    ken = meet_on_line(session, clinic, "U" + "f" * 32, NOW).customer
    ken.display_name = "Ken"
    points.create_loyalty_profile(session, ken, NOW)
    merge(session, customer, ken, NOW, actor="staff")
    assert "Ken" in bound.hears(code)


def test_a_member_whose_name_line_has_not_told_is_called_by_the_number(
    session: Session, customer: Customer, code: str, bound: Room
) -> None:
    customer.display_name = None
    session.flush()
    said = bound.hears(f"{code} 3500")
    assert f"฿3,500 · {cards.spaced(str(customer.member_number))}" in said
    assert "ยังไม่ได้เพิ่มเพื่อน" not in said
