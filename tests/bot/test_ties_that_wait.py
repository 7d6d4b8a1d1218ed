"""Questions whose record a till's is, in the staff's group: while they wait, and what came of those of a day."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from customers import ties
from facts import tied
from loyalty import points
from models.customers import Customer, LineLink
from models.ties import CardTie
from tests.bot.room import Room
from tests.bot.test_notices_that_ride import MORNING, told
from tests.fixtures.clinic import NOW


@pytest.fixture
def customer(session: Session, mali: LineLink) -> Customer:
    mali.customer.display_name, mali.followed_at = "Mali Srisuk", NOW
    points.create_loyalty_profile(session, mali.customer, NOW)
    session.flush()
    return mali.customer


def ask(session: Session, customer: Customer, value: str, at: datetime = NOW) -> CardTie:
    tie, new = ties.ask(session, customer, "booking:square", value, at, actor="api:1")
    assert new
    return tie


def test_today_lists_whose_answer_is_waited_for(session: Session, customer: Customer, bound: Room) -> None:
    ask(session, customer, "1")
    said = bound.hears("วันนี้")
    assert "รอลูกค้ายืนยันว่าเป็นเจ้าของประวัติ 1" in said
    assert "Mali: ระบบถามใน LINE อยู่ว่าประวัติในระบบ Square เป็นของตนหรือไม่" in said
    bound.talk.now = NOW + timedelta(minutes=11)
    assert "Square" not in bound.hears("วันนี้")


def test_the_digest_says_what_came_of_those_of_the_day(session: Session, customer: Customer, bound: Room) -> None:
    for value, answer in (("1", None), ("2", False), ("3", True)):
        tie = ask(session, customer, value)
        if answer is not None:
            tied.answered(session, tie, customer, NOW, yes=answer)
    bound.write("ค้นหา 0899999999")
    said = told(bound, MORNING)
    assert "รอลูกค้ายืนยันว่าเป็นเจ้าของประวัติ 2" in said
    assert "Mali: ยังไม่ตอบว่าประวัติในระบบ Square เป็นของตนหรือไม่" in said
    assert "Mali: ตอบว่าประวัติในระบบ Square ไม่ใช่ของตน" in said
