"""Staff share sessions of a customer's course with another customer, in their group, and take that back.

It is told of the course as its own source would tell it, under an id of ours; whatever the source says of that id
afterwards is newer.
"""

from datetime import datetime
from typing import Literal

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from customers import courses, journey, staff_acts
from customers.cards import today
from customers.staff_members import actor
from facts import courses as told_of
from facts.group_till import NotOpen, opened, own_card
from facts.told import CourseTold, Person, ShareTold
from loyalty import notifications
from loyalty.notifications import Kind
from models.courses import Course, CourseSession
from models.customers import Customer, JourneyData
from models.staff import StaffAct, StaffMember

NEWS: tuple[Kind, ...] = ("course_shared", "course_received")
OF_STAFF = "AURA-"
"""How the id begins that a course has which staff shared."""
_FIRST = 0
"""Before any word of a source's own."""


class NotShared(Exception):
    """Nothing was changed. `why`: it is one person; the course is over; so many are not left."""

    def __init__(self, why: Literal["same_person", "over", "too_many"]) -> None:
        super().__init__(why)
        self.why = why


def may_be_shared(course: Course, now: datetime) -> bool:
    day = now.astimezone(course.customer.clinic.settings.voice.zone).date()
    return courses.state_on(course, day) in ("active", "frozen") and courses.left(course) > 0


def ask(
    session: Session, member: StaffMember, course: Course, other: Customer, sessions: int, now: datetime
) -> StaffAct:
    """Raises `NotShared`."""
    _check(course, other, sessions, now)
    own = any(own_card(session, member, one) for one in (course.customer, other))
    act = staff_acts.note(
        session, member, "share", "asked", now, customer=course.customer, reason="own_card" if own else None
    )
    act.other_id, act.course_id, act.sessions = other.id, course.id, sessions
    session.flush()
    return act


def between(session: Session, act: StaffAct, *, locked: bool = False) -> tuple[Course, Customer]:
    """Which course, and who is to have of it. Raises `NotOpen` where either is gone."""
    key, other_key = (act.course_id, act.clinic_id), (act.other_id, act.clinic_id)
    course = session.get(Course, key, with_for_update=locked, populate_existing=locked) if act.course_id else None
    other = today(session, session.get(Customer, other_key) if act.other_id else None)
    if course is None or other is None:
        raise NotOpen
    return course, other


def share(session: Session, act: StaffAct, member: StaffMember, now: datetime) -> Course:
    """The course of which it was taken; both are told. Raises `NotOpen`, `NeedsAnother`, `NotShared`."""
    opened(session, act, member, now, between(session, act)[1])
    course, other = between(session, act, locked=True)
    if act.sessions is None or course.customer is not act.customer:  # two records were taken apart since
        raise NotOpen
    _check(course, other, act.sessions, now)
    by, given = actor(member), ShareTold(id_of(act), Person(ours=other.id), act.sessions)
    fact = CourseTold(course.external_id, _FIRST, now, share=given)
    told_of.told(session, member.clinic, course.source, fact, now, by=by)
    act.state, act.done_by, act.done_at = "done", by, now
    session.flush()
    return course


def undo(session: Session, act: StaffAct, now: datetime, by: str) -> bool:
    """Whether it could be taken back: of what was shared nothing has been used, planned or shared on since, and its
    source has said nothing else of it. Who had been told hears one line."""
    course, _other = between(session, act, locked=True)
    theirs = courses.of_source(session, act.clinic, course.source, id_of(act))
    if theirs is None or theirs.shared_order != _FIRST or theirs.shared_out > 0:
        return False
    had = CourseSession.clinic_id == act.clinic_id, CourseSession.course_id == theirs.id
    if session.scalar(select(exists().where(*had, CourseSession.state != "given_back"))):
        return False
    theirs.shared_in = 0
    for one in (theirs, course):
        courses.settle(session, one)
        data: JourneyData = {"course": str(one.id), "by": by}
        journey.write(session, one.customer, "course_share_undone", now, key=f"unshared:{act.id}:{one.id}", data=data)
        if notifications.withdraw(session, one.customer, NEWS, act.done_at or now):
            notifications.write(session, one.customer, "share_undone", now)
    return True


def id_of(act: StaffAct) -> str:
    """Under which the other has it, as the clinic's system may name it: the end of an id of ours, which is random."""
    return f"{OF_STAFF}{act.id.hex[-10:].upper()}"


def _check(course: Course, other: Customer, sessions: int, now: datetime) -> None:
    if other is course.customer:
        raise NotShared("same_person")
    if not may_be_shared(course, now):
        raise NotShared("over")
    if not 1 <= sessions <= courses.left(course):
        raise NotShared("too_many")
