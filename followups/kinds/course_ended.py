"""A course has ended with something left of it: the customer is told, and the staff are asked to call."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from sqlalchemy import Text, and_, case, cast, func, literal, or_, select
from sqlalchemy.orm import Session

from customers.appointments import UNDO
from followups.courses import OfCourses, ends
from followups.kind import AT, Anchored, Conditions, Offset, When, greeting, kind
from models.clinics import Clinic
from models.courses import Course
from models.followups import FollowupExecution, Words
from runtime.language import Language


class AtTheEnd(Conditions):
    pass


@kind
class CourseEnded(OfCourses[AtTheEnd]):
    """On the day after the last one, or as soon as its source has said that it has ended."""

    name = "course_ended"
    worth = timedelta(days=14)
    conditions = AtTheEnd

    def offsets(self, conditions: AtTheEnd) -> Sequence[Offset]:  # noqa: ARG002 - there is nothing to choose
        return [Offset()]

    def anchors(self, clinic: Clinic, conditions: AtTheEnd, when: When) -> Anchored:  # noqa: ARG002
        end = ends(clinic, when)
        the_day_after = func.timezone(str(clinic.settings.voice.zone), end.c.ends_on + 1 + literal(AT))
        said = case((Course.state == "ended", Course.ended_at + UNDO))
        by_its_word = and_(said.is_not(None), or_(the_day_after.is_(None), said < the_day_after))
        # Said twice it is the same end; extended and ended anew it is another.
        ends_at = case(
            (by_its_word, func.concat("said:", cast(Course.extended_order, Text))), else_=cast(end.c.ends_on, Text)
        )
        return Anchored(
            select(
                Course.customer_id,
                func.concat("course_ended:", cast(Course.id, Text), "@", ends_at).label("anchor"),
                func.least(the_day_after, said).label("at"),
                Course.id.label("about_id"),
                func.greatest(case((by_its_word, Course.ended_at), else_=Course.told_at), Course.created_at).label(
                    "known_at"
                ),
                or_(Course.state == "ended", (Course.state == "active") & end.c.ends_on.is_not(None)).label("holds"),
            )
            .outerjoin(end, end.c.course_id == Course.id)
            .where(Course.clinic_id == clinic.id)
        )

    def why_not_of(
        self, session: Session, execution: FollowupExecution, one: Course, state: str, now: datetime  # noqa: ARG002
    ) -> str | None:  # fmt: skip
        return None if state == "ended" else state

    def words(self, t: Language, values: Mapping[str, str]) -> Words:
        return {
            "subject": t("Your course has ended"),
            "message": t(
                "{hello}! Your course at {clinicName} has ended: {left}. What is left stays noted. Please tell us here "
                "whether you would like to extend it, or to ask for a refund.",
                hello=greeting(t, values.get("customerName")),
                **values,
            ),
            "sms": t(
                "{clinicName}: your course has ended ({left}). To extend it, or to ask for a refund of what is left, "
                "please call us or write to us in LINE.",
                **values,
            ),
        }


@kind
class CourseEndedCall(CourseEnded):
    """What becomes of it is a person's to find out: one task a course and end."""

    name = "course_ended_call"
    channels: ClassVar[Sequence[str]] = ("call",)

    def words(self, t: Language, values: Mapping[str, str]) -> Words:
        """As it is written down of the call."""
        return {"message": t("A course of yours has ended: {left}. We should like to hear what you wish.", **values)}
