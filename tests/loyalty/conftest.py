"""A clinic with achievements, and a customer to whom things happen."""

import pytest
from sqlalchemy.orm import Session

from loyalty.defaults.achievements import seed
from models.clinics import Clinic
from models.customers import LineLink
from tests.fixtures.facts import Facts


@pytest.fixture
def facts(session: Session, mali: LineLink) -> Facts:
    return Facts(session, mali.customer)


@pytest.fixture
def seeded(session: Session, clinic: Clinic) -> Clinic:
    seed(session, clinic)
    return clinic
