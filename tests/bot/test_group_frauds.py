"""Who would have points from nothing, in the staff's group: leaving before the second yes, undoing, telling twice."""

from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from facts.paid import paid
from loyalty import points
from models.clinics import Clinic
from models.customers import Customer, LineLink
from models.loyalty import LoyaltyProfile
from tests.bot.room import NID, Room
from tests.bot.test_group_till import acts, allowed, payments, take
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
def nid(session: Session, bound: Room) -> Room:
    """A second member, who is staff."""
    allowed(session, bound, NID)
    return bound.of(NID)


@pytest.mark.parametrize("leaves", ["by themselves", "removed"])
def test_what_somebody_asked_for_who_has_left_is_recorded_by_nobody(
    session: Session, number: str, bound: Room, nid: Room, leaves: str
) -> None:
    """Two stand for a large amount: one of them is gone, and whoever is there asks anew."""
    yes, _no = nid.buttons(f"{number} 30,001")
    if leaves == "removed":
        bound.write(f"ถอดสิทธิ์ @{NID}", {"index": 10, "length": 34, "type": "user", "userId": NID})
    else:
        bound.event("memberLeft", left={"members": [{"type": "user", "userId": NID}]})
    assert "กรุณาส่งใหม่ด้วยตนเอง" in bound.hears(yes)
    assert payments(session) == []
    assert acts(session) == [("payment", "stopped", "asker_left")]
    assert "จบไปแล้ว" in bound.hears(yes) or "ส่งใหม่ด้วยตนเอง" in bound.hears(yes)
    assert "ทำได้เฉพาะคนที่ผู้จัดการอนุญาตแล้ว" in nid.hears(yes)


def test_who_was_to_say_yes_and_has_left_says_nothing(session: Session, number: str, bound: Room, nid: Room) -> None:
    yes, _no = bound.buttons(f"{number} 30,001")
    bound.event("memberLeft", left={"members": [{"type": "user", "userId": NID}]})
    assert "ทำได้เฉพาะคนที่ผู้จัดการอนุญาตแล้ว" in nid.hears(yes)
    assert payments(session) == []
    allowed(session, bound, NID)
    assert "บันทึกแล้ว" in nid.hears(yes)


def test_paying_and_undoing_leaves_nothing_and_counts_towards_no_limit(
    session: Session, clinic: Clinic, customer: Customer, number: str, bound: Room
) -> None:
    """Neither points nor a visit to review can be had by recording and taking back."""
    clinic.own_settings = {"group_till": {"daily_payments": 2}}
    for _ in range(3):
        take(bound, f"{number} 3500")
        assert "ย้อนรายการแล้ว" in bound.hears("เลิกทำ")
    profile = session.get_one(LoyaltyProfile, (customer.id, customer.clinic_id))
    assert [profile.total_points, profile.total_spent, profile.total_visits] == [100, 0, 0]
    assert {one.uncounted for one in payments(session)} == {"void"}
    assert "บันทึกแล้ว" in take(bound, f"{number} 3500")


def test_a_payment_that_the_till_tells_after_the_group_earns_nothing_until_staff_decide(
    session: Session, customer: Customer, number: str, bound: Room, nid: Room
) -> None:
    take(bound, f"{number} 3500")
    told = paid(
        session, customer, source="till", external_id="1", amount=Decimal(3_500), paid_at=NOW, service_code=None,
        now=NOW,
    )  # fmt: skip
    assert (told.payment.uncounted, told.earned) == ("possible_duplicate", 0)
    same, _another, *_of_the_notice = nid.buttons("รายการซ้ำ")
    nid.write(same)
    profile = session.get_one(LoyaltyProfile, (customer.id, customer.clinic_id))
    assert (told.payment.uncounted, profile.total_points) == ("duplicate", 450)
    # The one in the group was the slip: taken back, and what the till told does not come alive by it.
    assert "ย้อนรายการแล้ว" in bound.hears("เลิกทำ")
    assert profile.total_points == 100
