"""Tells before a course ends how much of it is left, and until when."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field
from sqlalchemy import Text, cast, func, literal, select
from sqlalchemy.orm import Session

from followups.courses import OfCourses, ends
from followups.kind import AT, Anchored, Conditions, Offset, When, each_once, greeting, kind
from models.clinics import Clinic
from models.courses import Course
from models.followups import FollowupExecution, Words
from runtime.language import Language

MOST = 3


class Before(Conditions):
    days_before: Annotated[
        tuple[Annotated[int, Field(ge=1, le=90)], ...],
        BeforeValidator(lambda given: tuple(given) if isinstance(given, list | tuple) else (given,)),
        Field(min_length=1, max_length=MOST),
        AfterValidator(each_once),
    ] = (30, 7)
    """Up to three; twice the same is one."""


@kind
class CourseEnding(OfCourses[Before]):
    """At the clinic's hour, some days before the last on which a session can be had; not of what rests meanwhile."""

    name = "course_ending"
    worth = timedelta(days=5)
    """Where that was not possible in time, the next one tells as much."""
    conditions = Before
    needed = ("clinicName", "left", "endDate")

    def offsets(self, conditions: Before) -> Sequence[Offset]:
        return [Offset(days=-days) for days in sorted(conditions.days_before, reverse=True)]

    def anchors(self, clinic: Clinic, conditions: Before, when: When) -> Anchored:  # noqa: ARG002
        end = ends(clinic, when)
        return Anchored(
            select(
                Course.customer_id,
                func.concat("course:", cast(Course.id, Text), "@", cast(end.c.ends_on, Text)).label("anchor"),
                func.timezone(str(clinic.settings.voice.zone), end.c.ends_on + literal(AT)).label("at"),
                Course.id.label("about_id"),
                func.greatest(Course.told_at, Course.created_at).label("known_at"),
                (Course.state == "active").label("holds"),
            )
            .join(end, end.c.course_id == Course.id)
            .where(Course.clinic_id == clinic.id)
        )

    def why_not_of(
        self, session: Session, execution: FollowupExecution, one: Course, state: str, now: datetime  # noqa: ARG002
    ) -> str | None:  # fmt: skip
        return None if state == "active" else state

    def words(self, t: Language, values: Mapping[str, str]) -> Words:
        return {
            "subject": t("Your course ends soon"),
            "message": t(
                "{hello}! Your course at {clinicName} can be used until {endDate}: {left}. Please tell us here whether "
                "you would like to book, to extend it, or to ask for a refund of what is left.",
                hello=greeting(t, values.get("customerName")),
                **values,
            ),
            "sms": t(
                "{clinicName}: your course can be used until {endDate} ({left}). To book, to extend it or to ask for a "
                "refund, please call us or write to us in LINE.",
                **values,
            ),
        }
