"""A rule that begins, changes or ends does so in parts, each its own transaction: whatever comes between them, all that
is ahead is planned once, and nothing by a version that is gone.
"""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from facts import appointments
from facts.told import AppointmentTold, Details, Person
from followups import heard, plan, rules
from followups.rules import Draft
from models.clinics import Clinic
from models.customers import LineLink
from models.followups import FollowupExecution, FollowupRule
from tests.fixtures.clinic import NOW

MANY = 11
AT = NOW + timedelta(days=3)


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "PART", 3)


@pytest.fixture
def rule(session: Session, clinic: Clinic, mali: LineLink) -> FollowupRule:
    for number in range(MANY):
        book(session, clinic, mali, number)
    session.commit()
    while heard.hear(session, clinic):  # nobody has a rule yet
        pass
    draft = Draft(name="Reminder", channels=["line"], active=True)
    made = rules.make(session, clinic, "appointment_reminder", draft, NOW)
    session.commit()
    return made


def book(session: Session, clinic: Clinic, link: LineLink, number: int) -> None:
    details = Details(Person(ours=link.customer_id), AT + timedelta(hours=number))
    told = AppointmentTold(f"A-{number}", "booked", 1, NOW, details)
    appointments.told(session, clinic, "standard", told, NOW)


def part(session: Session, clinic: Clinic) -> bool:
    """One transaction of the planner; False when no rule was left to plan by."""
    rule = plan.changed(session, clinic)
    if rule is not None:
        plan.anew(session, clinic, rule, NOW)
    session.commit()
    return rule is not None


def found(session: Session) -> Counter[tuple[int, str]]:
    session.expire_all()
    return Counter((one.rule_version, one.status) for one in session.scalars(select(FollowupExecution)))


def test_all_that_is_ahead_is_planned_in_parts_and_once(session: Session, clinic: Clinic, rule: FollowupRule) -> None:
    grown = []
    while part(session, clinic):
        grown.append(found(session)[1, "planned"])
    assert grown == sorted(grown) and grown[-1] == MANY
    assert grown[0] < MANY and len(grown) > 2, "not all in one"
    assert found(session) == {(1, "planned"): MANY}
    assert (rule.to_plan, rule.parts, rule.part) == (False, None, 0)


def test_a_part_that_is_lost_is_done_again(session: Session, clinic: Clinic, rule: FollowupRule) -> None:
    assert part(session, clinic)
    changed = plan.changed(session, clinic)
    assert changed is not None
    plan.anew(session, clinic, changed, NOW)
    session.rollback()  # killed
    while part(session, clinic):
        pass
    assert found(session) == {(1, "planned"): MANY}


def test_what_is_told_between_two_parts_is_planned_too(
    session: Session, clinic: Clinic, mali: LineLink, rule: FollowupRule
) -> None:
    assert part(session, clinic)
    book(session, clinic, mali, MANY)
    appointments.told(session, clinic, "standard", AppointmentTold("A-0", "cancelled", 2, NOW, None), NOW)
    session.commit()
    while part(session, clinic):
        pass
    while plan.of_facts(session, clinic, NOW):
        session.commit()
    assert found(session)[1, "planned"] == MANY
    assert sum(found(session).values()) in (MANY, MANY + 1)  # the cancelled one was planned before, or never


def test_another_version_between_two_parts_begins_again(session: Session, clinic: Clinic, rule: FollowupRule) -> None:
    for _ in range(2):
        part(session, clinic)
    rules.change(session, clinic, rule, Draft(conditions={"hoursBefore": [5, 2]}), NOW)
    session.commit()
    while part(session, clinic):
        pass
    assert found(session)[2, "planned"] == 2 * MANY
    assert (1, "planned") not in found(session)


def test_what_is_due_already_is_taken_over_in_parts_too(session: Session, clinic: Clinic, rule: FollowupRule) -> None:
    while part(session, clinic):
        pass
    session.execute(update(FollowupExecution).values(due_at=NOW + timedelta(days=4), reason="quiet_hours"))
    rules.change(session, clinic, rule, Draft(conditions={"hoursBefore": [24 * 30]}), NOW)
    session.commit()
    grown = []
    while part(session, clinic):
        grown.append(found(session)[2, "planned"])
    assert grown == sorted(grown) and grown[-1] == MANY and 0 < grown[-3] < MANY
    assert found(session) == {(2, "planned"): MANY}


def test_a_rule_that_ends_takes_all_that_it_had_planned_with_it(
    session: Session, clinic: Clinic, rule: FollowupRule
) -> None:
    while part(session, clinic):
        pass
    rules.end(session, rule, NOW)
    session.commit()
    assert part(session, clinic)
    assert 0 < found(session)[1, "planned"] < MANY
    while part(session, clinic):
        pass
    assert found(session) == {(1, "superseded"): MANY}
