"""Offers to come again, or for something that goes with what was done, two weeks after a treatment."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, ClassVar

from pydantic import Field
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from channels.message import Action, Button
from customers import appointments
from followups import preferences
from followups.kind import Conditions, Offset, greeting, kind
from followups.treated import OfVisits, Types, done
from models.facts import Payment
from models.followups import FollowupExecution, Purpose, Words
from models.treatments import Treatment
from runtime.language import Language


class After(Conditions):
    days_after: Annotated[int, Field(ge=1, le=365)] = 14
    treatment_type: Types = ()


@kind
class UpsellOpportunity(OfVisits[After]):
    """Never to who has something ahead, has bought the same again since, or has said "not now"."""

    name = "upsell_opportunity"
    purpose: ClassVar[Purpose] = "marketing"
    by_health = True
    worth = timedelta(days=7)
    conditions = After

    def types(self, conditions: After) -> Sequence[str]:
        return conditions.treatment_type

    def offsets(self, conditions: After) -> Sequence[Offset]:
        return [Offset(days=conditions.days_after)]

    def why_not(self, session: Session, execution: FollowupExecution, now: datetime) -> str | None:
        customer = execution.customer
        chosen = preferences.of(session, customer)
        if chosen is not None and chosen.no_upsell_until is not None and chosen.no_upsell_until > now:
            return "not_now"
        if appointments.ahead(session, customer, now, 1):
            return "appointment_ahead"
        treatments = done(session, execution)
        if not treatments:
            return "treatment_voided"
        codes, since = {one.service_code for one in treatments if one.service_code}, treatments[-1].performed_at
        return "had_again" if codes and _had(session, execution, codes, since) else None

    def buttons(self, t: Language) -> tuple[Button, ...]:
        return (Button(t("Book"), Action("appointments")), Button(t("Not for now"), Action("not_now"), quiet=True))

    def words(self, t: Language, values: Mapping[str, str]) -> Words:
        return {
            "subject": t("Something for you at {clinicName}", **values),
            "message": t(
                "{hello}! It has been a little while since your visit to {clinicName}. If you would like to go on, "
                "or to hear what goes well with it, we are glad to advise you.",
                hello=greeting(t, values.get("customerName")),
                **values,
            ),
        }


def _had(session: Session, execution: FollowupExecution, codes: set[str], since: datetime) -> bool:
    mine = Treatment.clinic_id == execution.clinic_id, Treatment.customer_id == execution.customer_id
    again = exists().where(
        *mine, Treatment.service_code.in_(codes), Treatment.state == "performed", Treatment.performed_at > since
    )
    bought = exists().where(
        Payment.clinic_id == execution.clinic_id,
        Payment.customer_id == execution.customer_id,
        Payment.service_code.in_(codes),
        Payment.uncounted.is_distinct_from("void"),
        Payment.paid_at > since + timedelta(days=1),
    )
    return bool(session.scalar(select(again | bought)))
