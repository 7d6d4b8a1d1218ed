"""A change of an appointment by the clinic is told once it has stood for some minutes, and is the reminder."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from facts import appointments
from facts.told import AppointmentTold, Details, Person
from followups import dispatch, planner, rules
from followups.rules import Draft
from models.appointments import AppointmentState
from models.clinics import Clinic
from models.conversations import Send
from models.customers import LineLink
from models.followups import FollowupExecution, FollowupRule
from runtime.context import Runtime
from tests.fixtures.clinic import NOW, At
from tests.followups.test_dispatch import CHANNELS, said

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
AT = NOW + 3 * DAY
"""11:30 in Bangkok."""


class Story:
    """Mali has an appointment; every step happens at its own moment."""

    def __init__(self, session: Session, runtime: Runtime, clinic: Clinic, mali: LineLink) -> None:
        self.session, self.runtime, self.clinic, self.mali, self.orders = session, runtime, clinic, mali, 0
        for kind in ("appointment_changed", "appointment_reminder"):
            rules.make(session, clinic, kind, Draft(name=kind, channels=["line"], active=True), NOW)
        self.tell(NOW, "booked", AT)

    def tell(
        self, now: datetime, state: AppointmentState, at: datetime | None = None, *, id_: str = "A",
        instead: str | None = None, by_customer: bool = False,
    ) -> None:  # fmt: skip
        self.orders += 1
        details = None if at is None else Details(Person(ours=self.mali.customer_id), at, replaces=instead)
        fact = AppointmentTold(id_, state, self.orders, now, details, by_customer=by_customer)
        appointments.told(self.session, self.clinic, "standard", fact, now)
        self.session.commit()
        self.pass_to(now)

    def pass_to(self, now: datetime) -> None:
        runtime = replace(self.runtime, clock=At(now))
        while planner.step(runtime, self.clinic.id):
            pass
        while dispatch.step(runtime, CHANNELS, self.clinic.id):
            pass

    def said(self) -> list[str]:
        return said(self.session)

    def fates(self, type_: str) -> list[tuple[str, str | None]]:
        self.session.expire_all()
        chosen = select(FollowupExecution).join(FollowupExecution.rule).where(FollowupRule.type == type_)
        return [(one.status, one.reason) for one in self.session.scalars(chosen.order_by(FollowupExecution.id))]


@pytest.fixture
def story(session: Session, runtime: Runtime, clinic: Clinic, mali: LineLink) -> Story:
    return Story(session, runtime, clinic, mali)


def test_what_the_clinic_moves_is_told_once_after_three_minutes(story: Story) -> None:
    story.tell(NOW + HOUR, "booked", AT + HOUR)
    story.pass_to(NOW + HOUR + 2 * MINUTE)
    assert story.said() == []
    for _ in range(2):
        story.pass_to(NOW + HOUR + 3 * MINUTE)
        (text,) = story.said()
    assert "เปลี่ยนเป็นวันที่ 6 ก.พ. 2569 เวลา 12:30" in text


def test_moved_and_moved_back_says_nothing(story: Story) -> None:
    story.tell(NOW + HOUR, "booked", AT + HOUR)
    story.tell(NOW + HOUR + 2 * MINUTE, "booked", AT)
    story.pass_to(NOW + 2 * HOUR)
    assert (story.said(), story.fates("appointment_changed")) == ([], [("cancelled", "no_longer_so")])


def test_moved_back_after_it_was_told_is_told_again(story: Story) -> None:
    story.tell(NOW + HOUR, "booked", AT + HOUR)
    story.pass_to(NOW + 2 * HOUR)
    story.tell(NOW + 3 * HOUR, "booked", AT)
    story.pass_to(NOW + 4 * HOUR)
    first, second = story.said()
    assert ("12:30" in first, "11:30" in second) == (True, True)


def test_moved_at_night_and_moved_back_before_anybody_was_told_says_nothing(story: Story) -> None:
    night = NOW.replace(hour=16)  # 23:00 in Bangkok
    story.tell(night, "booked", AT + HOUR)
    story.pass_to(night + HOUR)
    assert [status for status, _ in story.fates("appointment_changed")] == ["planned"]
    story.tell(night + 2 * HOUR, "booked", AT)
    story.pass_to(night + 10 * HOUR)
    assert story.said() == []


@pytest.mark.parametrize(
    ("language", "sorry", "book", "otherwise"),
    [("th", "ถูกยกเลิกแล้ว ขออภัยในความไม่สะดวก", "จองนัด", "หากไม่สะดวก"),
     ("en", "has been cancelled. We are sorry", "Book", "Should that not suit you")],
)  # fmt: skip
def test_who_has_lost_an_appointment_hears_that_the_clinic_is_sorry_and_may_book(
    story: Story, language: str, sorry: str, book: str, otherwise: str
) -> None:
    story.mali.customer.language = language
    story.tell(NOW + HOUR, "cancelled")
    story.pass_to(NOW + 2 * HOUR)
    (said,) = story.said()
    assert sorry in said and otherwise not in said
    (send,) = story.session.scalars(select(Send))
    drawn = json.dumps(json.loads(send.body or b""), ensure_ascii=False)
    assert f'"label": "{book}"' in drawn and "นัดหมายของฉัน" not in drawn and "My appointments" not in drawn


@pytest.mark.parametrize("told", [True, False])
def test_what_is_called_off_is_told_and_taken_back_in_time_it_is_not(story: Story, told: bool) -> None:
    story.tell(NOW + HOUR, "cancelled")
    if not told:
        story.tell(NOW + HOUR + MINUTE, "booked", AT)
    story.pass_to(NOW + 2 * HOUR)
    assert ["ถูกยกเลิกแล้ว" in one for one in story.said()] == ([True] if told else [])


def test_what_was_called_off_and_told_and_is_on_again_is_told(story: Story) -> None:
    story.tell(NOW + HOUR, "cancelled")
    story.pass_to(NOW + 2 * HOUR)
    story.tell(NOW + 3 * HOUR, "booked", AT)
    story.pass_to(NOW + 4 * HOUR)
    assert len(story.said()) == 2


@pytest.mark.parametrize(("state", "at"), [("booked", AT + HOUR), ("cancelled", None)])
def test_nobody_is_told_of_what_they_have_just_done_themselves(
    story: Story, state: AppointmentState, at: datetime | None
) -> None:
    story.tell(NOW + HOUR, state, at, by_customer=True)
    story.pass_to(NOW + 2 * HOUR)
    assert story.said() == []


def test_nothing_is_said_of_an_appointment_in_the_past(story: Story) -> None:
    story.tell(AT + HOUR, "booked", NOW)
    story.tell(AT + 2 * HOUR, "cancelled")
    story.pass_to(AT + 3 * HOUR)
    assert story.said() == []


@pytest.mark.parametrize("by_customer", [True, False])
@pytest.mark.parametrize("old_first", [True, False])
def test_one_that_stands_in_the_place_of_another_is_a_move(story: Story, old_first: bool, by_customer: bool) -> None:
    def away() -> None:
        story.tell(NOW + HOUR, "moved", by_customer=by_customer)

    if old_first:
        away()
    story.tell(NOW + HOUR, "booked", AT + DAY, id_="B", instead="A")
    if not old_first:
        away()
    story.pass_to(NOW + 2 * HOUR)
    assert ["เปลี่ยนเป็นวันที่ 7 ก.พ." in one for one in story.said()] == ([] if by_customer else [True])


def test_what_is_planned_about_it_waits_while_a_change_is_young(story: Story) -> None:
    story.tell(AT - DAY - MINUTE, "booked", AT + MINUTE)
    story.pass_to(AT - DAY + MINUTE)
    assert story.said() == []
    assert ("planned", "just_changed") in story.fates("appointment_reminder")


def test_moved_into_the_reminders_own_window_the_notice_is_the_reminder(story: Story) -> None:
    story.tell(NOW + HOUR, "booked", NOW + 10 * HOUR)
    story.pass_to(NOW + 9 * HOUR)
    (text,) = story.said()
    assert "เปลี่ยนเป็นวันที่" in text
    assert ("skipped", "known_too_late") in story.fates("appointment_reminder")


def test_a_reminder_within_four_hours_of_the_notice_is_not_said(story: Story) -> None:
    story.tell(NOW + HOUR, "booked", NOW + DAY + 3 * HOUR)
    story.pass_to(NOW + 3 * HOUR)
    assert len(story.said()) == 1
    assert ("cancelled", "told_with_the_change") in story.fates("appointment_reminder")
