"""Asks how the customer feels the day after a treatment."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from channels.message import Action, Button
from followups.kind import Conditions, Offset, greeting, kind
from followups.treated import OfVisits, Types
from models.followups import Purpose, Words
from runtime.language import Language


class After(Conditions):
    """`hoursAfter` where it is said; else `daysAfter`, by default one."""

    hours_after: Annotated[int | None, Field(ge=1, le=24 * 14)] = None
    days_after: Annotated[int | None, Field(ge=0, le=90)] = None
    treatment_type: Types = ()

    @model_validator(mode="after")
    def _one(self) -> "After":
        if self.hours_after is not None and self.days_after is not None:
            raise ValueError("write hoursAfter or daysAfter, not both")
        return self


@kind
class PostTreatment(OfVisits[After]):
    """After an adverse reaction no program asks: a person does."""

    name = "post_treatment"
    purpose: ClassVar[Purpose] = "care"
    worth = timedelta(days=2)
    conditions = After

    def types(self, conditions: After) -> Sequence[str]:
        return conditions.treatment_type

    def offsets(self, conditions: After) -> Sequence[Offset]:
        if conditions.days_after is not None:
            return [Offset(days=conditions.days_after)]
        return [Offset(hours=24 if conditions.hours_after is None else conditions.hours_after)]

    def buttons(self, t: Language) -> tuple[Button, ...]:
        return (Button(t("All is well"), Action("all_well")), Button(t("Talk to our team"), Action("human")))

    def words(self, t: Language, values: Mapping[str, str]) -> Words:
        """Without the treatment: a notification is read on a locked phone too."""
        return {
            "subject": t("How are you today?"),
            "message": t(
                "{hello}! How do you feel after your visit to {clinicName}? Should anything worry you, or should you "
                "want to ask something, write to us in LINE at any time.",
                hello=greeting(t, values.get("customerName")),
                **values,
            ),
            "sms": t(
                "{clinicName}: how are you after your visit? Should anything worry you, please call us or write to us "
                "in LINE.",
                **values,
            ),
        }
