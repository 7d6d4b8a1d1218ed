"""Reminds of a bill before the last day on which it is paid in time."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, ClassVar

from pydantic import Field
from sqlalchemy import Text, cast, func, literal, select
from sqlalchemy.orm import Session

from channels.message import Action, Button
from customers.voice import addressed
from followups import together
from followups.kind import AT, Anchored, Conditions, Kind, Offset, When, greeting, kind
from models.clinics import Clinic
from models.followups import FollowupExecution, Purpose, Words
from models.invoices import Invoice
from runtime.language import Language

UNPAID = ("open", "part_paid")


class Before(Conditions):
    days_before: Annotated[int, Field(ge=0, le=60)] = 3


@kind
class PaymentReminder(Kind[Before]):
    """Until the end of the day on which it is due: afterwards it is no reminder."""

    name = "payment_reminder"
    purpose: ClassVar[Purpose] = "transactional"
    hears: ClassVar[Mapping[str, str]] = dict.fromkeys(
        (f"invoice_{what}" for what in ("created", "due_moved", "open", "part_paid", "paid", "void", "refunded")),
        "invoice",
    )
    channels: ClassVar[Sequence[str]] = ("sms", "email", "line")
    worth = None
    conditions = Before
    variables = ("customerName", "clinicName", "amount", "dueDate")
    needed = ("clinicName", "dueDate")
    private = ("amount",)

    def offsets(self, conditions: Before) -> Sequence[Offset]:
        return [Offset(days=-conditions.days_before)]

    def anchors(self, clinic: Clinic, conditions: Before, when: When) -> Anchored:  # noqa: ARG002
        zone = str(clinic.settings.voice.zone)
        return Anchored(
            select(
                Invoice.customer_id,
                func.concat("invoice:", cast(Invoice.id, Text), "@", cast(Invoice.due_on, Text)).label("anchor"),
                func.timezone(zone, Invoice.due_on + literal(AT)).label("at"),
                Invoice.id.label("about_id"),
                Invoice.told_at.label("known_at"),
                (Invoice.state.in_(UNPAID) & Invoice.due_on.is_not(None)).label("holds"),
            ).where(Invoice.clinic_id == clinic.id)
        )

    def why_not(self, session: Session, execution: FollowupExecution, now: datetime) -> str | None:  # noqa: ARG002
        one = together.about(session, execution, Invoice)
        if one is None or one.due_on is None:
            return "no_invoice" if one is None else "no_due_date"
        return None if one.state in UNPAID else one.state

    def values(self, session: Session, execution: FollowupExecution, t: Language) -> Mapping[str, str]:
        one = together.there(session, execution, Invoice)
        customer = one.customer
        known = {
            "customerName": addressed(customer, t),
            "clinicName": customer.clinic.called(t.code),
            "amount": t.baht(one.amount - one.paid),
            "dueDate": t.date(one.due_on) if one.due_on else None,
        }
        return {name: value for name, value in known.items() if value}

    def buttons(self, t: Language) -> tuple[Button, ...]:
        return (Button(t("Talk to our team"), Action("human")),)

    def words(self, t: Language, values: Mapping[str, str]) -> Words:
        """Without the amount: a notification is read on a locked phone too."""
        return {
            "subject": t("A reminder from {clinicName}", **values),
            "message": t(
                "{hello}! Just to remind you: a payment at {clinicName} is due by {dueDate}. If you have paid "
                "already, please ignore this message.",
                hello=greeting(t, values.get("customerName")),
                **values,
            ),
            "sms": t(
                "{clinicName}: a payment is due by {dueDate}. If you have paid already, please ignore this message.",
                **values,
            ),
        }
