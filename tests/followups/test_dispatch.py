"""What is due is said once, through the gates, or not, with a reason."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from channels.base import channels
from channels.line.channel import LineChannel
from channels.line.client import Line
from channels.line.limits import check
from facts import appointments
from facts.told import AppointmentTold, Details, Person
from followups import dispatch, fates, planner, rules
from followups.rules import Draft
from followups.texts import Template
from models.appointments import AppointmentState
from models.clinics import Clinic
from models.conversations import Send
from models.customers import LineLink
from models.followups import FollowupDelivery, FollowupExecution, FollowupRule, Words
from privacy import consent
from runtime.context import Runtime
from tests.fixtures.clinic import NOW, At

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
AT = NOW + 3 * DAY
"""11:30 in Bangkok."""
CHANNELS = channels(LineChannel(Line()))
"""Nothing is sent here: messages are drawn and frozen."""


@pytest.fixture
def rule(session: Session, clinic: Clinic, mali: LineLink) -> FollowupRule:
    """Mali has an appointment, of which she is to be reminded a day before."""
    made = rules.make(
        session, clinic, "appointment_reminder", Draft(name="Reminder", channels=["line"], active=True), NOW
    )
    tell(session, clinic, mali, 1, "booked", AT)
    session.commit()
    return made


def tell(
    session: Session, clinic: Clinic, link: LineLink, order: int, state: AppointmentState, at: datetime | None = None
) -> None:
    details = None if at is None else Details(Person(ours=link.customer_id), at)
    told = NOW + timedelta(minutes=order)
    appointments.told(session, clinic, "standard", AppointmentTold("A", state, order, told, details), told)
    session.commit()


def pass_to(runtime: Runtime, clinic: Clinic, at: datetime) -> None:
    """All that is due until then is planned and said."""
    runtime = replace(runtime, clock=At(at))
    while planner.step(runtime, clinic.id):
        pass
    while dispatch.step(runtime, CHANNELS, clinic.id):
        pass


def fate(session: Session) -> tuple[str, str | None]:
    session.expire_all()
    one = session.scalars(select(FollowupExecution)).one()
    return one.status, one.reason


def said(session: Session) -> list[str]:
    session.expire_all()
    found = []
    for send in session.scalars(select(Send).order_by(Send.id)):
        (message,) = json.loads(send.body or b"")
        check(message)
        found.append(message["altText"])
    return found


def test_a_reminder_is_said_when_it_is_due_and_once(
    session: Session, runtime: Runtime, clinic: Clinic, rule: FollowupRule
) -> None:
    pass_to(runtime, clinic, AT - DAY - HOUR)
    assert (fate(session), said(session)) == (("planned", None), [])
    for _ in range(2):
        pass_to(runtime, clinic, AT - DAY)
        assert fate(session) == ("sent", None)
    (text,) = said(session)
    assert "11:30" in text and "6" in text
    delivery = session.scalars(select(FollowupDelivery)).one()
    assert (delivery.channel, delivery.state, delivery.send_id) == (
        "line",
        "queued",
        session.scalars(select(Send.id)).one(),
    )


def test_at_night_it_waits_for_the_morning(
    session: Session, runtime: Runtime, clinic: Clinic, mali: LineLink, rule: FollowupRule
) -> None:
    night = AT.replace(hour=23)  # 06:00 in Bangkok, a day later
    tell(session, clinic, mali, 2, "booked", night)
    pass_to(runtime, clinic, night - DAY)
    session.expire_all()
    waiting = session.scalars(select(FollowupExecution).where(FollowupExecution.status == "planned")).one()
    assert (waiting.reason, waiting.due_at.astimezone(ZoneInfo("Asia/Bangkok")).hour) == ("quiet_hours", 9)
    pass_to(runtime, clinic, waiting.due_at)
    assert len(said(session)) == 1


@pytest.mark.parametrize("state", ["cancelled", "confirmed"])
def test_what_the_world_has_changed_is_not_said(
    session: Session, runtime: Runtime, clinic: Clinic, mali: LineLink, rule: FollowupRule, state: AppointmentState
) -> None:
    pass_to(runtime, clinic, NOW)
    tell(session, clinic, mali, 2, state)
    # Not planned from yet: the last look is at the world itself.
    while dispatch.step(replace(runtime, clock=At(AT - DAY)), CHANNELS, clinic.id):
        pass
    assert (fate(session), said(session)) == (("cancelled", state), [])


def test_what_is_too_late_has_been_missed(
    session: Session, runtime: Runtime, clinic: Clinic, rule: FollowupRule
) -> None:
    pass_to(runtime, clinic, NOW)
    pass_to(runtime, clinic, AT + HOUR)
    assert (fate(session), said(session)) == (("missed", "too_late"), [])


def test_who_has_stopped_everything_is_told_nothing(
    session: Session, runtime: Runtime, clinic: Clinic, mali: LineLink, rule: FollowupRule
) -> None:
    consent.decide(
        session, mali.customer, purpose=consent.UNASKED, channel="line", granted=False, text="Stop all", now=NOW
    )
    session.commit()
    pass_to(runtime, clinic, AT - DAY)
    assert (fate(session), said(session)) == (("skipped", "stopped"), [])


def test_a_rule_that_rests_says_nothing_and_goes_on_with_what_is_of_use(
    session: Session, runtime: Runtime, clinic: Clinic, rule: FollowupRule
) -> None:
    pass_to(runtime, clinic, NOW)
    rules.change(session, clinic, rule, Draft(active=False), NOW)
    session.commit()
    pass_to(runtime, clinic, AT - DAY)
    assert (fate(session), said(session)) == (("planned", "rule_rests"), [])
    rules.change(session, clinic, rule, Draft(active=True), AT - DAY + HOUR)
    session.commit()
    pass_to(runtime, clinic, AT - DAY + HOUR)
    assert (fate(session), len(said(session))) == (("sent", None), 1)


def test_while_a_rule_rests_what_it_had_planned_is_missed(
    session: Session, runtime: Runtime, clinic: Clinic, rule: FollowupRule
) -> None:
    pass_to(runtime, clinic, NOW)
    rules.change(session, clinic, rule, Draft(active=False), NOW)
    session.commit()
    pass_to(runtime, clinic, AT - DAY)
    pass_to(runtime, clinic, AT + HOUR)
    assert (fate(session), said(session)) == (("missed", "too_late"), [])


def test_who_cannot_be_reached_is_told_nothing_with_the_reason(
    session: Session, runtime: Runtime, clinic: Clinic, mali: LineLink, rule: FollowupRule
) -> None:
    mali.unfollowed_at = NOW
    session.commit()
    pass_to(runtime, clinic, AT - DAY)
    assert (fate(session), said(session)) == (("skipped", "not_reachable"), [])


def test_the_rules_own_words_are_said_with_their_variables(
    session: Session, runtime: Runtime, clinic: Clinic, rule: FollowupRule
) -> None:
    words: Words = {"message": "พบกัน {appointmentTime} ที่ {branchName}"}
    template = Template(everywhere=words, fallbacks={"branchName": "คลินิกของเรา"})
    rules.change(session, clinic, rule, Draft(template=template), NOW)
    session.commit()
    pass_to(runtime, clinic, AT - DAY)
    assert said(session) == ["พบกัน 11:30 ที่ คลินิกของเรา"]


def test_nothing_goes_out_with_a_hole(session: Session, runtime: Runtime, clinic: Clinic, rule: FollowupRule) -> None:
    rules.change(session, clinic, rule, Draft(template=Template(everywhere={"message": "ที่ {branchName}"})), NOW)
    session.commit()
    pass_to(runtime, clinic, AT - DAY)
    assert (fate(session), said(session)) == (("skipped", "missing_variable:branchName"), [])


@pytest.mark.parametrize(
    ("state", "fate_"),
    [
        ("failed", ("failed", "send_failed")),
        ("unknown", ("unknown", "send_unknown")),
        ("dropped", ("missed", "too_late")),
    ],
)
def test_what_becomes_of_the_send_becomes_of_it(
    session: Session, runtime: Runtime, clinic: Clinic, rule: FollowupRule, state: Any, fate_: tuple[str, str]
) -> None:
    pass_to(runtime, clinic, AT - DAY)
    send = session.scalars(select(Send)).one()
    send.state = state
    fates.settled(session, [send], AT - DAY)
    session.commit()
    pass_to(runtime, clinic, AT - DAY)
    assert fate(session) == fate_
    assert len(said(session)) == 1
