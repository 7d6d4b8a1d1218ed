"""An offer on the birthday, with the wishes: who may not be told of offers is wished well without one
(`followups/moments.py`)."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import ClassVar

from sqlalchemy import DateTime, and_, literal, select, true
from sqlalchemy.orm import Session

from channels.message import Action, Button
from customers.voice import addressed
from followups import together
from followups.kind import Anchored, Conditions, Kind, Offset, When, greeting, kind
from loyalty.birthdays import WISHED_FROM, kept_on, wished
from models.clinics import Clinic
from models.customers import Customer
from models.followups import FollowupExecution, Purpose, Words
from runtime.language import Language

OFFER = "birthday_special"


def of_year(year: int) -> str:
    """The anchor of a birthday."""
    return f"birthday:{year}"


class OnTheDay(Conditions):
    pass


@kind
class BirthdaySpecial(Kind[OnTheDay]):
    """Once a year, on the day itself, from nine o'clock."""

    name = OFFER
    purpose: ClassVar[Purpose] = "marketing"
    hears: ClassVar[Mapping[str, str]] = {}
    daily = True
    worth = timedelta(hours=14)
    conditions = OnTheDay
    variables = ("customerName", "clinicName")
    needed = ("clinicName",)

    def offsets(self, conditions: OnTheDay) -> Sequence[Offset]:  # noqa: ARG002 - there is nothing to choose
        return [Offset()]

    def anchors(self, clinic: Clinic, conditions: OnTheDay, when: When) -> Anchored:  # noqa: ARG002
        """Of the clinic's day."""
        zone = clinic.settings.voice.zone
        day = when.now.astimezone(zone).date()
        at, midnight = datetime.combine(day, WISHED_FROM, zone), datetime.combine(day, time(), zone)
        return Anchored(
            select(
                Customer.id.label("customer_id"),
                literal(of_year(day.year)).label("anchor"),
                literal(at, DateTime(timezone=True)).label("at"),
                Customer.id.label("about_id"),
                literal(midnight, DateTime(timezone=True)).label("known_at"),
                true().label("holds"),
            ).where(
                Customer.clinic_id == clinic.id,
                Customer.birth_month_day.in_(kept_on(day)),
                and_(Customer.joined_at.is_not(None), Customer.merged_into.is_(None), Customer.data_key.is_not(None)),
            )
        )

    def why_not(self, session: Session, execution: FollowupExecution, now: datetime) -> str | None:
        day = now.astimezone(execution.customer.clinic.settings.voice.zone).date()
        if execution.customer.birth_month_day not in kept_on(day):
            return "another_day"
        batch = together.of(session, execution)
        known = batch.once(wished, lambda: wished(session, execution.customer.clinic, batch.people, day))
        return "wished" if execution.customer_id in known else None

    def values(self, session: Session, execution: FollowupExecution, t: Language) -> Mapping[str, str]:  # noqa: ARG002
        customer = execution.customer
        known = {"customerName": addressed(customer, t), "clinicName": customer.clinic.called(t.code)}
        return {name: value for name, value in known.items() if value}

    def buttons(self, t: Language) -> tuple[Button, ...]:
        return (Button(t("Rewards"), Action("rewards")),)

    def words(self, t: Language, values: Mapping[str, str]) -> Words:
        return {
            "subject": t("Something for your birthday"),
            "message": t(
                "{hello}! All of us at {clinicName} wish you a happy birthday. In your birthday month we have "
                "something for you: have a look at your rewards, or ask us when you come.",
                hello=greeting(t, values.get("customerName")),
                **values,
            ),
            "sms": t(
                "{clinicName}: happy birthday! In your birthday month we have something for you, ask us when you come.",
                **values,
            ),
        }
