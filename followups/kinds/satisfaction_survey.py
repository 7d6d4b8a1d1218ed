"""Asks a week after a treatment how the visit was: a rating, which is answered as any review."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from channels.message import Action, Button
from followups import answers, together
from followups.kind import Conditions, Offset, greeting, kind
from followups.together import Together
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
        if answers.decisions(session, execution).objects(consent.SURVEY):
            return "declined"
        visit = together.about(session, execution, Visit)
        if visit is None or visit.uncounted is not None:
            return "visit_void"
        if execution.about_id in together.of(session, execution).each(_answered):
            return "answered"
        return "asked_already" if visit.feedback == "asked" else super().why_not(session, execution, now)

    def buttons(self, t: Language) -> tuple[Button, ...]:
        return (Button(t("Rate my visit"), Action("review")),)

    def words(self, t: Language, values: Mapping[str, str]) -> Words:
        return {
            "subject": t("How was your visit?"),
            "message": t(
                "{hello}! Thank you for coming to {clinicName}. Would you tell us how it was? It takes less "
                "than a minute, and what you say helps us to do better.",
                hello=greeting(t, values.get("customerName")),
                **values,
            ),
        }


def _answered(batch: Together) -> dict[UUID, UUID]:
    """The visits that were rated, and by which answer."""
    chosen = select(Review.visit_id, Review.id).where(Review.clinic_id == batch.clinic_id)
    return dict(batch.session.execute(chosen.where(batch.of_anchors(Review.visit_id))).all())
