"""From the chat to the gate: while a complaint is open or somebody is not well, offers rest, and all else goes on."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.routes import Table
from customers import staff
from facts.visited import visited
from loyalty import points
from models.clinics import Clinic
from models.customers import Customer, LineLink
from models.facts import Visit
from runtime.context import Runtime
from tests.bot.room import Room
from tests.fixtures.clinic import NOW, Talk
from tests.followups.gate import CARE, DAY, HEALTH, OFFER, Gate

SENT = ("sent", None)


@pytest.fixture
def gate(session: Session, runtime: Runtime, clinic: Clinic, mali: LineLink) -> Gate:
    """Mali receives offers, also those that a treatment chooses."""
    points.create_loyalty_profile(session, mali.customer, NOW)
    made = Gate(session, runtime, clinic, mali.customer)
    made.agree("marketing", "health_personalisation")
    return made


@pytest.fixture
def room(session: Session, clinic: Clinic, table: Table) -> Room:
    made = Room(session, clinic, table)
    made.write(f"bind {staff.make_code(session, clinic, NOW)}")
    return made


def number(gate: Gate) -> str:
    return str(gate.session.get_one(Customer, (gate.customer.id, gate.clinic.id)).member_number)


def ill(gate: Gate, talk: Talk, _room: Room) -> str:
    talk.say("หายใจไม่ออก")
    return "adverse_reaction"


def displeased(gate: Gate, talk: Talk, _room: Room) -> str:
    visited(
        gate.session, gate.customer, source="till", external_id="W", visited_at=NOW - timedelta(hours=1),
        service_code=None, now=NOW,
    )  # fmt: skip
    newest = select(Visit.id).order_by(Visit.visited_at.desc()).limit(1)
    talk.tap("rate", visit=gate.session.scalars(newest).one(), stars=2)
    return "low_rating"


def complains(gate: Gate, _talk: Talk, room: Room) -> str:
    room.write(f"pause offers {number(gate)} complaint")
    return "complaint"


@pytest.mark.parametrize("happens", [ill, displeased, complains])
def test_offers_rest_and_care_goes_on_until_it_has_ended(
    gate: Gate, talks: Callable[[str], Talk], room: Room, happens: Callable[[Gate, Talk, Room], str]
) -> None:
    talk = talks("U" + "a" * 32)
    offer, health, care = gate.rule(OFFER), gate.rule(HEALTH), gate.rule(CARE)
    why = f"paused:{happens(gate, talk, room)}"
    waiting = [gate.due(rule, NOW) for rule in (offer, health)]
    assert gate.said(care, NOW) == SENT
    assert [gate.fate(id_) for id_ in waiting] == [("planned", why)] * 2
    gate.pass_to(NOW + DAY)
    assert [gate.fate(id_) for id_ in waiting] == [("planned", why)] * 2
    room.talk.now = NOW + DAY + timedelta(hours=1)
    room.write(f"end pause {number(gate)}")
    gate.pass_to(NOW + 2 * DAY)
    assert SENT in [gate.fate(id_) for id_ in waiting]
    assert why not in [reason for _, reason in map(gate.fate, waiting)]
