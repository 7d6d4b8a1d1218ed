"""A rule is edited while what it had planned is due already, and is held or waits for its turn: what the rule still
says is said or missed, and nothing is lost for want of a word.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import followups.kinds  # noqa: F401
from channels.base import channels
from channels.line.channel import LineChannel
from channels.line.client import Line
from facts import appointments, treated
from facts.told import AppointmentTold, Details, Performed, Person, TreatmentTold
from facts.visited import visited
from followups import dispatch, plan, planner, rules
from followups.rules import Draft
from followups.texts import Template
from models.clinics import Clinic
from models.customers import LineLink
from models.followups import FollowupExecution, FollowupRule
from privacy import consent
from runtime.context import Runtime
from tests.fixtures.clinic import NOW, At

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NIGHT = NOW + 11 * HOUR
"""22:30 in Bangkok."""
AT = NOW + 3 * DAY
CHANNELS = channels(LineChannel(Line()))
Fate = tuple[int, int, str, str | None]


class Edited:
    def __init__(self, session: Session, runtime: Runtime, clinic: Clinic, link: LineLink) -> None:
        self.session, self.runtime, self.clinic, self.customer = session, runtime, clinic, link.customer

    def rule(self, kind: str, name: str = "Rule", **conditions: Any) -> FollowupRule:
        draft = Draft(name=name, channels=["line"], active=True, conditions=conditions, workflow_id="wf-7")
        made = rules.make(self.session, self.clinic, kind, draft, NOW)
        self.session.commit()
        return made

    def edit(self, rule: FollowupRule, now: datetime, conditions: Mapping[str, Any] | None = None, **more: Any) -> None:
        self.session.refresh(rule)  # the planner works in sessions of its own
        rules.change(self.session, self.clinic, rule, Draft(conditions=conditions, **more), now)
        self.session.commit()

    def treat(self, service: str = "hydrafacial") -> None:
        details = Performed(Person(ours=self.customer.id), NOW, service=service)
        treated.told(self.session, self.clinic, "standard", TreatmentTold("T", "performed", 1, NOW, details), NOW)

    def book(self, order: int = 1, now: datetime = NOW) -> None:
        told = AppointmentTold("A", "booked", order, now, Details(Person(ours=self.customer.id), AT))
        appointments.told(self.session, self.clinic, "standard", told, now)
        self.session.commit()

    def pass_to(self, now: datetime) -> None:
        """All that is due until then is planned and said."""
        self.session.commit()
        runtime = replace(self.runtime, clock=At(now))
        while planner.step(runtime, self.clinic.id):
            pass
        while dispatch.step(runtime, CHANNELS, self.clinic.id):
            pass

    def fates(self, rule: FollowupRule) -> list[Fate]:
        self.session.expire_all()
        table = FollowupExecution
        theirs = select(table).where(table.rule_id == rule.id).order_by(table.step)
        return [(one.step, one.rule_version, one.status, one.reason) for one in self.session.scalars(theirs)]


@pytest.fixture
def edited(session: Session, runtime: Runtime, clinic: Clinic, mali: LineLink) -> Edited:
    return Edited(session, runtime, clinic, mali)


@pytest.fixture
def asleep(edited: Edited) -> FollowupRule:
    """What is due at night is held until the morning."""
    rule = edited.rule("post_treatment", hoursAfter=11)
    edited.treat()
    edited.pass_to(NOW)
    edited.pass_to(NIGHT)
    assert edited.fates(rule) == [(0, 1, "planned", "quiet_hours")]
    return rule


@pytest.fixture
def rested(edited: Edited) -> FollowupRule:
    """The reminder of the day before came due while its rule rested."""
    rule = edited.rule("appointment_reminder", hoursBefore=[24])
    edited.book()
    edited.pass_to(NOW)
    edited.edit(rule, NOW, active=False)
    edited.pass_to(AT - DAY)
    assert edited.fates(rule) == [(0, 1, "planned", "rule_rests")]
    return rule


@pytest.mark.parametrize(
    "label",
    [
        {"workflow_id": "renamed"},
        {"name": "Renamed"},
        {"channels": ["line", "call"]},
        {"priority": "high"},
        {"template": Template(everywhere={"message": "Hello"})},
        {"conditions": {"hoursAfter": 11, "treatmentType": []}},
    ],
    ids=lambda label: next(iter(label)),
)
def test_a_label_changes_no_plan(edited: Edited, asleep: FollowupRule, label: dict[str, Any]) -> None:
    """Nor do the same conditions, written otherwise."""
    edited.edit(asleep, NIGHT, **label)
    edited.pass_to(NIGHT)
    assert edited.fates(asleep) == [(0, 1, "planned", "quiet_hours")]
    edited.pass_to(NIGHT + 12 * HOUR)
    assert edited.fates(asleep) == [(0, 1, "sent", None)]
    assert edited.session.scalars(select(FollowupExecution.workflow_id)).all() == ["wf-7"], "as it was planned"


def test_what_quiet_hours_hold_is_said_in_the_morning_by_the_new_version(edited: Edited, asleep: FollowupRule) -> None:
    until = edited.session.scalars(select(FollowupExecution.due_at)).one()
    edited.edit(asleep, NIGHT, {"hoursAfter": 10})
    edited.pass_to(NIGHT)
    assert edited.fates(asleep) == [(0, 2, "planned", "quiet_hours")]
    assert edited.session.scalars(select(FollowupExecution.due_at)).one() == until
    edited.pass_to(NIGHT + 12 * HOUR)
    assert edited.fates(asleep) == [(0, 2, "sent", None)]


def test_what_is_held_moves_to_where_the_new_version_has_it_still_ahead(edited: Edited, asleep: FollowupRule) -> None:
    edited.edit(asleep, NIGHT, {"daysAfter": 2})
    edited.pass_to(NIGHT)
    assert edited.fates(asleep) == [(0, 2, "planned", None)]
    assert edited.session.scalars(select(FollowupExecution.due_at)).one() == NOW + 2 * DAY


def test_what_the_new_conditions_no_longer_have_is_superseded(edited: Edited, asleep: FollowupRule) -> None:
    edited.edit(asleep, NIGHT, {"hoursAfter": 11, "treatmentType": ["laser"]})
    edited.pass_to(NIGHT)
    assert edited.fates(asleep) == [(0, 1, "superseded", "rule_changed")]


def test_what_nobody_has_looked_at_yet_is_said_by_the_new_version(edited: Edited) -> None:
    rule = edited.rule("appointment_reminder", hoursBefore=[24, 2])
    edited.book()
    edited.pass_to(NOW)
    due = AT - DAY + HOUR  # nobody was there for an hour
    edited.edit(rule, due, {"hoursBefore": [24]})
    edited.pass_to(due)
    assert edited.fates(rule) == [(0, 2, "sent", None), (1, 1, "superseded", "rule_changed")]


def test_what_lay_ahead_is_not_said_where_the_new_version_has_it_in_the_past(edited: Edited) -> None:
    rule = edited.rule("appointment_reminder", hoursBefore=[24])
    edited.book()
    edited.pass_to(NOW)
    edited.edit(rule, AT - 30 * HOUR, {"hoursBefore": [48]})
    edited.pass_to(AT - 30 * HOUR)
    assert edited.fates(rule) == [(0, 1, "superseded", "rule_changed")]


def test_what_was_due_while_an_edited_rule_rested_is_said_when_it_goes_on(edited: Edited, rested: FollowupRule) -> None:
    edited.edit(rested, AT - DAY, {"hoursBefore": [24, 2]})
    edited.pass_to(AT - DAY)
    edited.edit(rested, AT - DAY + HOUR, active=True)
    edited.pass_to(AT - DAY + HOUR)
    assert edited.fates(rested) == [(0, 2, "sent", None), (1, 2, "planned", None)]


def test_and_missed_where_it_has_lost_its_use(edited: Edited, rested: FollowupRule) -> None:
    edited.edit(rested, AT - DAY, {"hoursBefore": [24, 2]})
    edited.edit(rested, AT + HOUR, active=True)
    edited.pass_to(AT + HOUR)
    assert edited.fates(rested) == [(0, 2, "missed", "too_late")]


def test_a_fact_that_is_told_again_before_it_is_planned_by_loses_nothing(edited: Edited, rested: FollowupRule) -> None:
    resumed = AT - DAY + HOUR
    edited.edit(rested, resumed, {"hoursBefore": [24, 2]}, active=True)
    edited.book(2, resumed)
    plan.of_facts(edited.session, edited.clinic, resumed)
    edited.pass_to(resumed)
    assert edited.fates(rested)[0] == (0, 2, "sent", None)


def test_what_the_cap_holds_is_said_when_there_is_room(edited: Edited) -> None:
    kind, due = "inactive_reactivation", NOW + HOUR
    edited.customer.adult = True
    consent.decide(
        edited.session, edited.customer, purpose=consent.MARKETING, channel="line", granted=True, text="?", now=NOW
    )
    visited(
        edited.session, edited.customer, source="till", external_id="V", visited_at=due - 60 * DAY, service_code=None,
        now=NOW,
    )  # fmt: skip
    first = edited.rule(kind, daysInactive=60, ownRhythm=False)
    second = edited.rule(kind, "Second", daysInactive=60, ownRhythm=False)
    edited.edit(second, NOW, template=Template(everywhere={"message": "Hello"}))
    edited.pass_to(NOW)
    edited.pass_to(due)
    held = next(one for one in (first, second) if edited.fates(one)[0][2] == "planned")
    assert edited.fates(held) == [(0, 1, "planned", "frequency_cap")]
    edited.edit(held, due, {"daysInactive": 59, "ownRhythm": False})
    edited.pass_to(due)
    assert edited.fates(held) == [(0, 2, "planned", "frequency_cap")]
    edited.pass_to(due + DAY + HOUR)
    assert edited.fates(held) == [(0, 2, "sent", None)]
