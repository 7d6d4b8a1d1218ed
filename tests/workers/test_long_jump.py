"""The clock is moved on by months: everybody hears of all that passed in one card."""

import json
import threading
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import facts.paid
from customers.people import meet_on_line
from followups import notifications as telling
from loyalty import points
from models.clinics import Clinic
from models.conversations import Send
from models.customers import Customer
from models.loyalty import LoyaltyProfile, Notification
from runtime.context import Runtime
from tests.fixtures.clinic import NOW, At, make_clinic
from tests.followups.news import BANGKOK, CHANNELS, drain
from workers import calendar
from workers.catching_up import CatchingUp

LATER = datetime(2026, 5, 10, 12, 0, tzinfo=BANGKOK)
LONG_AGO = NOW - timedelta(days=320)


class Turns(threading.Event):
    """Lets the calendar begin so many turns of its only clinic."""

    def __init__(self, turns: int) -> None:
        super().__init__()
        self.left = 2 * turns

    def is_set(self) -> bool:
        self.left -= 1
        return self.left < 0


def make_up(runtime: Runtime, clinic: Clinic, turns: int) -> int:
    """Some batches of the days that are due; how many days are left."""
    slow = replace(runtime, timing=replace(runtime.timing, calendar_turn=timedelta(0)))
    calendar.run_due(slow, [clinic.id], Turns(turns))
    return calendar.days_behind(runtime)


@pytest.fixture
def clinic(session: Session) -> Clinic:
    """Where points live a month, so that months and not years have to pass."""
    points = {"treatment_pending_days": 3, "life_months": 1}
    return make_clinic(session, tiers={"policy": "rolling_12_months"}, points=points)


@pytest.fixture
def member(session: Session, runtime: Runtime, clinic: Clinic) -> Customer:
    """Gold, with points that expire and points that are promised, and a birthday in April; all of today is told."""
    who = meet_on_line(session, clinic, "U" + "a" * 32, NOW).customer
    points.adjust_points(session, who, 3_000, "test", now=LONG_AGO, actor="staff", counts=True)
    points.create_loyalty_profile(session, who, NOW)
    facts.paid.paid(
        session, who, source="till", external_id="1", amount=Decimal(1_000), paid_at=NOW, service_code=None, now=NOW
    )
    who.birth_month_day = "04-14"
    session.commit()
    assert make_up(replace(runtime, clock=At(NOW)), clinic, 100) == 0
    drain(runtime, NOW + timedelta(minutes=1))
    return who


def said(session: Session) -> list[str]:
    session.expire_all()
    sends = session.scalars(select(Send).order_by(Send.id))
    return [json.loads(send.body or b"")[0]["altText"] for send in sends]


def test_many_months_are_one_card(session: Session, runtime: Runtime, clinic: Clinic, member: Customer) -> None:
    """Whenever news is looked for: while the days are made up, turn by turn, and afterwards."""
    before, clock, catching_up = len(said(session)), At(LATER), CatchingUp()
    house = replace(runtime, clock=clock)
    left, looks = 10_000, 0
    while left and looks < 100:
        left, looks = make_up(house, clinic, 20), looks + 1
        clock.at += timedelta(seconds=2)
        while telling.merge_one(house, CHANNELS, clinic.id, catching_up):
            pass
    assert left == 0
    assert looks > 10, "each day of each job that has days of its own"
    for _ in range(30):
        clock.at += timedelta(seconds=10)
        while telling.merge_one(house, CHANNELS, clinic.id, catching_up):
            pass
    (card,) = said(session)[before:]
    assert session.get_one(LoyaltyProfile, (member.id, clinic.id)).current_tier != "gold"
    assert card.startswith("สรุปเรื่องของคุณในช่วงที่ผ่านมา")
    for news in ("เข้าแล้ว", "หมดอายุแล้ว", "ของขวัญเดือนเกิด", "ตอนนี้ระดับสมาชิกของคุณคือ"):
        assert card.count(news) == 1, card
    assert "สุขสันต์วันเกิด" not in card
    assert {one.state for one in session.scalars(select(Notification))} == {"sent", "skipped"}
