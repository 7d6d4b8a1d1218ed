"""One purchase that was told of two records before they were made one: both have counted, and the staff say."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import facts.paid
from customers.people import new_customer
from facts.cut import cut, of
from facts.merged import merge
from facts.refunded import refunded
from loyalty import ledger, points
from loyalty.entries import Cause
from loyalty.reconcile import check
from models.clinics import Clinic
from models.customers import Customer
from models.facts import Payment
from models.loyalty import PointTransaction
from models.staff_notices import StaffNotice
from runtime.language import Language
from tests.bot.room import Room
from tests.bot.test_notices_that_ride import customer as customer  # noqa: PLC0414 - a fixture
from tests.fixtures.clinic import NOW

TH = Language("th")
MINUTE = timedelta(minutes=1)
HOUR = 60 * MINUTE


@pytest.fixture
def record(session: Session, clinic: Clinic, customer: Customer, bound: Room) -> Customer:
    """Of the same person, who paid at the counter with their card."""
    yes, _no = bound.buttons(f"{customer.member_number} 3500")
    bound.write(yes)
    return new_customer(session, clinic, NOW)


def pays(session: Session, who: Customer, *, after: timedelta = 5 * MINUTE, baht: int = 3500) -> None:
    facts.paid.paid(
        session, who, source="square", external_id="1", amount=Decimal(baht), paid_at=NOW + after, service_code=None,
        now=NOW + after,
    )  # fmt: skip


def standing(session: Session, customer: Customer) -> tuple[int, int, Decimal, str]:
    session.flush()
    profile = points.profile_of(session, customer)
    assert profile is not None
    session.refresh(profile)
    return profile.available_points, profile.total_points, profile.total_spent, profile.current_tier


def joined(session: Session, customer: Customer, record: Customer, bound: Room) -> tuple[str, str]:
    """The buttons of what the group reads next: the same purchase, another."""
    pays(session, record)
    merge(session, record, customer, NOW + 6 * MINUTE, actor="staff")
    bound.talk.now = NOW + 10 * MINUTE
    same, another = bound.buttons("ไปกินข้าวกัน")
    return same, another


def test_the_staff_are_told_and_a_tap_takes_back_what_the_second_brought(
    session: Session, customer: Customer, record: Customer, bound: Room
) -> None:
    once = standing(session, customer)
    same, another = joined(session, customer, record, bound)
    assert standing(session, customer) != once
    assert "เป็นรายการเดียวกัน" in bound.hears(same)
    assert standing(session, customer) == once
    for later in (same, another):
        assert TH("No payment waits for a decision.") in bound.hears("รายการซ้ำ")
        assert "เป็นคนละรายการ" not in bound.hears(later)
    assert standing(session, customer) == once
    assert check(session, customer.clinic) == []


def test_what_was_spent_of_it_is_owed(session: Session, customer: Customer, record: Customer, bound: Room) -> None:
    once = standing(session, customer)
    same, _another = joined(session, customer, record, bound)
    profile = ledger.open_profile(session, customer, NOW + 11 * MINUTE)
    ledger.spend(session, profile, profile.available_points, Cause("reward", key="all"), NOW + 11 * MINUTE)
    bound.hears(same)
    available, *rest = standing(session, customer)
    assert available < 0
    assert rest == [*once[1:]]


def test_what_refunds_have_taken_is_not_taken_twice(
    session: Session, customer: Customer, record: Customer, bound: Room
) -> None:
    once = standing(session, customer)
    same, _another = joined(session, customer, record, bound)
    payment = session.scalars(select(Payment).where(Payment.source == "square")).one()
    refunded(
        session, payment, external_id="r1", amount=Decimal(1750), refunded_at=NOW + 20 * MINUTE, now=NOW + 20 * MINUTE
    )
    bound.hears(same)
    assert standing(session, customer) == once


@pytest.fixture
def promising(clinic: Clinic) -> None:
    """What is paid brings its points three days later."""
    clinic.choose(points={"treatment_pending_days": 3})


@pytest.mark.usefixtures("promising")
def test_what_was_promised_twice_comes_once(
    session: Session, customer: Customer, record: Customer, bound: Room
) -> None:
    same, _another = joined(session, customer, record, bound)
    bound.hears(same)
    ledger.open_profile(session, customer, NOW + 100 * HOUR)
    by_the_second = select(PointTransaction.amount).where(PointTransaction.source == "treatment")
    assert session.scalars(by_the_second).all() == [350]


def test_another_purchase_keeps_what_it_brought(
    session: Session, customer: Customer, record: Customer, bound: Room
) -> None:
    same, another = joined(session, customer, record, bound)
    both = standing(session, customer)
    assert "เป็นคนละรายการ" in bound.hears(another)
    assert bound.hears(same)
    assert standing(session, customer) == both
    assert TH("No payment waits for a decision.") in bound.hears("รายการซ้ำ")


def test_it_says_of_whom_and_who_told_it(session: Session, customer: Customer, record: Customer, bound: Room) -> None:
    pays(session, record)
    merge(session, record, customer, NOW + 6 * MINUTE, actor="staff")
    bound.talk.now = NOW + 10 * MINUTE
    said = bound.hears("ไปกินข้าวกัน")
    for part in ("฿3,500 · Mali", "Square", "ข้อมูลอีกชุด"):
        assert part in said
    bound.talk.now = NOW + 11 * MINUTE
    assert bound.hears("ไปกินข้าวกัน") == "group_talk"
    assert "Square" in bound.hears("รายการซ้ำ")


@pytest.mark.parametrize(
    ("after", "baht"), [(2 * HOUR + MINUTE, 3500), (5 * MINUTE, 3600)], ids=["more than two hours", "another amount"]
)
def test_of_what_was_two_purchases_nothing_is_said(
    session: Session, customer: Customer, record: Customer, bound: Room, after: timedelta, baht: int
) -> None:
    pays(session, record, after=after, baht=baht)
    merge(session, record, customer, NOW + after + MINUTE, actor="staff")
    assert not session.scalars(select(StaffNotice).where(StaffNotice.kind == "doubted_payment")).all()


def test_nothing_is_said_any_more_of_two_who_were_taken_apart(
    session: Session, customer: Customer, record: Customer, bound: Room
) -> None:
    pays(session, record)
    merge(session, record, customer, NOW + 6 * MINUTE, actor="staff")
    merged = session.scalars(select(Payment).where(Payment.source == "square")).one()
    assert merged.like_id is not None
    cut(session, of(session, customer, NOW + 7 * MINUTE), NOW + 7 * MINUTE, actor="staff")
    bound.talk.now = NOW + 10 * MINUTE
    assert bound.hears("ไปกินข้าวกัน") == "group_talk"
    (notice,) = session.scalars(select(StaffNotice).where(StaffNotice.kind == "doubted_payment"))
    assert (notice.state, notice.reason) == ("skipped", "over")
    assert TH("No payment waits for a decision.") in bound.hears("รายการซ้ำ")
