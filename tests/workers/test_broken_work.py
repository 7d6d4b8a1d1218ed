"""Each queue with one row that breaks it: everybody else's is done, that one is kept, and is done once it is mended."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.orm import InstrumentedAttribute

from customers import staff_members
from facts import appointments
from facts.told import AppointmentTold, Details, Person
from loyalty import notifications
from models.access import StaffGroup
from models.appointments import Appointment
from models.conversations import InboxEvent, OutgoingReply, Send
from models.customers import LineLink
from models.loyalty import Notification
from models.staff import StaffMember
from models.staff_notices import StaffNotice
from runtime import work
from tests.fixtures.house import House, clinic_of
from tests.workers.staffed import rated, team
from tests.workers.test_isolation import ALL_WELL, MATURED


@dataclass(frozen=True)
class Break:
    """Which column of one person's row is spoilt, by what."""

    column: InstrumentedAttribute[Any]
    whose: Callable[[LineLink], ColumnElement[bool]]
    spoilt: object = b"nobody's seal"

    @property
    def rows(self) -> Any:
        return self.column.class_


LINK = Break(LineLink.user_id_sealed, lambda link: LineLink.user_index == link.user_index)
BREAKS = {
    "inbox": Break(InboxEvent.raw_sealed, lambda link: InboxEvent.actor_index == link.user_index),
    "replies": Break(OutgoingReply.body_sealed, lambda link: OutgoingReply.customer_id == link.customer_id),
    "sends": Break(Send.body_sealed, lambda link: Send.customer_id == link.customer_id),
    "notifications": Break(
        Notification.data,
        lambda link: and_(Notification.customer_id == link.customer_id, Notification.kind == "points_matured"),
        {},
    ),
    "menus": LINK,
    "profiles": LINK,
    "staff_notices": Break(StaffNotice.data, lambda link: StaffNotice.customer_id == link.customer_id, {}),
    "appointments": Break(Appointment.service_sealed, lambda link: Appointment.customer_id == link.customer_id),
    "memberships": Break(StaffMember.user_id_sealed, lambda link: StaffMember.member_index == link.user_index),
}


def test_every_queue_is_broken_once() -> None:
    """The calendar's by every job, in `test_broken_rows.py`; the last three in `tests/followups/test_broken.py`."""
    assert set(BREAKS) | {"calendar", "planning", "rules", "followups"} == set(work.queues)


def on_duty(house: House, link: LineLink) -> None:
    """They are in a group of the staff, too."""
    made = {"channel": house.simulator.channel_id, "name": "Staff", "members": [link.user_id]}
    group_id = house.simulator.call("POST", "groups", made)["group_id"]
    clinic = link.customer.clinic
    group = StaffGroup(clinic_id=clinic.id, clinic=clinic, group_id=group_id, created_at=house.noon)
    house.session.add(group)
    house.session.flush()
    staff_members.meet(house.session, group, str(link.user_id), house.noon)


def kept(house: House, link: LineLink) -> None:
    """They have come to an appointment whose time is over since."""
    clinic, began = link.customer.clinic, house.noon - timedelta(hours=2)
    person = Person(ours=link.customer_id)
    told = Details(person, began, house.noon + timedelta(minutes=1), service="HydraFacial")
    facts = AppointmentTold(str(link.customer_id), "come", 1, began, told)
    appointments.told(house.session, clinic, "standard", facts, house.noon)
    [one] = house.session.scalars(select(Appointment).where(Appointment.customer_id == link.customer_id))
    one.ends_at = house.noon - timedelta(hours=1)


@pytest.mark.parametrize("name", BREAKS)
def test_one_row_that_breaks_its_queue_is_kept_until_it_is_mended(name: str, house: House) -> None:
    session, broken = house.session, BREAKS[name]
    mali, som = (house.person(clinic_of(house, "aura")) for _ in range(2))
    for link in (mali, som):
        notifications.write(session, link.customer, "points_matured", house.noon, data={"points": 7})
        if name == "memberships":
            on_duty(house, link)
        if name == "staff_notices":
            rated(house, link.customer)
        if name == "appointments":
            kept(house, link)
    session.commit()
    if name == "staff_notices":
        team(house, clinic_of(house, "aura"))
    if name == "replies":
        house.answered(clinic_of(house, "aura"))
    session.expire_all()
    good = session.scalars(select(broken.column).where(broken.whose(som))).one()

    def put(value: object) -> None:
        written = update(broken.rows).where(broken.whose(som)).values({broken.column.key: value})
        session.execute(written.execution_options(synchronize_session=False))
        session.commit()

    put(broken.spoilt)
    house.later()
    house.work()
    assert house.fate(mali) == ALL_WELL
    assert house.heard(mali, MATURED) == 1
    assert name in {line.split()[1] for line in house.flask("work").splitlines() if line.startswith("aura ")}
    queue = work.queues[name]
    assert session.scalar(select(queue.id_).where(queue.waiting)) is not None

    put(good)
    for _ in range(3):
        house.later()
        house.work()
    assert house.fate(som) == ALL_WELL
    assert house.heard(som, MATURED) == 1
    assert house.heard(som) == house.heard(mali) + (name == "notifications"), "the birthday's is a message of its own"
    assert house.flask("work") == "Nothing waits, nothing is stuck, every clinic is at work.\n"
