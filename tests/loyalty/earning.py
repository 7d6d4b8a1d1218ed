"""What the tests of earning share: people, visits, and what was earned."""

from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from customers.people import meet_on_line
from facts.visited import visited
from loyalty import check_in, points
from loyalty.errors import EarningRefused
from models.clinics import Clinic
from models.customers import Customer, JourneyEvent
from models.facts import Visit
from models.loyalty import PointTransaction
from tests.fixtures.clinic import NOW

BANGKOK = ZoneInfo("Asia/Bangkok")
TODAY = date(2026, 2, 3)
MIDNIGHT = datetime(2026, 2, 4, tzinfo=BANGKOK)
Property = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def another(session: Session, clinic: Clinic, letter: str = "c") -> Customer:
    customer = meet_on_line(session, clinic, "U" + letter * 32, NOW).customer
    session.flush()
    points.create_loyalty_profile(session, customer, NOW)
    return customer


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(EarningRefused) as refused:
        act()
    return refused.value.code


def earned(session: Session, customer: Customer, source: str) -> list[int]:
    line = PointTransaction
    mine = select(line.amount).where(line.customer_id == customer.id, line.source == source)
    return list(session.scalars(mine.order_by(line.id)))


def facts(session: Session, customer: Customer, type_: str) -> int:
    return (
        session.scalar(select(func.count()).where(JourneyEvent.customer_id == customer.id, JourneyEvent.type == type_))
        or 0
    )


def visit(session: Session, customer: Customer, at: datetime = NOW, name: str = "v1") -> Visit:
    return visited(session, customer, source="till", external_id=name, visited_at=at, service_code="facial", now=at)


def text(session: Session, customer: Customer, day: date = TODAY) -> str:
    return check_in.day_text(customer.clinic, session, day)
