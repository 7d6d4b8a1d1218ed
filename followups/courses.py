"""What is told of courses: sessions bought together, of which something is left."""

from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Subquery, and_, select
from sqlalchemy.orm import Session, aliased

from channels.message import Action, Button
from customers import courses
from customers.voice import addressed
from followups import together
from followups.kind import C, Kind, When
from models.clinics import Clinic
from models.courses import Course
from models.followups import FollowupExecution, Purpose
from runtime.language import Language


class OfCourses(Kind[C]):
    """Its anchors are courses; what is looked at before it is said is the course as it is then, to the last session."""

    purpose: ClassVar[Purpose] = "transactional"
    hears: ClassVar[Mapping[str, str]] = dict.fromkeys(
        (f"course_{what}" for what in ("sold", "end_moved", "planned", "used", "given_back", "used_up", "frozen",
                                       "resumed", "ended", "refunded", "shared", "received", "share_undone")),
        "course",
    )  # fmt: skip
    channels: ClassVar[Sequence[str]] = ("line", "sms")
    ai = False
    variables: ClassVar[Sequence[str]] = (
        "customerName", "clinicName", "courseName", "sessionsLeft", "sessions", "left", "endDate"
    )  # fmt: skip
    needed: ClassVar[Sequence[str]] = ("clinicName", "left")
    private: ClassVar[Sequence[str]] = ("courseName",)

    def rows(self, session: Session, clinic: Clinic, touched: Collection[UUID]) -> Collection[UUID]:
        """With those that were shared from them, which may have their end from there."""
        return courses.with_shared(session, clinic, touched)

    def why_not(self, session: Session, execution: FollowupExecution, now: datetime) -> str | None:
        one = _course(session, execution)
        if one is None:
            return "no_course"
        state = courses.state_on(one, now.astimezone(execution.customer.clinic.settings.voice.zone).date())
        return "used_up" if courses.left(one) == 0 else self.why_not_of(session, execution, one, state, now)

    @abstractmethod
    def why_not_of(
        self, session: Session, execution: FollowupExecution, one: Course, state: str, now: datetime
    ) -> str | None:
        """Of a course of which something is left; `state`: on that day."""

    def values(self, session: Session, execution: FollowupExecution, t: Language) -> Mapping[str, str]:
        one, customer = together.there(session, execution, Course), execution.customer
        left, ends_on = t.number(courses.left(one)), courses.ends_on(one)
        known = {
            "customerName": addressed(customer, t),
            "clinicName": customer.clinic.called(t.code),
            "courseName": courses.name_of(one),
            "sessionsLeft": left,
            "sessions": t.number(courses.sessions_of(one)),
            "left": t.n("{left} of {count} session left", "{left} of {count} sessions left",
                        courses.sessions_of(one), left=left),
            "endDate": t.date(ends_on) if ends_on else None,
        }  # fmt: skip
        return {name: value for name, value in known.items() if value}

    def buttons(self, t: Language) -> tuple[Button, ...]:
        """The card of the courses has the ways to book."""
        return (Button(t("My courses"), Action("courses")), Button(t("Talk to our team"), Action("human")))


def _course(session: Session, execution: FollowupExecution) -> Course | None:
    """With those that its sessions came from at hand."""
    all_, batch = together.anchors(session, execution, Course), together.of(session, execution)
    batch.once(courses.origins, lambda: courses.origins(session, execution.customer.clinic, all_.values()))
    return all_.get(execution.about_id)


def planned(session: Session, execution: FollowupExecution, now: datetime) -> bool:
    """Whether the next session of its course is planned."""
    all_, batch = together.anchors(session, execution, Course), together.of(session, execution)
    next_ = batch.once(
        (courses.next_planned, now),
        lambda: courses.next_planned(session, execution.customer.clinic, list(all_.values()), now),
    )
    return execution.about_id in next_


def ends(clinic: Clinic, when: When) -> Subquery:
    """`course_id` and `ends_on` of those that end on a day: their own, else that of where their sessions came from, as
    `courses.ends_on`."""
    mine = select(Course.id.label("course_id"), Course.from_id, Course.ends_on)
    first = mine.where(Course.clinic_id == clinic.id, when.among(Course.id)).cte("course_line", recursive=True)
    origin = aliased(Course)
    more = (
        select(first.c.course_id, origin.from_id, origin.ends_on)
        .join(first, and_(origin.id == first.c.from_id, first.c.ends_on.is_(None)))
        .where(origin.clinic_id == clinic.id)
    )
    line = first.union(more)  # each row once: it ends also where rows lead in a circle
    return select(line.c.course_id, line.c.ends_on).where(line.c.ends_on.is_not(None)).subquery("course_ends")
