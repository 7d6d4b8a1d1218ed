"""Offers to come again, or for something that goes with what was done, two weeks after a treatment."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from channels.message import Action, Button
from followups import answers, together
from followups.kind import Conditions, Offset, greeting, kind
from followups.together import Together
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
        chosen = answers.chosen(session, execution)
        if chosen is not None and chosen.no_upsell_until is not None and chosen.no_upsell_until > now:
            return "not_now"
        if answers.ahead(session, execution, now):
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
            "sms": t(
                "{clinicName}: it has been a little while since your visit. If you would like to go on, we are glad to "
                "advise you.",
                **values,
            ),
        }


def _had(session: Session, execution: FollowupExecution, codes: set[str], since: datetime) -> bool:
    batch = together.of(session, execution)
    again = batch.each(_performed).get(execution.customer_id, ())
    bought = batch.each(_bought).get(execution.customer_id, ())
    return any(code in codes and at > since for code, at in again) or any(
        code in codes and at > since + timedelta(days=1) for code, at in bought
    )


Dated = list[tuple[str, datetime]]
"""Codes of services, each with when it was last."""


def _performed(batch: Together) -> dict[UUID, Dated]:
    """What was last done to each customer, by service."""
    theirs = Treatment.clinic_id == batch.clinic_id, batch.of_customers(Treatment.customer_id)
    each = Treatment.customer_id, Treatment.service_code
    done_ = select(*each, func.max(Treatment.performed_at)).where(*theirs, Treatment.state == "performed")
    return _dated(batch, done_.where(Treatment.service_code.is_not(None)).group_by(*each))


def _bought(batch: Together) -> dict[UUID, Dated]:
    """What each customer last paid for, by service."""
    theirs = Payment.clinic_id == batch.clinic_id, batch.of_customers(Payment.customer_id)
    each = Payment.customer_id, Payment.service_code
    paid = select(*each, func.max(Payment.paid_at)).where(*theirs, Payment.uncounted.is_distinct_from("void"))
    return _dated(batch, paid.where(Payment.service_code.is_not(None)).group_by(*each))


def _dated(batch: Together, chosen: Select[UUID, str | None, datetime]) -> dict[UUID, Dated]:
    found: dict[UUID, Dated] = {}
    for customer_id, code, at in batch.session.execute(chosen):
        found.setdefault(customer_id, []).append((code or "", at))
    return found
