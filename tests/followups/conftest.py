"""Customers of whom there is something to tell."""

from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

import facts.paid
from loyalty import points
from models.customers import LineLink
from tests.fixtures.clinic import NOW


@pytest.fixture
def paid(session: Session, mali: LineLink) -> LineLink:
    """Mali has joined and paid ฿12,000: she earns, rises and unlocks, all at once."""
    points.create_loyalty_profile(session, mali.customer, NOW)
    facts.paid.paid(
        session, mali.customer, source="till", external_id="1", amount=Decimal(12_000), paid_at=NOW, service_code=None,
        now=NOW,
    )  # fmt: skip
    session.commit()
    return mali
