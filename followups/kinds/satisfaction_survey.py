"""Asks a week after a treatment how the visit was: a rating, which is answered as any review."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, ClassVar

from pydantic import Field
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from channels.message import Action, Button
from followups.kind import Conditions, Offset, greeting, kind
from followups.treated import OfVisits, Types
from models.facts import Review, Visit
from models.followups import FollowupExecution, Purpose, Words
from privacy import consent
from runtime.language import Language


class After(Conditions):
    days_after: Annotated[int, Field(ge=1, le=90)] = 7
    treatment_type: Types = ()


@kind
class SatisfactionSurvey(OfVisits[After]):
    name = "satisfaction_survey"
    purpose: ClassVar[Purpose] = "care"
    channels: ClassVar[Sequence[str]] = ("email", "in_app", "line")
    worth = timedelta(days=7)
    conditions = After

    def types(self, conditions: After) -> Sequence[str]:
        return conditions.treatment_type

    def offsets(self, conditions: After) -> Sequence[Offset]:
        return [Offset(days=conditions.days_after)]

    def why_not(self, session: Session, execution: FollowupExecution, now: datetime) -> str | None:
        if consent.objects(session, execution.customer, consent.SURVEY):
            return "declined"
        visit = session.get(Visit, (execution.about_id, execution.clinic_id))
        if visit is None or visit.uncounted is not None:
            return "visit_void"
        answered = exists().where(Review.clinic_id == execution.clinic_id, Review.visit_id == execution.about_id)
        if session.scalar(select(answered)):
            return "answered"
        return "asked_already" if visit.feedback == "asked" else super().why_not(session, execution, now)

    def buttons(self, t: Language) -> tuple[Button, ...]:
        return (Button(t("Rate my visit"), Action("review")),)

    def words(self, t: Language, values: Mapping[str, str]) -> Words:
        return {
            "subject": t("How was your visit?"),
            "message": t(
                "{hello}! Thank you for coming to {clinicName}. Would you tell us in one tap how it was? What you say "
                "helps us to do better.",
                hello=greeting(t, values.get("customerName")),
                **values,
            ),
        }
