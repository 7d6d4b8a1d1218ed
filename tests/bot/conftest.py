"""A group of the staff, before and after it is the clinic's own."""

import pytest
from sqlalchemy.orm import Session

from bot.routes import Table
from customers import staff
from models.clinics import Clinic
from tests.bot.room import Room
from tests.fixtures.clinic import NOW


@pytest.fixture
def room(session: Session, clinic: Clinic, table: Table) -> Room:
    return Room(session, clinic, table)


@pytest.fixture
def bound(session: Session, clinic: Clinic, room: Room) -> Room:
    room.write(f"bind {staff.make_code(session, clinic, NOW)}")
    return room
