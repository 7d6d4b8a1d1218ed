"""How often a rule speaks to the same customer: what was said of one anchor stands against another, as the rule says,
when it is planned and when it is due.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

import followups.kinds  # noqa: F401
from channels.base import channels
from channels.line.channel import LineChannel
from channels.line.client import Line
from customers.people import meet_on_line, new_customer
from facts import appointments, treated
from facts.merged import merge
from facts.told import AppointmentTold, Details, Performed, Person, TreatmentTold
from followups import dispatch, leaving, plan, planner, rules
from followups.rules import Draft
from followups.texts import Template
from models.base import new_id
from models.clinics import Clinic
from models.conversations import Send
from models.customers import Customer, LineLink
from models.followups import TRIAL, FollowupExecution, FollowupRule, Reentry, Status
from runtime.context import Runtime
from runtime.work import Batch
from tests.fixtures.clinic import NOW, At, make_clinic
from tests.followups.gate import CARE, Gate
from tests.followups.test_batches import statements
from tests.loyalty.test_rewards_race import THREADS, race

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
LINE = channels(LineChannel(Line()))
SENT, PLANNED = ("sent", None), ("planned", None)
ONCE, LATELY = ("skipped", "said_once"), ("skipped", "said_lately")
Fate = tuple[str, str | None]


@pytest.fixture
def gate(session: Session, runtime: Runtime, clinic: Clinic, mali: LineLink) -> Gate:
    return Gate(session, runtime, clinic, mali.customer)


def speaks(gate: Gate, again: Reentry) -> FollowupRule:
    rule = gate.rule(CARE)
    rule.reentry = again
    return rule


def said(gate: Gate, rule: FollowupRule, at: datetime) -> Fate:
    """What becomes of another anchor at this time, in words of its own."""
    words = Template(everywhere={"message": str(new_id())})
    rules.change(gate.session, gate.clinic, rule, Draft(template=words), at)
    return gate.said(rule, at)


@pytest.mark.parametrize(
    ("again", "after", "fate"),
    [
        ("each_anchor", DAY, SENT),
        ("once", 400 * DAY, ONCE),
        (30, DAY, LATELY),
        (30, 29 * DAY + 12 * HOUR, LATELY),
        (30, 30 * DAY - 2 * HOUR, SENT),  # by the calendar, not by the hour
        (1, HOUR, LATELY),
        (1, 22 * HOUR, SENT),
    ],
)
def test_another_anchor_is_said_as_often_as_the_rule_wants(
    gate: Gate, again: Reentry, after: timedelta, fate: Fate
) -> None:
    rule = speaks(gate, again)
    assert said(gate, rule, NOW) == SENT
    assert said(gate, rule, NOW + after) == fate


@pytest.mark.parametrize(
    ("status", "fate"),
    [("sent", ONCE), ("unknown", ONCE), *((one, SENT) for one in ("cancelled", "skipped", "missed", "failed"))],
)
def test_only_what_was_said_or_may_have_been_counts(gate: Gate, status: Status, fate: Fate) -> None:
    rule = speaks(gate, "once")
    before = gate.one(gate.due(rule, NOW))
    before.status, before.settled_at = status, NOW
    assert said(gate, rule, NOW + DAY) == fate


def test_what_was_tried_on_the_staff_does_not_count_and_may_be_tried_again(gate: Gate) -> None:
    rule = speaks(gate, "once")
    tried = gate.one(gate.due(rule, NOW))
    tried.anchor = f"{TRIAL}1"
    gate.pass_to(NOW)
    assert gate.fate(tried.id) == SENT
    assert said(gate, rule, NOW + DAY) == SENT
    again = gate.one(gate.due(rule, NOW + 2 * DAY))
    again.anchor = f"{TRIAL}2"
    gate.pass_to(NOW + 2 * DAY)
    assert gate.fate(again.id) == SENT


def test_another_rule_and_another_customer_are_spoken_to_all_the_same(gate: Gate) -> None:
    rule, other = speaks(gate, "once"), speaks(gate, "once")
    assert [said(gate, one, NOW + n * DAY) for n, one in enumerate((rule, other, rule, other))] == [
        SENT, SENT, ONCE, ONCE,
    ]  # fmt: skip
    ken = meet_on_line(gate.session, gate.clinic, "U" + "f" * 32, NOW).customer
    theirs = gate.one(gate.due(rule, NOW + 9 * DAY))
    theirs.customer_id = ken.id
    gate.pass_to(NOW + 9 * DAY)
    assert gate.fate(theirs.id) == SENT


def test_of_two_that_are_due_together_one_is_said(gate: Gate) -> None:
    rule = speaks(gate, "once")
    ids = [gate.due(rule, NOW + n * HOUR) for n in range(3)]
    gate.pass_to(NOW + 3 * HOUR)
    assert [gate.fate(one) for one in ids] == [SENT, ONCE, ONCE]


def test_a_rule_that_says_nothing_of_it_costs_no_statement_and_one_that_does_costs_one(gate: Gate) -> None:
    many = []
    for again in (("each_anchor",), ("once",), ("once", 30)):
        for one in again:
            gate.due(speaks(gate, one), NOW)
        gate.session.commit()
        with statements(gate.runtime) as each:
            dispatch.step(replace(gate.runtime, clock=At(NOW)), LINE, gate.clinic.id)
        many.append(sum("followup_executions.anchor NOT LIKE" in one for one in each))
    assert many == [0, 1, 1]


class Told:
    """Mali's visits, planned from and said."""

    def __init__(self, session: Session, runtime: Runtime, clinic: Clinic, customer: Customer) -> None:
        self.session, self.runtime, self.clinic, self.customer = session, runtime, clinic, customer

    def rule(self, again: Reentry, kind: str = CARE, **conditions: Any) -> FollowupRule:
        draft = Draft(name=kind, channels=["line"], active=True, conditions=conditions, reentry=again)
        return rules.make(self.session, self.clinic, kind, draft, NOW)

    def treat(self, name: str, at: datetime, customer: Customer | None = None) -> None:
        person = Person(ours=(customer or self.customer).id)
        fact = TreatmentTold(name, "performed", 1, at, Performed(person, at, service="hydrafacial"))
        treated.told(self.session, self.clinic, "standard", fact, at)

    def pass_to(self, now: datetime) -> None:
        self.session.commit()
        runtime = replace(self.runtime, clock=At(now))
        while planner.step(runtime, self.clinic.id):
            pass
        while dispatch.step(runtime, LINE, self.clinic.id):
            pass
        self.session.expire_all()

    def edit(self, rule: FollowupRule, again: Reentry, now: datetime) -> None:
        self.session.refresh(rule)
        rules.change(self.session, self.clinic, rule, Draft(reentry=again), now)
        self.pass_to(now)

    def fates(self) -> list[Fate]:
        table = FollowupExecution
        found = self.session.scalars(select(table).order_by(table.due_at, table.id))
        return [(one.status, one.reason) for one in found]


@pytest.fixture
def told(session: Session, runtime: Runtime, clinic: Clinic, mali: LineLink) -> Told:
    return Told(session, runtime, clinic, mali.customer)


def test_what_will_not_be_said_is_told_when_it_is_planned(told: Told) -> None:
    told.rule("once")
    told.treat("A", NOW)
    told.pass_to(NOW + DAY)
    told.treat("B", NOW + 3 * DAY)
    told.pass_to(NOW + 3 * DAY)
    assert told.fates() == [SENT, ONCE]


@pytest.mark.parametrize("ends", ["voided", "missed"])
def test_what_is_planned_stands_against_nothing_until_it_is_said(told: Told, ends: str) -> None:
    """Else neither would be said."""
    told.rule("once", daysAfter=2)
    told.treat("A", NOW)
    told.treat("B", NOW + DAY)
    told.pass_to(NOW + DAY)
    assert told.fates() == [PLANNED, PLANNED]
    if ends == "voided":
        gone = TreatmentTold("A", "voided", 2, NOW + DAY, None)
        treated.told(told.session, told.clinic, "standard", gone, NOW + DAY)
    else:
        first = told.session.scalars(select(FollowupExecution).order_by(FollowupExecution.due_at)).first()
        assert first is not None
        first.not_after = NOW
    told.pass_to(NOW + 2 * DAY)
    told.pass_to(NOW + 3 * DAY)
    assert told.fates()[1] == SENT


def test_the_steps_of_one_anchor_are_one_and_those_of_the_next_another(told: Told) -> None:
    told.rule("once", "appointment_reminder", hoursBefore=[48, 24])
    for name, at in (("A", NOW + 3 * DAY), ("B", NOW + 9 * DAY)):
        booked = AppointmentTold(name, "booked", 1, NOW, Details(Person(ours=told.customer.id), at))
        appointments.told(told.session, told.clinic, "standard", booked, NOW)
    for days in range(9):
        told.pass_to(NOW + days * DAY)
    assert told.fates() == [SENT, SENT, ONCE, ONCE]


@pytest.mark.parametrize(("again", "fates"), [("once", [SENT, ONCE]), (365, [SENT, SENT]), (366, [SENT, LATELY])])
def test_what_the_calendar_brings_is_planned_by_it_too(told: Told, again: Reentry, fates: list[Fate]) -> None:
    """Said at eleven in one year, it may be said at nine in the next."""
    rule = told.rule(again, "birthday_special")
    told.customer.birth_month_day, told.customer.joined_at = "02-04", NOW
    for year in range(2):
        noon = NOW + DAY + year * 365 * DAY
        plan.of_the_day(told.session, told.clinic, noon, Batch(9))
        one = told.session.scalars(
            select(FollowupExecution).where(FollowupExecution.anchor == f"birthday:{2026 + year}")
        ).one()
        if one.status == "planned":  # the gates of an offer are another matter
            one.status, one.settled_at = "sent", noon
        told.session.flush()
    assert (told.fates(), rule.version) == (fates, 1)


def test_another_reentry_is_another_version_and_plans_anew(told: Told) -> None:
    rule = told.rule("each_anchor", daysAfter=5)
    told.treat("A", NOW)
    told.pass_to(NOW + 5 * DAY)
    told.treat("B", NOW + 6 * DAY)
    told.pass_to(NOW + 6 * DAY)
    assert told.fates() == [SENT, PLANNED]
    told.edit(rule, "once", NOW + 7 * DAY)
    assert (told.fates(), rule.version) == ([SENT, ONCE], 2)
    told.edit(rule, 7, NOW + 7 * DAY)  # said on day 5, due on day 11
    assert (told.fates(), rule.version) == ([SENT, LATELY], 3)
    told.edit(rule, 6, NOW + 8 * DAY)
    assert (told.fates(), rule.version) == ([SENT, PLANNED], 4)
    told.edit(rule, 6, NOW + 8 * DAY)
    assert rule.version == 4, "nothing has changed"
    told.pass_to(NOW + 11 * DAY)
    assert told.fates() == [SENT, SENT]
    told.edit(rule, "each_anchor", NOW + 12 * DAY)
    assert told.fates() == [SENT, SENT], "what was said stays said, and once"


def test_what_was_left_out_is_not_said_any_more_once_its_time_has_passed(told: Told) -> None:
    rule = told.rule("once", daysAfter=1)
    told.treat("A", NOW)
    told.pass_to(NOW + DAY)
    told.treat("B", NOW + 2 * DAY)
    told.pass_to(NOW + 2 * DAY)
    told.edit(rule, "each_anchor", NOW + 3 * DAY + HOUR)
    assert told.fates() == [SENT, ONCE]


def test_what_was_said_to_one_record_was_said_to_the_person(told: Told) -> None:
    told.rule("once", daysAfter=2)
    other = new_customer(told.session, told.clinic, NOW)
    told.treat("A", NOW)
    told.pass_to(NOW + 2 * DAY)
    told.treat("B", NOW + 2 * DAY, other)
    told.pass_to(NOW + 2 * DAY)
    assert told.fates() == [SENT, PLANNED]
    merge(told.session, other, told.customer, NOW + 3 * DAY, actor="system")
    told.pass_to(NOW + 4 * DAY)
    assert told.fates() == [SENT, ONCE]


def test_of_two_that_wait_to_leave_one_does(told: Told) -> None:
    """Two records of one person have each been given to LINE, which is away, when they become one: what is on its way
    to where the person is reached now leaves, whichever that is."""
    told.rule("once", daysAfter=1)
    other = meet_on_line(told.session, told.clinic, "U" + "f" * 32, NOW).customer
    told.treat("A", NOW - 20 * HOUR)
    told.treat("B", NOW, other)
    told.pass_to(NOW + 5 * HOUR)
    told.pass_to(NOW + DAY)
    assert told.fates() == [SENT, SENT]
    merge(told.session, other, told.customer, NOW + DAY + HOUR, actor="system")
    told.session.commit()
    waiting = told.session.scalars(select(Send).order_by(Send.id)).all()
    now = NOW + DAY + HOUR
    dropped = leaving.why_not(lambda _session: now, LINE, told.session, waiting)
    told.session.commit()
    told.session.expire_all()
    assert len(dropped) == 1
    told.pass_to(now + timedelta(minutes=1))
    assert set(told.fates()) == {SENT, ONCE}


@pytest.mark.parametrize(("again", "many"), [("each_anchor", THREADS), ("once", 1), (30, 1)])
def test_however_many_tell_and_say_at_once_it_is_said_once(
    sessions: sessionmaker[Session], runtime: Runtime, again: Reentry, many: int
) -> None:
    kind, soon = "appointment_reminder", NOW + 3 * DAY
    with sessions.begin() as session:
        clinic = make_clinic(session)
        customer = meet_on_line(session, clinic, "U" + "a" * 32, NOW).customer
        draft = Draft(name=kind, channels=["line"], active=True, conditions={"hoursBefore": [24]}, reentry=again)
        rules.make(session, clinic, kind, draft, NOW)
        clinic_id, customer_id = clinic.id, customer.id
    at = replace(runtime, clock=At(soon))

    def act(session: Session, number: int) -> str:
        starts = Details(Person(ours=customer_id), soon + 20 * HOUR + number * timedelta(minutes=5))
        booked = AppointmentTold(f"A{number}", "booked", 1, NOW, starts)
        appointments.told(session, session.get_one(Clinic, clinic_id), "standard", booked, NOW)
        session.commit()
        while planner.step(at, clinic_id):
            pass
        while dispatch.step(at, LINE, clinic_id):
            pass
        return "done"

    assert race(sessions, act) == {"done": THREADS}
    while dispatch.step(at, LINE, clinic_id):  # whom one held, another has left to him
        pass
    with sessions.begin() as session:
        fates = [(one.status, one.reason) for one in session.scalars(select(FollowupExecution))]
    why = ONCE if again == "once" else LATELY
    assert sorted(fates) == sorted([SENT] * many + [why] * (THREADS - many))
