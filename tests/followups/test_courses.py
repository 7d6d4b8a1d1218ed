"""Courses: told when few sessions are left, before they end, and at their end, where the staff are asked to call."""

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.routes import Table
from channels.base import channels
from channels.call import CallChannel
from channels.line.channel import LineChannel
from channels.line.client import Line
from customers import contacts, staff
from facts.hear import hear
from facts.told import CourseTold, Person, Sale, SessionTold, ShareTold
from followups import dispatch, planner, rules, tasks
from followups.rules import Draft
from models.clinics import Clinic
from models.conversations import Send
from models.customers import LineLink
from models.followups import FollowupExecution, FollowupRule
from runtime.context import Runtime
from tests.bot.room import Room
from tests.fixtures.clinic import NOW, At

DAY = timedelta(days=1)
ENDS = date(2026, 4, 28)
"""No public holiday follows it."""
CHANNELS = channels(LineChannel(Line()), CallChannel())


def ten(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 3, tzinfo=NOW.tzinfo)


class Story:
    """Mali has bought five sessions until the 28th of April; every step happens at its own moment."""

    def __init__(self, session: Session, runtime: Runtime, clinic: Clinic, mali: LineLink) -> None:
        self.session, self.runtime, self.clinic, self.mali, self.orders = session, runtime, clinic, mali, 0
        self.who = Person(ours=mali.customer_id)

    def rule(self, kind: str, *over: str, **conditions: Any) -> FollowupRule:
        draft = Draft(name=kind, channels=list(over) or ["line"], active=True, conditions=conditions)
        return rules.make(self.session, self.clinic, kind, draft, NOW)

    def tell(self, now: datetime, id_: str = "C", **more: Any) -> None:
        self.orders += 1
        hear(self.session, self.clinic, "standard", CourseTold(id_, self.orders, now, **more), now)
        self.session.commit()
        self.plan(now)

    def sell(self, now: datetime = NOW, sessions: int = 5, ends_on: date | None = ENDS) -> None:
        self.tell(now, sale=Sale(self.who, sessions, now.date(), name="Filler"), ends_on=ends_on)

    def use(self, now: datetime, name: str, state: Any = "used") -> None:
        self.tell(now, session=SessionTold(name, state, now))

    def plan(self, now: datetime) -> None:
        while planner.step(replace(self.runtime, clock=At(now)), self.clinic.id):
            pass

    def pass_to(self, now: datetime) -> None:
        self.plan(now)
        while dispatch.step(replace(self.runtime, clock=At(now)), CHANNELS, self.clinic.id):
            pass

    def fates(self) -> list[tuple[str, str | None]]:
        self.session.expire_all()
        chosen = select(FollowupExecution).order_by(FollowupExecution.due_at, FollowupExecution.created_at)
        return [(one.status, one.reason) for one in self.session.scalars(chosen)]

    def said(self) -> list[str]:
        """In LINE."""
        self.session.expire_all()
        sends = self.session.scalars(select(Send).where(Send.channel == "line").order_by(Send.id))
        return [message["altText"] for send in sends for message in json.loads(send.body or b"")]


@pytest.fixture
def bound(session: Session, clinic: Clinic, table: Table) -> Room:
    room = Room(session, clinic, table)
    room.write(f"bind {staff.make_code(session, clinic, NOW)}")
    return room


@pytest.fixture
def story(session: Session, runtime: Runtime, clinic: Clinic, mali: LineLink) -> Story:
    return Story(session, runtime, clinic, mali)


def test_thirty_and_seven_days_before_its_end_what_is_left_is_told_once_each(story: Story) -> None:
    story.rule("course_ending")
    story.sell()
    story.use(NOW + DAY, "1")
    for days, many in ((31, 0), (30, 1), (8, 1), (7, 2), (1, 2)):
        story.pass_to(ten(ENDS - days * DAY))
        assert len(story.said()) == many, days
    first, second = story.said()
    assert "28 เม.ย. 2569" in first and "4 จาก 5" in first and "คืนเงิน" in second
    assert "Filler" not in first


@pytest.mark.parametrize(
    ("days", "fates"),
    [(6, [("skipped", "known_too_late")]), (20, [("planned", None)]),
     (28, [("skipped", "known_too_late"), ("planned", None)])],
)  # fmt: skip
def test_what_lay_before_the_sale_is_not_told(story: Story, days: int, fates: list[tuple[str, str | None]]) -> None:
    story.rule("course_ending")
    story.sell(ends_on=NOW.date() + days * DAY)
    assert story.fates() == fates


def test_extended_it_is_told_of_its_new_end(story: Story) -> None:
    story.rule("course_ending")
    story.sell()
    story.tell(NOW + DAY, ends_on=ENDS + 60 * DAY)
    story.pass_to(ten(ENDS - 7 * DAY))
    assert story.said() == []
    story.pass_to(ten(ENDS + 30 * DAY))
    assert "27 มิ.ย. 2569" in story.said()[0]


def test_what_rests_is_not_told_of_and_goes_on(story: Story) -> None:
    story.rule("course_ending")
    story.sell()
    story.tell(NOW + DAY, state="frozen")
    assert story.fates() == [("cancelled", "no_longer_so")] * 2
    story.tell(NOW + 2 * DAY, state="active")
    assert story.fates() == [("planned", None)] * 2


@pytest.mark.parametrize(("state", "why"), [("frozen", "frozen"), ("refunded", "refunded")])
def test_the_last_look_is_at_the_course_itself(story: Story, state: Any, why: str) -> None:
    story.rule("course_ending", daysBefore=7)
    story.sell()
    fact = CourseTold("C", 9, NOW + DAY, state=state)
    hear(story.session, story.clinic, "standard", fact, NOW + DAY)
    story.session.commit()
    while dispatch.step(replace(story.runtime, clock=At(ten(ENDS - 7 * DAY))), CHANNELS, story.clinic.id):
        pass
    assert (story.fates(), story.said()) == ([("cancelled", why)], [])


def test_what_was_shared_ends_when_that_does_from_which_it_came(story: Story, session: Session) -> None:
    story.rule("course_ending", daysBefore=7)
    story.sell()
    story.tell(NOW + DAY, share=ShareTold("K", Person(id="K", name="Ken"), 2))
    story.tell(NOW + 2 * DAY, "K", share=ShareTold("A", Person(id="A", name="Ann"), 1))
    story.tell(NOW + 3 * DAY, ends_on=ENDS + 30 * DAY)
    session.expire_all()
    planned = session.scalars(select(FollowupExecution).where(FollowupExecution.status == "planned")).all()
    assert {one.due_at for one in planned} == {ten(ENDS + 23 * DAY)}
    assert len({one.customer_id for one in planned}) == len(planned) == 3
    story.pass_to(ten(ENDS - 7 * DAY))
    assert story.said() == []
    story.pass_to(ten(ENDS + 23 * DAY))
    assert "3 จาก 5" in story.said()[0]


def test_the_day_after_its_end_the_customer_is_told_and_the_staff_are_asked_to_call(
    story: Story, session: Session, clinic: Clinic, bound: Room
) -> None:
    story.mali.customer.display_name = "Mali Srisuk"
    contacts.tell(session, story.mali.customer, "phone", "0812345678", source="standard", now=NOW)
    story.rule("course_ended")
    story.rule("course_ended_call", "call")
    story.sell()
    story.use(NOW + DAY, "1")
    story.pass_to(ten(ENDS))
    assert story.said() == []
    after = ten(ENDS + DAY)
    for _ in range(2):
        story.pass_to(after)
    assert story.fates() == [("sent", None)] * 2
    (text,) = story.said()
    assert "4 จาก 5" in text and "บันทึกไว้" in text
    (task,) = tasks.open_(session, clinic, after)
    assert (task.kind, task.until) == ("course_ended_call", after + 14 * DAY)
    bound.talk.now = after + tasks.JOINED
    heard = bound.hears("งาน")
    assert "Mali" in heard and "คอร์สสิ้นสุดแล้ว" in heard and "Filler" not in heard and "Srisuk" not in heard
    story.tell(after, ends_on=ENDS + 60 * DAY, extends=True)
    assert tasks.open_(session, clinic, after) == []  # extended: nobody has to call any more


@pytest.mark.parametrize("many", [5, 4])
def test_one_that_is_used_up_ends_without_a_word(story: Story, many: int) -> None:
    story.rule("course_ended")
    story.sell()
    for n in range(many):
        story.use(NOW + (n + 1) * DAY, str(n))
    story.pass_to(ten(ENDS + DAY))
    assert len(story.said()) == (many < 5)


def test_one_without_a_last_day_ends_when_its_source_says_so(story: Story) -> None:
    story.rule("course_ended")
    story.sell(ends_on=None)
    story.pass_to(NOW + 300 * DAY)
    assert story.fates() == []
    story.tell(NOW + 301 * DAY, state="ended")
    story.pass_to(NOW + 301 * DAY + timedelta(minutes=2))
    assert story.said() == []
    for _ in range(2):
        story.pass_to(NOW + 301 * DAY + timedelta(minutes=3))
        assert len(story.said()) == 1


def test_ended_early_by_its_source_it_is_told_and_asked_for_then_and_not_again(
    story: Story, session: Session, clinic: Clinic
) -> None:
    contacts.tell(session, story.mali.customer, "phone", "0812345678", source="standard", now=NOW)
    story.rule("course_ended")
    story.rule("course_ended_call", "call")
    story.sell()
    early = NOW + 5 * DAY
    story.tell(early, state="ended")
    story.pass_to(early + timedelta(minutes=2))
    assert (story.said(), tasks.open_(session, clinic, early)) == ([], [])
    told = early + timedelta(minutes=3)
    story.pass_to(told)
    assert len(story.said()) == len(tasks.open_(session, clinic, told)) == 1
    story.tell(early + DAY, ends_on=ENDS + DAY)
    story.tell(early + 2 * DAY, state="ended")
    story.pass_to(early + 3 * DAY)
    story.tell(ten(ENDS + 3 * DAY), state="ended")  # said once more, when its last day is over
    for day in (ENDS + DAY, ENDS + 2 * DAY, ENDS + 4 * DAY):
        story.pass_to(ten(day))
        assert len(story.said()) == 1, day
    assert [fate for fate in story.fates() if fate[0] == "sent"] == [("sent", None)] * 2


def test_ended_early_once_more_after_it_went_on_it_is_told_again(story: Story) -> None:
    story.rule("course_ended")
    story.sell()
    for n, early in enumerate((NOW + 5 * DAY, NOW + 30 * DAY), 1):
        story.tell(early, state="ended")
        story.pass_to(early + timedelta(minutes=3))
        assert len(story.said()) == n
        story.tell(early + DAY, ends_on=ENDS + n * 60 * DAY, extends=True)


def test_ended_by_its_source_when_that_was_told_it_is_not_told_again(story: Story) -> None:
    story.rule("course_ended")
    story.sell()
    story.pass_to(ten(ENDS + DAY))
    assert len(story.said()) == 1
    story.tell(ten(ENDS + DAY) + timedelta(hours=1), state="ended")
    story.pass_to(ten(ENDS + 2 * DAY))
    assert len(story.said()) == 1


def test_old_records_of_what_has_ended_are_no_news(story: Story) -> None:
    story.rule("course_ended")
    story.sell(NOW - 300 * DAY, ends_on=NOW.date() - 2 * DAY)
    story.plan(NOW)
    story.pass_to(NOW)
    assert story.said() == []


def test_on_the_morning_after_few_are_left_that_is_told_once(story: Story) -> None:
    story.rule("course_few_left")
    story.sell(sessions=3)
    story.use(NOW + DAY, "1")
    story.pass_to(NOW + 2 * DAY)
    assert story.said() == []
    story.use(NOW + 2 * DAY, "2")
    story.pass_to(NOW + 2 * DAY + timedelta(hours=1))
    assert story.said() == []
    for _ in range(2):
        story.pass_to(ten(NOW.date() + 3 * DAY))
        (text,) = story.said()
    assert "1 จาก 3" in text


@pytest.mark.parametrize(
    ("bought", "conditions", "many"), [(1, {}, 0), (2, {}, 1), (4, {"sessionsLeft": 3}, 1), (4, {"sessionsLeft": 2}, 0)]
)
def test_how_many_are_few(story: Story, bought: int, conditions: dict[str, int], many: int) -> None:
    story.rule("course_few_left", **conditions)
    story.sell(sessions=bought)
    story.pass_to(NOW + 2 * DAY)
    assert story.said() == []  # few from the beginning is nothing to tell
    story.use(NOW + 2 * DAY, "1")
    story.pass_to(NOW + 4 * DAY)
    assert len(story.said()) == many


def test_given_back_in_time_it_is_not_said(story: Story) -> None:
    story.rule("course_few_left")
    story.sell(sessions=2)
    story.use(NOW + DAY, "1")
    story.use(NOW + DAY + timedelta(hours=1), "1", "given_back")
    story.pass_to(NOW + 3 * DAY)
    assert (story.fates(), story.said()) == ([("cancelled", "no_longer_so")], [])


def test_whose_next_session_is_planned_is_not_asked_when_it_suits(story: Story) -> None:
    story.rule("course_few_left")
    story.sell(sessions=2)
    story.use(NOW + DAY, "1")
    story.tell(NOW + DAY, session=SessionTold("2", "planned", NOW + 20 * DAY))
    story.pass_to(NOW + 2 * DAY)
    assert (story.fates(), story.said()) == ([("cancelled", "appointment_ahead")], [])


def test_in_english_too(story: Story) -> None:
    story.mali.customer.language = "en"
    for kind in ("course_few_left", "course_ending", "course_ended"):
        story.rule(kind)
    story.sell(sessions=2)
    story.use(NOW + DAY, "1")
    for day in (NOW.date() + 2 * DAY, ENDS - 30 * DAY, ENDS - 7 * DAY, ENDS + DAY):
        story.pass_to(ten(day))
    few, soon, sooner, over = story.said()
    assert "1 of 2 sessions left. Please tell us here when" in few
    assert "until Apr 28, 2026" in soon and soon == sooner and "has ended: 1 of 2" in over
