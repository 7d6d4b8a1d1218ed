"""LINE is asked for the staff of a group: for their names, and each day whether they are still there."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from customers import staff, staff_members
from models.clinics import Clinic
from models.staff import StaffMember
from runtime.context import Runtime
from tests.customers.test_profiles import Desk
from tests.fixtures.clinic import NOW, At
from tests.fixtures.running import RunningSimulator
from workers import calendar

METER = 1
"""LINE is asked for it in the same round: what it has counted, and how many are in the group."""


class Till:
    """A bound group of two, in a simulator: Ploy, who is its manager, and Nid, whom nobody has allowed."""

    def __init__(self, runtime: Runtime, simulator: RunningSimulator) -> None:
        self.desk, self.sessions, self.simulator = Desk(runtime, simulator), runtime.sessions, simulator
        self.ploy, self.nid = (
            simulator.call("POST", "people", {"name": name, "language": "th"})["user_id"] for name in ("พลอย", "Nid")
        )
        made = {"channel": simulator.channel_id, "name": "Staff", "members": [self.ploy, self.nid]}
        self.id = simulator.call("POST", "groups", made)["group_id"]
        with self.sessions.begin() as session:
            clinic = session.get_one(Clinic, self.desk.clinic_id)
            code = staff.make_code(session, clinic, NOW)
            group = staff.bind(session, clinic, code, self.id, NOW)
            assert group is not None
            ploy = staff_members.meet(session, group, self.ploy, NOW)
            staff_members.allow(session, ploy, "manager", NOW, by="staff")
            staff_members.meet(session, group, self.nid, NOW)

    def names(self) -> dict[str, str | None]:
        """Name → why it ended."""
        with self.sessions() as session:
            return {str(one.name): one.ended_why for one in session.scalars(select(StaffMember))}

    def next_day(self, runtime: Runtime, day: int) -> None:
        at = replace(runtime, clock=At(NOW + timedelta(days=day)))
        calendar.run_due(at, [self.desk.clinic_id], threading.Event())


@pytest.fixture
def till(runtime: Runtime, simulator: RunningSimulator) -> Till:
    return Till(runtime, simulator)


def test_names_are_asked_at_once_and_kept_sealed(till: Till, session: Session) -> None:
    assert till.desk.fetch() == 2
    assert till.names() == {"พลอย": None, "Nid": None}
    sealed = session.scalars(select(StaffMember.name_sealed)).all()
    assert all(one is not None and "พลอย".encode() not in one and b"Nid" not in one for one in sealed)


def test_who_has_left_without_a_word_to_us_is_found_the_next_day(till: Till, runtime: Runtime) -> None:
    """The simulator's webhooks go nowhere here: nobody hears that Nid has left."""
    till.desk.fetch()
    till.simulator.call("DELETE", f"groups/{till.id}/members/{till.nid}")
    till.next_day(runtime, 1)
    assert till.desk.fetch() == 2 + METER
    assert till.names() == {"พลอย": None, "Nid": "gone"}
    till.next_day(runtime, 2)
    assert till.desk.fetch() == 1 + METER


def test_line_away_ends_nobodys_membership(till: Till) -> None:
    till.simulator.call("POST", "faults", {"kind": "error_500", "on": "/v2/bot/group/", "times": 2})
    assert till.desk.fetch() == 2
    assert till.names() == {"None": None}
    with till.sessions() as session:
        due = session.scalars(select(StaffMember.ask_due_at)).all()
    assert None not in due
