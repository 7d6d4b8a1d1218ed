"""What a receptionist ordinarily writes in the staff's group, and what people write there to each other."""

from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from customers import cards, contacts, names
from customers.people import identify, meet_on_line, new_customer
from loyalty import points, rewards
from models.clinics import Clinic
from models.customers import Customer, LineLink
from models.facts import Payment, Referral
from models.rewards import Redemption
from models.staff import StaffAct
from runtime import codes
from tests.bot.room import NID, Room
from tests.bot.test_group_till import allowed
from tests.fixtures.clinic import NOW
from tests.fixtures.rewards import enrich, make_reward

PHONE = "+66812345678"
ROWS = [tuple(line.split("\t")) for line in (Path(__file__).parent / "group.tsv").read_text().splitlines()[1:]]
"""(what is answered, by a name of `SAYS`; what is written). `talk`: nothing is."""


@pytest.fixture
def mali_srisuk(session: Session, mali: LineLink) -> Customer:
    """A member with a phone of her own."""
    points.create_loyalty_profile(session, mali.customer, NOW)
    names.call(session, mali.customer, "Mali Srisuk")
    contacts.tell(session, mali.customer, "phone", PHONE, source="till", now=NOW)
    identify(session, mali.customer, "phone", PHONE, NOW)
    session.flush()
    return mali.customer


@pytest.fixture
def ken(session: Session, clinic: Clinic) -> Customer:
    customer = meet_on_line(session, clinic, "U" + "9" * 32, NOW).customer
    points.create_loyalty_profile(session, customer, NOW)
    names.call(session, customer, "Ken Tanaka")
    friend = new_customer(session, clinic, NOW)
    names.call(session, friend, "ข้าวหอม ใจดี")
    session.flush()
    row = {"state": "review", "reason": "many_in_a_day", "bound_at": NOW}
    session.add(Referral(clinic_id=clinic.id, referrer_id=customer.id, friend_id=friend.id, **row))
    session.flush()
    return customer


@pytest.fixture
def coupon(session: Session, clinic: Clinic, mali_srisuk: Customer) -> Redemption:
    enrich(session, mali_srisuk, 1_000)
    return rewards.redeem(session, mali_srisuk, make_reward(session, clinic).id, NOW)


@pytest.fixture
def desk(bound: Room, mali_srisuk: Customer, ken: Customer, coupon: Redemption) -> Room:
    """Ploy, who may act; {m} is Mali's number, {c} the code of her coupon, {l} that of the card she holds up."""
    return bound


SAYS = {
    "asks": ["฿3,500", "ถูกต้องไหมคะ"],
    "who": ["Mali", "ส่งเลขสมาชิกกับยอดเงินในข้อความเดียว"],
    "mali": ["Mali", "…678"],
    "ken": ["Ken", "บรอนซ์"],
    "nobody": ["ไม่พบลูกค้า"],
    "how to find": ["ตามด้วยเบอร์โทร"],
    "how to pay": ["เลขสมาชิก", "3500"],
    "how to tie": ["ผูกบัตร M"],
    "how to adjust": ["ปรับแต้ม M"],
    "how to use": ["โค้ด"],
    "used": ["ใช้โค้ดแล้ว"],
    "here": ["Mali มาใช้บริการวันนี้"],
    "day": ["วันนี้", "การชำระเงิน 0"],
    "help": ["ในกลุ่มนี้พิมพ์ได้ดังนี้ค่ะ"],
    "team": ["ใครทำรายการในกลุ่มนี้ได้"],
    "doubts": ["ไม่มีรายการที่รอตัดสิน"],
    "referrals": ["Ken แนะนำ"],
    "requests": ["ไม่มีคำขอ"],
    "nothing done": ["ยังไม่ได้บันทึกอะไร"],
    "eight signs": ["8 ตัว", "ใช้โค้ด 7KQM 2XRA"],
    "four signs": ["4 ตัว", "A7K2"],
    "to undo": ["4 ตัว", "เลิกทำ A7K2"],
    "in the list": ["6 ตัว", "3F9A1C"],
    "on the button": ["6 ตัว", "3F9A1C"],
    "to link": ["ออกรหัสผูกข้อมูล 081-234-5678"],
    "to end": ["มอบสิทธิ์ A7K2"],
    "number": ["M 4829 1375", "8 หลัก"],
    "who to allow": ["@"],
    "adjusts": ["+200", "ชดเชย"],
}


def test_ordinary_wordings_are_answered(
    session: Session, desk: Room, mali_srisuk: Customer, coupon: Redemption
) -> None:
    rows = [row for row in ROWS if row[0] != "talk"]
    assert len(rows) >= 60
    number, wrong = str(mali_srisuk.member_number), {}
    living = cards.show(session, mali_srisuk, NOW).text.partition("-")[2]
    forms = {"m": number, "spaced": cards.spaced(number), "low": number.lower(), "c": coupon.code, "l": living}
    for what, text in rows:
        with session.begin_nested() as alone:
            said = desk.hears(text.format(**forms))
            paid = session.scalars(select(Payment)).all()
            alone.rollback()
        if paid or not all(part in said for part in SAYS[what]):
            wrong[text] = said
    assert wrong == {}, "\n".join(f"{text}: {said[:150]}" for text, said in wrong.items())


def test_what_people_write_to_each_other_is_left_alone(session: Session, desk: Room) -> None:
    stranger, heard = desk.of("U" + "f" * 32), {}
    for text in [text for what, text in ROWS if what == "talk"]:
        for room in (desk, stranger):
            if (said := room.hears(text)) != "group_talk":
                heard[text] = said
    assert heard == {}
    assert session.scalars(select(StaffAct)).all() == []


@pytest.mark.parametrize(
    "no", ["ไม่", "ไม่ค่ะ", "no", "No.", "ไม่ใช่", "ไม่เอา", "ผิด", "ไม่บันทึก", "don't record", "ยกเลิก", "cancel"]
)
def test_a_bare_no_drops_what_oneself_has_asked_for_and_says_so(
    session: Session, desk: Room, mali_srisuk: Customer, no: str
) -> None:
    desk.write(f"{mali_srisuk.member_number} 3500")
    said = desk.hears(no)
    for part in ("฿3,500", "Mali", "ไม่บันทึก"):
        assert part in said
    act = session.scalars(select(StaffAct).where(StaffAct.kind == "payment")).one()
    assert act.state == "declined"
    assert desk.hears("ไม่") == "group_talk"


@pytest.mark.parametrize("no", ["ไม่", "no"])
def test_a_colleagues_bare_no_is_talk(session: Session, desk: Room, mali_srisuk: Customer, no: str) -> None:
    allowed(session, desk, NID)
    desk.write(f"{mali_srisuk.member_number} 30,001")
    assert desk.of(NID).hears(no) == "group_talk"
    assert session.scalars(select(StaffAct).where(StaffAct.kind == "payment")).one().state == "asked"


@pytest.mark.parametrize(
    "yes",
    ["ยืนยัน", "ยืนยันค่ะ", "confirm", "บันทึก", "บันทึกเลยค่ะ", "ยืนยัน{code}", "ยืนยัน {code} ค่ะ", "confirm{code}", "ok {code}"],
)
def test_a_yes_records_it(session: Session, desk: Room, mali_srisuk: Customer, yes: str) -> None:
    desk.write(f"{mali_srisuk.member_number} 3500")
    act = session.scalars(select(StaffAct).where(StaffAct.kind == "payment")).one()
    assert "บันทึกแล้ว" in desk.hears(yes.format(code=act.code.lower()))
    assert len(session.scalars(select(Payment)).all()) == 1


@pytest.mark.parametrize("yes", ["ใช่", "ใช่ค่ะ", "ok", "โอเค", "yes", "ได้เลย"])
def test_a_word_that_may_belong_to_talk_shows_the_question_again(
    session: Session, desk: Room, mali_srisuk: Customer, yes: str
) -> None:
    """Somebody may just have said that the customer has not paid yet."""
    desk.write(f"{mali_srisuk.member_number} 3500")
    said = desk.hears(yes)
    for part in ("“ยืนยัน”", "฿3,500", "ถูกต้องไหมคะ"):
        assert part in said
    assert session.scalars(select(Payment)).all() == []


def test_cancelling_what_was_recorded_is_asked_about(session: Session, desk: Room, mali_srisuk: Customer) -> None:
    desk.write(f"{mali_srisuk.member_number} 3500")
    desk.write("ยืนยัน")
    for text in ("ยกเลิกรายการ", "ยกเลิกค่ะ", "cancel that"):
        said = desk.hears(text)
        for part in ("฿3,500", "Mali", "เลิกทำ"):
            assert part in said
    (undo,) = desk.buttons("ยกเลิกรายการ")
    assert session.scalars(select(Payment)).one().uncounted is None
    assert "ย้อนรายการแล้ว" in desk.hears(undo)


def test_a_stranger_is_told_why_and_changes_nothing(session: Session, desk: Room, mali_srisuk: Customer) -> None:
    stranger = desk.of("U" + "f" * 32)
    for text in ("หา คุณ Ken", "แนะนำ", "วันนี้", f"{mali_srisuk.member_number} 3500", "เลิกทำ", "ค้นหา 0812345678"):
        said = stranger.hears(text)
        assert "ทำได้เฉพาะ" in said
        assert "Tanaka" not in said
    for text in ("หา Ken", "ค้นหา", "รับเงิน", "ผูกบัตร", "ใช้โค้ด"):
        assert stranger.hears(text) == "group_talk"
    assert session.scalars(select(StaffAct)).all() == []


def test_a_code_that_is_looked_for_says_what_it_is_for_and_whether_it_is_still_good(
    desk: Room, coupon: Redemption
) -> None:
    shown = codes.spaced(coupon.code)
    for text in (f"ค้นหา {coupon.code}", f"หา {shown} ค่ะ"):
        for part in ("รางวัล mask", "Mali", f"จะให้ใช้โค้ด {shown} เลยไหมคะ"):
            assert part in desk.hears(text)
    assert coupon.state == "issued"
    desk.write(coupon.code)
    assert f"{shown} (รางวัล mask) ถูกใช้ไปแล้วค่ะ เมื่อ 3 ก.พ. 2569" in desk.hears(f"ค้นหา {coupon.code}")
    coupon.state, coupon.settled_at = "issued", None
    desk.talk.now = coupon.expires_at
    said = desk.hears(f"find {coupon.code}")
    assert f"{shown} (รางวัล mask) หมดอายุแล้วค่ะ" in said
    assert "ไม่พบโค้ด" in desk.hears("ค้นหา AAAA2222")
    assert "ทำได้เฉพาะ" in desk.of("U" + "f" * 32).hears(f"ค้นหา {coupon.code}")


def test_a_colleague_is_looked_for_in_the_room_and_a_customer_of_that_name_here(
    session: Session, clinic: Clinic, desk: Room
) -> None:
    member = allowed(session, desk, NID)
    member.name = "แนน ใจดี"
    for text in ("หา พี่ Nan", "หาพี่แนนหน่อยค่ะ", "หา พี่แนน", "หาแนน"):
        assert desk.hears(text) == "group_talk"
    assert "ไม่พบลูกค้า" in desk.hears("ค้นหา แนน")
    nan = new_customer(session, clinic, NOW)
    names.call(session, nan, "Nan Suwan")
    session.flush()
    assert "Nan" in desk.hears("หา พี่แนน")
