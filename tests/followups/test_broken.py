"""One fact, one rule, one execution that breaks: everything else is planned and said, and that one is kept with its
error until it is mended.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from channels.base import channels
from channels.line.channel import LineChannel
from channels.line.client import Line
from customers.people import meet_on_line
from facts import appointments
from facts.told import AppointmentTold, Details, Person
from followups import dispatch, heard, planner, rules
from followups.rules import Draft
from models.appointments import Appointment
from models.clinics import Clinic
from models.customers import JourneyEvent, LineLink
from models.followups import FollowupExecution, FollowupRule
from runtime import work
from runtime.context import Runtime
from tests.fixtures.clinic import NOW, At

DAY = timedelta(days=1)
AT = NOW + 3 * DAY
CHANNELS = channels(LineChannel(Line()))
"""Nothing is sent here: messages are drawn and frozen."""


@pytest.fixture
def som(session: Session, clinic: Clinic) -> LineLink:
    link = meet_on_line(session, clinic, "U" + "c" * 32, NOW)
    session.flush()
    return link


def remind(session: Session, clinic: Clinic, name: str = "Reminder", **conditions: Any) -> FollowupRule:
    draft = Draft(name=name, channels=["line"], active=True, conditions=conditions)
    return rules.make(session, clinic, "appointment_reminder", draft, NOW)


def book(session: Session, clinic: Clinic, link: LineLink, number: int = 1) -> None:
    details = Details(Person(ours=link.customer_id), AT, service="HydraFacial")
    told = AppointmentTold(f"{link.customer_id}-{number}", "booked", number, NOW, details)
    appointments.told(session, clinic, "standard", told, NOW)
    session.commit()


def work_until(runtime: Runtime, clinic: Clinic, at: Any) -> None:
    house = replace(runtime, clock=At(at))
    while planner.step(house, clinic.id):
        pass
    while dispatch.step(house, CHANNELS, clinic.id):
        pass


def statuses(session: Session, link: LineLink) -> list[str]:
    session.rollback()
    session.expire_all()
    mine = select(FollowupExecution.status).where(FollowupExecution.customer_id == link.customer_id)
    return sorted(session.scalars(mine))


def stuck(session: Session, name: str) -> list[tuple[Any, Any]]:
    queue = work.queues[name]
    return [(row[0], row[1]) for row in session.execute(select(queue.id_, queue.error).where(queue.dead))]


def retry(session: Session, name: str) -> None:
    """As `flask work retry` writes it."""
    queue = work.queues[name]
    again = update(queue.id_.class_).where(queue.stuck).values(dict(queue.retry))
    session.execute(again.execution_options(synchronize_session=False))
    session.commit()


def test_a_fact_that_breaks_is_kept_and_the_others_are_planned_from(
    session: Session, runtime: Runtime, clinic: Clinic, mali: LineLink, som: LineLink
) -> None:
    remind(session, clinic)
    session.commit()
    work_until(runtime, clinic, NOW)
    for link in (som, mali):
        book(session, clinic, link)
    theirs = update(JourneyEvent).where(
        JourneyEvent.customer_id == som.customer_id, JourneyEvent.type == "appointment_booked"
    )
    (good,) = session.scalars(
        select(JourneyEvent.data).where(
            JourneyEvent.customer_id == som.customer_id, JourneyEvent.type == "appointment_booked"
        )
    )
    session.execute(theirs.values(data={}))
    session.commit()

    work_until(runtime, clinic, NOW)
    assert (statuses(session, mali), statuses(session, som)) == (["planned"], [])
    assert [error for _id, error in stuck(session, "planning")] == ["appointment_reminder: KeyError"]

    session.execute(theirs.values(data=good))
    retry(session, "planning")
    work_until(runtime, clinic, NOW)
    assert (statuses(session, som), stuck(session, "planning")) == (["planned"], [])


def test_a_fact_that_is_given_up_keeps_why_and_is_listed_no_more(
    session: Session, runtime: Runtime, clinic: Clinic, mali: LineLink
) -> None:
    rule = remind(session, clinic)
    session.commit()
    work_until(runtime, clinic, NOW)
    book(session, clinic, mali)
    session.execute(update(JourneyEvent).where(JourneyEvent.unplanned).values(data={}))
    session.execute(update(FollowupRule).values(plan_error="ValidationError"))
    session.commit()
    assert [id_ for id_, _error in stuck(session, "rules")] == [rule.id]
    session.execute(update(FollowupRule).values(plan_error=None))
    session.commit()
    work_until(runtime, clinic, NOW)
    assert len(stuck(session, "planning")) == 1
    for name in ("planning", "rules"):
        queue = work.queues[name]
        given_up = update(queue.id_.class_).values(dict(queue.drop(f"{work.DROPPED}: told twice")))
        session.execute(given_up.execution_options(synchronize_session=False))
        session.commit()
        assert stuck(session, name) == []
    assert set(session.scalars(select(JourneyEvent.plan_error))) == {f"{work.DROPPED}: told twice"}


def test_facts_in_great_number_are_looked_at_one_by_one_only_where_one_breaks(
    session: Session, runtime: Runtime, clinic: Clinic, mali: LineLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planner, "ALONE", 2)
    remind(session, clinic)
    session.commit()
    work_until(runtime, clinic, NOW)
    for number in range(1, 6):
        book(session, clinic, mali, number)
    broken = session.scalars(select(JourneyEvent.id).where(JourneyEvent.unplanned).order_by(JourneyEvent.id)).all()[1]
    session.execute(update(JourneyEvent).where(JourneyEvent.id == broken).values(data={"appointment": "no id"}))
    session.commit()
    work_until(runtime, clinic, NOW)
    assert statuses(session, mali) == ["planned"] * 4
    assert stuck(session, "planning") == [(broken, "appointment_reminder: ValueError")]


def test_a_rule_that_breaks_is_left_alone_and_takes_up_what_it_missed(
    session: Session, runtime: Runtime, clinic: Clinic, mali: LineLink, som: LineLink
) -> None:
    good, bad = remind(session, clinic), remind(session, clinic, "Bad", hoursBefore=[5])
    book(session, clinic, mali)
    spoil = update(FollowupRule).where(FollowupRule.id == bad.id)
    session.execute(spoil.values(conditions={"hoursBefore": "soon"}))
    session.commit()
    work_until(runtime, clinic, NOW)
    assert stuck(session, "rules") == [(bad.id, "ValidationError")]
    book(session, clinic, som)
    work_until(runtime, clinic, NOW)
    assert (statuses(session, mali), statuses(session, som)) == (["planned"], ["planned"])
    assert stuck(session, "planning") == []

    session.execute(spoil.values(conditions={"hoursBefore": [5]}))
    retry(session, "rules")
    work_until(runtime, clinic, NOW)
    assert (statuses(session, mali), statuses(session, som)) == (["planned"] * 2, ["planned"] * 2)
    assert session.get_one(FollowupRule, (good.id, clinic.id)).plan_error is None


def test_an_execution_that_breaks_stops_nobody_and_is_tried_again(
    session: Session, runtime: Runtime, clinic: Clinic, mali: LineLink, som: LineLink
) -> None:
    remind(session, clinic)
    for link in (som, mali):
        book(session, clinic, link)
    work_until(runtime, clinic, NOW)
    theirs = update(Appointment).where(Appointment.customer_id == som.customer_id)
    (seal,) = session.scalars(select(Appointment.service_sealed).where(Appointment.customer_id == som.customer_id))
    session.execute(theirs.values(service_sealed=b"nobody's seal"))
    session.commit()

    due = AT - DAY
    work_until(runtime, clinic, due)
    assert (statuses(session, mali), statuses(session, som)) == (["sent"], ["planned"])
    session.execute(theirs.values(service_sealed=seal))
    session.commit()
    work_until(runtime, clinic, due + timedelta(minutes=2))
    assert statuses(session, som) == ["sent"]


def test_what_breaks_for_too_long_is_left_to_a_person(
    session: Session, runtime: Runtime, clinic: Clinic, som: LineLink
) -> None:
    remind(session, clinic)
    book(session, clinic, som)
    theirs = update(Appointment).where(Appointment.customer_id == som.customer_id)
    session.execute(theirs.values(service_sealed=b"nobody's seal"))
    session.commit()
    at, tries = AT - DAY, 0
    while statuses(session, som) in ([], ["planned"]):
        work_until(runtime, clinic, at)
        at, tries = at + timedelta(hours=1), tries + 1
        assert tries < 30
    assert statuses(session, som) == ["failed"]
    assert [error for _id, error in stuck(session, "followups")] != []


def test_the_clinics_with_something_to_plan_are_found(session: Session, clinic: Clinic, mali: LineLink) -> None:
    assert heard.hear(session, clinic) == []
    remind(session, clinic)
    book(session, clinic, mali)
    assert session.scalars(planner.OPEN).all() == [clinic.id]
    assert session.scalars(planner.CHANGED).all() == [clinic.id]
