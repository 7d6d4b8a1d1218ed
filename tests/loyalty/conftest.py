"""A clinic with achievements, and a customer to whom things happen."""

import pytest
from sqlalchemy.orm import Session

from customers.people import meet_on_line
from loyalty import points
from loyalty.defaults.achievements import seed
from models.clinics import Clinic
from models.customers import Customer, LineLink
from tests.fixtures.clinic import NOW
from tests.fixtures.facts import Facts
from tests.loyalty.bringing import Meet


@pytest.fixture
def facts(session: Session, mali: LineLink) -> Facts:
    return Facts(session, mali.customer)


@pytest.fixture
def seeded(session: Session, clinic: Clinic) -> Clinic:
    seed(session, clinic)
    return clinic


@pytest.fixture
def member(session: Session, mali: LineLink) -> Customer:
    """Mali, after she has joined."""
    points.create_loyalty_profile(session, mali.customer, NOW)
    return mali.customer


@pytest.fixture
def meet(session: Session, clinic: Clinic) -> Meet:
    """People who have come to the clinic's account; members when they are to be."""
    met = 0

    def one(*, member: bool = False, at: Clinic = clinic) -> Customer:
        nonlocal met
        met += 1
        customer = meet_on_line(session, at, f"U{met:032x}", NOW).customer
        session.flush()
        if member:
            points.create_loyalty_profile(session, customer, NOW)
        return customer

    return one
