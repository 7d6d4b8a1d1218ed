"""Undoing in the staff's group: by the button under what was recorded, or by words."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cards import points as cards
from customers import staff_members
from loyalty import points, rewards
from loyalty.defaults import achievements
from models.clinics import Clinic
from models.customers import Customer, LineLink
from models.facts import Payment, Visit
from models.loyalty import LoyaltyProfile
from models.staff import StaffAct, StaffMember
from runtime.language import Language
from tests.bot.room import GROUP, NID, Room
from tests.fixtures.clinic import NOW
from tests.fixtures.rewards import enrich, make_reward


@pytest.fixture
def customer(session: Session, mali: LineLink) -> Customer:
    mali.customer.display_name = "Mali Srisuk"
    points.create_loyalty_profile(session, mali.customer, NOW)
    return mali.customer


@pytest.fixture
def nid(session: Session, bound: Room) -> Room:
    """Staff, and no manager."""
    group = session.scalars(select(StaffMember)).one().group
    staff_members.allow(session, staff_members.meet(session, group, NID, NOW), "staff", NOW, by="staff")
    return bound.of(NID)


def total(session: Session, customer: Customer) -> int:
    return session.get_one(LoyaltyProfile, (customer.id, customer.clinic_id)).total_points


def test_a_payment_is_taken_back_by_its_button_and_recorded_anew(
    session: Session, customer: Customer, bound: Room
) -> None:
    yes, _no = bound.buttons(f"{customer.member_number} 3500")
    (undo,) = bound.buttons(yes)
    assert "ย้อนรายการแล้วค่ะ: ฿3,500 ของ Mali" in bound.hears(undo)
    assert total(session, customer) == 100
    yes, _no = bound.buttons(f"{customer.member_number} 3800")
    assert "380 แต้ม" in bound.hears(yes)
    assert total(session, customer) == 480
    assert "ย้อนไปแล้ว" in bound.hears(undo)


def test_the_customers_history_says_what_was_taken_back(session: Session, customer: Customer, bound: Room) -> None:
    achievements.seed(session, customer.clinic)
    yes, _no = bound.buttons(f"{customer.member_number} 3500")
    (undo,) = bound.buttons(yes)
    bound.write(undo)
    lines, _older = points.history(session, customer)
    named = {line.id: points.named(session, customer.clinic, [line]).get(line.id) for line in lines}  # a page each
    for language, taken in (("th", "ย้อนรายการ"), ("en", "Taken back")):
        goal = {"th": "ก้าวแรกด้วยกัน", "en": "First Purchase"}[language]
        said = {line.amount: cards.said(Language(language), line, named.get(line.id)) for line in lines}
        assert (said[-350], said[-100]) == (taken, f"{taken}: {goal}")


def test_words_alone_take_back_what_oneself_did_last(session: Session, customer: Customer, nid: Room) -> None:
    nid.write(f"{customer.member_number} 3500")
    nid.write("ยืนยัน")
    assert "ย้อนรายการแล้ว" in nid.hears("เลิกทำ")
    assert "฿3,500 · Mali ย้อนไปแล้วเมื่อ" in nid.hears("เลิกทำ")
    assert nid.hears("เลิกทำงานกี่โมงคะ") == "group_talk"


def test_a_colleagues_payment_is_a_managers_to_take_back(
    session: Session, customer: Customer, bound: Room, nid: Room
) -> None:
    yes, _no = bound.buttons(f"{customer.member_number} 3500")
    (undo,) = bound.buttons(yes)
    stranger = bound.of("U" + "f" * 32)
    assert "ทำได้เฉพาะคนที่ผู้จัดการอนุญาตแล้ว" in stranger.hears(undo)
    assert "เฉพาะคนที่บันทึกหรือผู้จัดการ" in nid.hears(undo)
    nid.source = {"type": "group", "groupId": GROUP}
    assert "LINE ไม่ได้แจ้งว่าใคร" in nid.hears(undo)
    assert total(session, customer) == 450
    bound.talk.now = NOW + timedelta(minutes=11)
    assert "เกิน 10 นาทีแล้ว" in bound.hears(undo)


def test_what_its_points_bought_is_named(session: Session, clinic: Clinic, customer: Customer, nid: Room) -> None:
    yes, _no = nid.buttons(f"{customer.member_number} 9000")
    (undo,) = nid.buttons(yes)
    rewards.redeem(session, customer, make_reward(session, clinic).id, NOW)
    assert "แต้มของรายการนี้ถูกใช้แล้ว (รางวัล mask)" in nid.hears(undo)
    assert total(session, customer) == 1_000


def test_a_visit_is_noted_once_a_day_and_taken_back(session: Session, customer: Customer, bound: Room) -> None:
    (here,) = bound.buttons(str(customer.member_number))
    (undo,) = bound.buttons(here)
    assert "วันนี้บันทึกแล้วว่า Mali มาใช้บริการ" in bound.hears(f"มาแล้ว {customer.member_number}")
    assert "การมาใช้บริการ" in bound.hears(undo)
    assert [one.uncounted for one in session.scalars(select(Visit))] == ["void"]
    assert session.scalars(select(Payment)).all() == []


def test_a_code_is_good_again(session: Session, clinic: Clinic, customer: Customer, bound: Room) -> None:
    enrich(session, customer, 1_000)
    redemption = rewards.redeem(session, customer, make_reward(session, clinic).id, NOW)
    states: list[str] = []
    (undo,) = bound.buttons(redemption.code)
    states.append(redemption.state)
    assert "ใช้ได้อีกครั้ง" in bound.hears(undo)
    states.append(redemption.state)
    bound.write(redemption.code)
    assert [*states, redemption.state] == ["used", "issued", "used"]


@pytest.mark.parametrize("again", ["เลิกทำ", "undo", "ยกเลิกรายการ", "{button}"])
def test_who_says_it_twice_takes_back_one_thing(session: Session, customer: Customer, nid: Room, again: str) -> None:
    """The older one stands, and its button is beside the answer of a bare word."""
    for amount in (3_500, 3_800):
        yes, _no = nid.buttons(f"{customer.member_number} {amount}")
        (button,) = nid.buttons(yes)
    assert "฿3,800 ของ Mali" in nid.hears("เลิกทำ")
    said = nid.hears(again.format(button=button))
    assert "฿3,800 · Mali ย้อนไปแล้วเมื่อ" in said
    assert ("฿3,500 · Mali" in said) is (again != "{button}")
    assert total(session, customer) == 100 + 350
    standing = session.scalars(select(StaffAct.amount).where(StaffAct.kind == "payment", StaffAct.state == "done"))
    assert standing.all() == [Decimal(3_500)]


def test_what_a_manager_has_taken_back_is_said_to_who_had_recorded_it(
    session: Session, customer: Customer, bound: Room, nid: Room
) -> None:
    for amount in (3_500, 3_800):
        yes, _no = nid.buttons(f"{customer.member_number} {amount}")
        (button,) = nid.buttons(yes)
    bound.write(button)
    assert "฿3,800 · Mali ย้อนไปแล้วเมื่อ" in nid.hears("เลิกทำ")
    assert total(session, customer) == 100 + 350
