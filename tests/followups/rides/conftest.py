"""Mali in her chat, and the door through which everything goes."""

import pytest
from sqlalchemy.orm import Session

from bot.routes import Table
from channels.call import CallChannel
from channels.in_app import InAppChannel
from models.clinics import Clinic
from models.customers import LineLink
from runtime.context import Runtime
from tests.fixtures.clinic import Talk
from tests.followups.gate import Gate


@pytest.fixture
def gate(session: Session, runtime: Runtime, clinic: Clinic, mali: LineLink) -> Gate:
    return Gate(session, runtime, clinic, mali.customer, (InAppChannel(), CallChannel()))


@pytest.fixture
def talk(session: Session, clinic: Clinic, table: Table, mali: LineLink, gate: Gate) -> Talk:
    talk = Talk(session, clinic, table, mali.user_id or "")
    talk.channels = gate.channels
    return talk
