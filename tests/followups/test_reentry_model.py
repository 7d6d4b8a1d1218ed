"""Whatever is told, in whatever order, however the rule is edited and the clock is moved: no customer hears a rule more
often than it says at the time.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
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
from facts import appointments, treated
from facts.merged import merge
from facts.told import AppointmentTold, Details, Performed, Person, TreatmentTold
from followups import dispatch, planner, rules
from followups.rules import Draft
from models.appointments import Appointment
from models.base import new_id
from models.followups import FollowupExecution, Reentry
from models.treatments import Treatment
from runtime.context import Runtime
from tests.fixtures.clinic import At, make_clinic

CHANNELS = channels(LineChannel(Line()))
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
STARTS = [datetime(2026, 3, 27, 9, tzinfo=UTC), datetime(2026, 10, 23, 20, tzinfo=UTC)]
"""Before Europe's clocks are put forward, and back."""
ZONES = ["Asia/Bangkok", "Europe/Berlin"]
NAMES = ["A", "B", "C", "D"]
"""Of appointments and treatments."""


@dataclass(frozen=True)
class Step:
    """Something is told, or changed; then time passes."""

    what: str
    name: str
    order: int
    whose: int
    again: Reentry
    passes: timedelta


steps = st.builds(
    Step,
    what=st.sampled_from(
        ["booked", "booked", "cancelled", "treated", "treated", "voided", "edit", "edit", "hours", "rest", "fail",
         "merge"]
    ),
    name=st.sampled_from(NAMES),
    order=st.integers(1, 9),
    whose=st.integers(0, 1),
    again=st.sampled_from(["once", "each_anchor", 1, 2, 5]),
    passes=st.sampled_from([MINUTE, HOUR, 5 * HOUR, DAY, 3 * DAY]),
)  # fmt: skip
firsts = st.sampled_from(["once", "each_anchor", 1, 3])


@given(st.sampled_from(STARTS), st.sampled_from(ZONES), firsts, st.lists(steps, min_size=4, max_size=12))
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nobody_hears_a_rule_more_often_than_it_says(
    session: Session, runtime: Runtime, start: datetime, zone: str, again: Reentry, told: Sequence[Step]
) -> None:
    Play(session, runtime, start, zone, again).through(told)


def test_what_should_be_said_is_said(session: Session, runtime: Runtime) -> None:
    """Else nothing would be judged above."""
    told = [Step("treated", name, 1, 0, "once", DAY) for name in NAMES]
    told += [Step("booked", name, 6, 0, "once", DAY) for name in NAMES[:2]]
    counted = {}
    for again in ("each_anchor", 2, "once"):
        play = Play(session, runtime, STARTS[0], ZONES[0], again)
        play.through(told)
        counted[again] = len(play.heard)
    assert counted["each_anchor"] > counted[2] > counted["once"] == 2


class Play:
    """Two customers, who may turn out to be one, and two rules."""

    def __init__(self, session: Session, runtime: Runtime, start: datetime, zone: str, again: Reentry) -> None:
        self.session, self.runtime, self.now = session, runtime, start
        self.clinic = make_clinic(session, f"c{new_id().hex[:12]}", voice={"zone": zone})
        self.people = [meet_on_line(session, self.clinic, "U" + new_id().hex, start).customer for _ in range(2)]
        self.heard: dict[UUID, datetime] = {}
        self.rules = [
            rules.make(session, self.clinic, kind, Draft(
                name=kind, channels=["line"], active=True, conditions=conditions, reentry=again), start)
            for kind, conditions in (("appointment_reminder", {"hoursBefore": [24, 2]}), ("post_treatment", {}))
        ]  # fmt: skip
        session.commit()

    def through(self, told: Sequence[Step]) -> None:
        for step in told:
            self.tell(step)
            self.session.commit()
            until = self.now + step.passes
            while self.now < until:
                self.now = min(until, self.now + max(MINUTE, step.passes / 2))
                at = replace(self.runtime, clock=At(self.now))
                while planner.step(at, self.clinic.id):
                    pass
                while dispatch.step(at, CHANNELS, self.clinic.id):
                    pass
                self.session.expire_all()
                self.judge()

    def tell(self, step: Step) -> None:
        session, clinic, now = self.session, self.clinic, self.now
        first, second = self.people
        whose = second if step.whose and second.merged_into is None else first
        rule = self.rules[step.order % 2]
        match step.what:
            case "booked":
                self.appointment(step, Details(Person(ours=whose.id), now + step.order * 8 * HOUR))
            case "treated":
                self.treatment(step, Performed(Person(ours=whose.id), now - step.order * HOUR))
            case "cancelled" if self.known(Appointment, step.name):
                self.appointment(step, None)
            case "voided" if self.known(Treatment, step.name):
                self.treatment(step, None)
            case "edit":
                rules.change(session, clinic, rule, Draft(reentry=step.again), now)
            case "hours":
                rules.change(session, clinic, self.rules[0], Draft(conditions={"hoursBefore": [step.order]}), now)
            case "rest":
                rules.change(session, clinic, rule, Draft(active=not rule.active), now)
            case "merge" if second.merged_into is None:
                merge(session, second, first, now, actor="system")
            case "fail":
                self.fail()
            case _:
                pass

    def appointment(self, step: Step, details: Details | None) -> None:
        fact = AppointmentTold(step.name, "booked" if details else "cancelled", step.order, self.now, details)
        appointments.told(self.session, self.clinic, "standard", fact, self.now)

    def treatment(self, step: Step, details: Performed | None) -> None:
        fact = TreatmentTold(step.name, "performed" if details else "voided", step.order, self.now, details)
        treated.told(self.session, self.clinic, "standard", fact, self.now)

    def known(self, table: type[Appointment | Treatment], name: str) -> bool:
        asked = select(table.id).where(table.clinic_id == self.clinic.id, table.external_id == name)
        return self.session.scalars(asked).first() is not None

    def fail(self) -> None:
        """No channel took the last of what was said."""
        if self.heard:
            one = self.session.get_one(FollowupExecution, (list(self.heard)[-1], self.clinic.id))
            one.status, one.reason = "failed", "send_failed"
            del self.heard[one.id]

    def judge(self) -> None:
        """What has just been said."""
        zone, table = self.clinic.settings.voice.zone, FollowupExecution
        said = self.session.scalars(
            select(table).where(table.clinic_id == self.clinic.id, table.status == "sent")
        ).all()
        for one in said:
            if one.id in self.heard:
                continue
            others = [
                each for each in said
                if (each.rule_id, each.customer_id) == (one.rule_id, one.customer_id) and each.anchor != one.anchor
            ]  # fmt: skip
            again = one.rule.reentry
            assert again != "once" or not others
            for each in others:
                at = self.heard.get(each.id, self.now)
                days = (self.now.astimezone(zone).date() - at.astimezone(zone).date()).days
                assert not isinstance(again, int) or days >= again
        self.heard.update({one.id: self.now for one in said if one.id not in self.heard})
