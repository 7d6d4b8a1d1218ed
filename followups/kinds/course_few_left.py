"""Tells that few sessions of a course are left."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field
from sqlalchemy import Date, Text, cast, func, literal, select
from sqlalchemy.orm import Session

from customers import courses
from followups.courses import OfCourses, planned
from followups.kind import AT, Anchored, Conditions, Offset, When, greeting, kind
from models.clinics import Clinic
from models.courses import Course
from models.followups import FollowupExecution, Words
from runtime.language import Language


class Few(Conditions):
    sessions_left: Annotated[int, Field(ge=1, le=20)] = 1


@kind
class CourseFewLeft(OfCourses[Few]):
    """On the morning after the session that left so few, unless the next one is planned already. Bought in addition,
    they may become few again."""

    name = "course_few_left"
    worth = timedelta(days=5)
    conditions = Few

    def offsets(self, conditions: Few) -> Sequence[Offset]:  # noqa: ARG002 - it is the next morning
        return [Offset(days=1)]

    def anchors(self, clinic: Clinic, conditions: Few, when: When) -> Anchored:  # noqa: ARG002
        """Of what was shared on without its source's word its own figures say too many or too few: what is exact is
        looked at when it is said."""
        zone = str(clinic.settings.voice.zone)
        left = Course.bought - Course.used - Course.shared_out
        return Anchored(
            select(
                Course.customer_id,
                func.concat("course_few:", cast(Course.id, Text), "@", cast(Course.bought, Text)).label("anchor"),
                func.timezone(zone, cast(func.timezone(zone, Course.told_at), Date) + literal(AT)).label("at"),
                Course.id.label("about_id"),
                func.greatest(Course.told_at, Course.created_at).label("known_at"),
                ((Course.state == "active") & (Course.used > 0) & (left <= conditions.sessions_left)).label("holds"),
            ).where(Course.clinic_id == clinic.id)
        )

    def why_not_of(
        self, session: Session, execution: FollowupExecution, one: Course, state: str, now: datetime
    ) -> str | None:
        if state != "active":
            return state
        if courses.left(one) > Few.model_validate(execution.rule.conditions).sessions_left:
            return "no_longer_so"
        return "appointment_ahead" if planned(session, execution, now) else None

    def words(self, t: Language, values: Mapping[str, str]) -> Words:
        return {
            "subject": t("Your course"),
            "message": t(
                "{hello}! Your course at {clinicName} has {left}. Please tell us here when the next one would suit "
                "you.",
                hello=greeting(t, values.get("customerName")),
                **values,
            ),
            "sms": t("{clinicName}: your course has {left}. To book, please call us or write to us in LINE.", **values),
        }
