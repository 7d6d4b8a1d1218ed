"""Whatever is told, in whatever order, by any clock: nothing is said in quiet hours, over a cap, without consent,
twice, about an appointment that no longer holds, or when it is of no use any more.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

import followups.kinds  # noqa: F401
from channels.base import channels
from channels.line.channel import LineChannel
from channels.line.client import Line
from customers.people import meet_on_line
from facts import appointments
from facts.told import AppointmentTold, Details, Person
from facts.visited import visited
from followups import dispatch, hours, planner, preferences, rules
from followups.gates import CAPS
from followups.hours import Window
from followups.rules import Draft
from models.appointments import Appointment, AppointmentState
from models.base import new_id
from models.customers import Customer
from models.followups import FollowupExecution, FollowupRule
from privacy import consent
from runtime.context import Runtime
from tests.fixtures.clinic import At, make_clinic

CHANNELS = channels(LineChannel(Line()))
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
STARTS = [
    datetime(2026, 3, 28, 9, tzinfo=UTC),  # a day before Europe's clocks are put forward
    datetime(2026, 10, 24, 20, tzinfo=UTC),  # and back
    datetime(2028, 2, 27, 12, tzinfo=UTC),  # before a 29th of February
    datetime(2026, 12, 30, 15, tzinfo=UTC),
]
ZONES = ["Asia/Bangkok", "Europe/Berlin", "America/New_York"]
clocks = st.integers(0, 47).map(lambda half: time(half // 2, 30 * (half % 2)))


@dataclass(frozen=True)
class Step:
    """Something is told, or changed; then time passes."""

    what: str
    number: int
    order: int
    window: Window | None
    passes: timedelta


FIRST = (Step("offers", 1, 1, None, MINUTE), Step("booked", 30, 1, None, DAY))
"""After these there is something to say."""


@dataclass
class World:
    """What holds, as the test knows it."""

    offers: bool = False
    own: Window | None = None
    had: list[datetime] = field(default_factory=list)


steps = st.builds(
    Step,
    what=st.sampled_from(
        ["booked", "moved", "confirmed", "cancelled", "offers", "no_offers", "quiet", "edit", "rest", "visit"]
    ),
    number=st.integers(1, 72),
    order=st.integers(1, 9),
    window=st.none() | st.tuples(clocks, clocks).filter(lambda one: one[0] != one[1]),
    passes=st.sampled_from([MINUTE, HOUR, 5 * HOUR, 11 * HOUR, DAY, 9 * DAY]),
)


@given(st.sampled_from(STARTS), st.sampled_from(ZONES), st.lists(steps, min_size=3, max_size=14))
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_is_said_that_should_not_be(
    session: Session, runtime: Runtime, start: datetime, zone: str, told: Sequence[Step]
) -> None:
    play(session, runtime, start, zone, [*FIRST, *told])


def test_what_should_be_said_is_said(session: Session, runtime: Runtime) -> None:
    """Else nothing would be judged above."""
    assert play(session, runtime, STARTS[0], ZONES[1], [*FIRST, *[Step("rest", 1, 1, None, 9 * DAY)] * 2]) == 3


def play(session: Session, runtime: Runtime, start: datetime, zone: str, told: Sequence[Step]) -> int:
    """How much was said."""
    clinic = make_clinic(session, f"c{new_id().hex[:12]}", voice={"zone": zone})
    mali = meet_on_line(session, clinic, "U" + new_id().hex, start).customer
    mali.adult = True
    reminder = rules.make(
        session, clinic, "appointment_reminder",
        Draft(name="Reminder", channels=["line"], active=True, conditions={"hoursBefore": [24, 2]}), start,
    )  # fmt: skip
    for name in ("One", "Two"):
        offer = Draft(name=name, channels=["line"], active=True, conditions={"daysInactive": 14, "ownRhythm": False})
        rules.make(session, clinic, "inactive_reactivation", offer, start)
    visited(session, mali, source="till", external_id="V", visited_at=start, service_code=None, now=start)
    session.commit()
    now, world, seen = start, World(), set[UUID]()
    for place, step in enumerate(told):
        _told(session, mali, reminder, step, world, now, place)
        session.commit()
        until = now + step.passes
        while now < until:
            now = min(until, now + max(MINUTE, step.passes / 6))
            at = replace(runtime, clock=At(now))
            while planner.step(at, clinic.id):
                pass
            while dispatch.step(at, CHANNELS, clinic.id):
                pass
            session.expire_all()
            _judged(session, mali, world, now, seen)
    return len(seen)


def _told(
    session: Session, mali: Customer, reminder: FollowupRule, step: Step, world: World, now: datetime, place: int
) -> None:
    clinic = mali.clinic
    match step.what:
        case "booked" | "moved" | "confirmed" | "cancelled" as state:
            known: AppointmentState = "booked" if state == "moved" else state
            details = Details(Person(ours=mali.id), now + step.number * HOUR) if known == "booked" else None
            exists = session.scalars(select(Appointment.id).where(Appointment.clinic_id == clinic.id)).first()
            if exists is not None or details is not None:
                fact = AppointmentTold("A", known, step.order, now, details)
                appointments.told(session, clinic, "standard", fact, now)
        case "offers" | "no_offers":
            world.offers = step.what == "offers"
            at = now + timedelta(seconds=place)
            consent.decide(
                session, mali, purpose=consent.MARKETING, channel="line", granted=world.offers, text="?", now=at
            )
        case "quiet":
            world.own = step.window
            preferences.choose_quiet(session, mali, step.window, now)
        case "edit":
            rules.change(session, clinic, reminder, Draft(conditions={"hoursBefore": [step.number]}), now)
        case "rest":
            rules.change(session, clinic, reminder, Draft(active=not reminder.active), now)
        case _:
            number = str(new_id())
            visited(session, mali, source="till", external_id=number, visited_at=now, service_code=None, now=now)


def _judged(session: Session, mali: Customer, world: World, now: datetime, seen: set[UUID]) -> None:
    """What has just been said."""
    clinic = mali.clinic
    zone = clinic.settings.voice.zone
    of_them = FollowupExecution.clinic_id == clinic.id, FollowupExecution.status == "sent"
    sent = session.scalars(select(FollowupExecution).where(*of_them)).all()
    assert max(Counter((one.rule_id, one.anchor, one.step) for one in sent).values(), default=1) == 1
    for one in sent:
        if one.id in seen:
            continue
        seen.add(one.id)
        assert one.settled_at == now
        assert now <= one.not_after
        clock = now.astimezone(zone).time()
        for begins, ends in hours.windows(clinic, one.purpose, world.own):
            assert not (begins <= clock < ends if begins < ends else clock >= begins or clock < ends)
        if one.purpose == "marketing":
            assert world.offers
            world.had.append(now)
        else:
            appointment = session.get_one(Appointment, (one.about_id, clinic.id))
            assert (appointment.state, appointment.starts_at > now) == ("booked", True)
            assert one.rule.active
            assert one.anchor.endswith(f"{appointment.starts_at.timestamp():.6f}")
    for window, most in CAPS:
        assert sum(at > now - window for at in world.had) <= most
