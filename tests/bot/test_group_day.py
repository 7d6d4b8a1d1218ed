"""Finding somebody, the day, help, and referrals that wait, in the staff's group."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.chats.find import SHOWN
from customers import cards, contacts, names, staff_members
from customers.people import identify, new_customer
from facts.merged import merge
from loyalty import points
from models.clinics import Clinic
from models.customers import Customer, LineLink
from models.facts import Referral
from models.staff import StaffAct, StaffMember
from tests.bot.room import NID, Room
from tests.fixtures.clinic import NOW, make_clinic

PHONE = "0812345678"


@pytest.fixture
def customer(session: Session, mali: LineLink) -> Customer:
    names.call(session, mali.customer, "คุณMali Srisuk")
    points.create_loyalty_profile(session, mali.customer, NOW)
    identify(session, mali.customer, "phone", "+66812345678", NOW)
    session.flush()
    return mali.customer


@pytest.fixture
def nid(session: Session, bound: Room) -> Room:
    """Staff, and no manager."""
    group = session.scalars(select(StaffMember)).one().group
    staff_members.allow(session, staff_members.meet(session, group, NID, NOW), "staff", NOW, by="staff")
    return bound.of(NID)


def acts(session: Session) -> list[tuple[str, str, str | None]]:
    found = session.scalars(select(StaffAct).order_by(StaffAct.created_at, StaffAct.id))
    return [(one.kind, one.state, one.reason) for one in found]


def test_somebody_is_found_by_phone_or_number_and_it_is_kept(session: Session, customer: Customer, nid: Room) -> None:
    number = cards.spaced(str(customer.member_number))
    for text in (f"ค้นหา {PHONE}", "find 081-234-5678", f"ค้นหา {number}"):
        said = nid.hears(text)
        for part in ("Mali", "บรอนซ์", number, "…678"):
            assert part in said
        assert "Srisuk" not in said
        assert PHONE[:7] not in said
    assert acts(session) == [("find", "done", None)] * 3
    assert {one.customer_id for one in session.scalars(select(StaffAct))} == {customer.id}


def test_a_family_with_one_phone_is_shown_whole(
    session: Session, clinic: Clinic, customer: Customer, bound: Room
) -> None:
    child = new_customer(session, clinic, NOW)
    child.display_name = "Fah"
    contacts.tell(session, child, "phone", PHONE, source="till", now=NOW)
    session.flush()
    said = bound.hears(f"ค้นหา {PHONE}")
    assert "Mali" in said
    assert "Fah" in said


def test_searches_are_counted_by_member_and_hour(
    session: Session, clinic: Clinic, customer: Customer, bound: Room, nid: Room
) -> None:
    clinic.own_settings = {"group_till": {"finds_an_hour": 2}}
    nid.write(f"ค้นหา {PHONE}")
    assert "ไม่พบลูกค้า" in nid.hears("ค้นหา 0899999999")
    assert "ค้นได้คนละ 2 ครั้งต่อชั่วโมง" in nid.hears(f"ค้นหา {PHONE}")
    assert acts(session)[-1] == ("find", "stopped", "finds_an_hour")
    assert "Mali" in bound.hears(f"ค้นหา {PHONE}")
    nid.talk.now = NOW + timedelta(hours=1)
    assert "Mali" in nid.hears(f"ค้นหา {PHONE}")


def test_a_stranger_finds_nobody(session: Session, customer: Customer, bound: Room) -> None:
    for said in (PHONE, "Mali"):
        assert "ทำได้เฉพาะคนที่ผู้จัดการอนุญาตแล้ว" in bound.of(NID).hears(f"ค้นหา {said}")
    assert acts(session) == []


@pytest.mark.parametrize(
    "text",
    [
        "find Mali",
        "ค้นหา mali",
        "ค้นหาMali",
        "find mal",
        "find srisuk",
        "find Mali Sri",
        "find คุณMali",
        "find Khun Mali",
        "find K. Mali",
        "find K.Mali",
        "find Ms Mali",
        "ค้นหา นางสาว Mali",
        "ค้นหา น.ส. Mali",
        "ค้นหา คุณ Mali",
    ],
)
def test_somebody_is_found_by_a_name_or_how_it_begins(
    session: Session, customer: Customer, nid: Room, text: str
) -> None:
    said = nid.hears(text)
    assert "Mali" in said
    assert "…678" in said
    assert "Srisuk" not in said
    assert [(one.kind, one.customer_id) for one in session.scalars(select(StaffAct))] == [("find", customer.id)]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("find ma", "ไม่พบลูกค้า"),
        ("find suk", "ไม่พบลูกค้า"),
        ("find Mali Ken", "ไม่พบลูกค้า"),
        ("find M", "หรือชื่อลูกค้า"),
        ("find Mali 0812345678", "Mali"),
    ],
)
def test_a_piece_of_a_name_finds_nobody(customer: Customer, nid: Room, text: str, says: str) -> None:
    assert says in nid.hears(text)


def test_of_a_name_that_many_have_more_is_asked_for(
    session: Session, clinic: Clinic, customer: Customer, nid: Room
) -> None:
    for number in range(SHOWN):
        names.call(session, new_customer(session, clinic, NOW), f"Mali Other{'abcdef'[number]}")
    other = new_customer(session, make_clinic(session, "other", "Other"), NOW)
    names.call(session, other, "Mali Elsewhere")
    session.flush()
    said = nid.hears("find mali")
    assert "6 คน" in said
    assert acts(session) == [("find", "done", None)]
    assert "Mali" in nid.hears("find mali otherd")


def test_a_new_name_takes_the_place_of_the_old_one_and_a_merge_keeps_both(
    session: Session, clinic: Clinic, customer: Customer, nid: Room
) -> None:
    names.call(session, customer, "Ploy")
    assert "ไม่พบลูกค้า" in nid.hears("find mali")
    assert "Ploy" in nid.hears("find ploy")
    record = new_customer(session, clinic, NOW)
    names.call(session, record, "Ploy")
    session.flush()
    merge(session, record, customer, NOW, actor="staff")
    assert nid.hears("find ploy").count("…678") == 1


def test_the_day_holds_what_was_done_and_what_was_stopped_and_by_whom(
    session: Session, customer: Customer, bound: Room, nid: Room
) -> None:
    for member in session.scalars(select(StaffMember)):
        member.name = "พลอย" if member.role == "manager" else "นิด"
    yes, _no = bound.buttons(f"{customer.member_number} 3500")
    bound.write(yes)
    nid.write(f"{customer.member_number} 999999")
    said = nid.hears("วันนี้")
    for part in ("1 · ฿3,500", "นิด: ยอดสูงกว่าที่กำหนด (฿999,999)"):
        assert part in said
    nid.talk.now = NOW + timedelta(days=1)
    assert "0 · ฿0" in nid.hears("today")
    assert "ทำได้เฉพาะคนที่ผู้จัดการอนุญาตแล้ว" in bound.of("U" + "f" * 32).hears("วันนี้")


def own(text: str) -> dict[str, object]:
    return {"index": 0, "length": 5, "type": "user", "userId": "U" + "b" * 32, "isSelf": True}


def test_help_is_given_for_the_word_and_for_whatever_is_addressed_to_the_account(bound: Room) -> None:
    for said in (bound.hears("คำสั่ง"), bound.hears("help"), bound.hears("วิธีใช้"), bound.hears("@Aura ดีจ้า", own("@Aura"))):
        assert "ในกลุ่มนี้พิมพ์ได้ดังนี้ค่ะ" in said
        assert "ค้นหา 08…" in said
    assert bound.hears("ดีจ้า") == "group_talk"


def test_an_unbound_group_learns_how_to_be_bound(room: Room) -> None:
    called = [room.hears(f"@Aura {text}", own("@Aura")) for text in ("ช่วยด้วย", "3,500", "3500 0812345678")]
    for said in (str(room.event("join").reply.messages), *called):
        assert "ผูกกลุ่ม โค้ด" in said
    assert "ผูกกลุ่ม โค้ด" in room.hears("ช่วยด้วย")
    for text in ("3,500", "3500 0812345678", "มา 12 คน"):
        assert room.hears(text) == "group_not_bound"


@pytest.mark.parametrize(("nth", "state"), [(0, "qualified"), (1, "refused")])
def test_a_manager_decides_referrals_that_wait(
    session: Session, clinic: Clinic, customer: Customer, bound: Room, nid: Room, nth: int, state: str
) -> None:
    friend = new_customer(session, clinic, NOW)
    session.flush()
    referral = Referral(
        clinic_id=clinic.id, referrer_id=customer.id, friend_id=friend.id, state="review", reason="many_in_a_day",
        bound_at=NOW,
    )  # fmt: skip
    session.add(referral)
    session.flush()
    assert "การแนะนำที่รอตัดสิน 1" in bound.hears("วันนี้")
    friend.display_name = "Ken Chaiyo"
    assert "Mali แนะนำ Ken" in bound.hears("รายการแนะนำ")
    buttons = bound.buttons("รายการแนะนำ")
    assert "ทำได้เฉพาะผู้จัดการของกลุ่ม" in nid.hears(buttons[nth])
    assert referral.decided_by is None
    said = bound.hears(buttons[nth])
    for part in ("รับทราบค่ะ", "Mali", "Ken"):
        assert part in said
    assert referral.state == state
    assert (referral.decided_by or "").startswith("staff:")
    assert "ไม่มีรายการที่รอคำตอบ" in bound.hears(buttons[nth])
    assert "ไม่มีการแนะนำที่รอตัดสิน" in bound.hears("รายการแนะนำ")
