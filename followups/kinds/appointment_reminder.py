"""Reminds of an appointment, the day before or as the clinic chooses; never who has confirmed it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, ClassVar

from pydantic import AfterValidator, BeforeValidator, Field
from sqlalchemy import Text, cast, extract, func, select
from sqlalchemy.orm import Session

from channels.message import Action, Button
from customers import appointments
from customers.voice import addressed
from followups import answers, had, together
from followups.kind import Anchored, Conditions, Kind, Offset, When, each_once, greeting, kind
from models.appointments import Appointment
from models.clinics import Clinic
from models.followups import FollowupExecution, Purpose, Words
from runtime.language import Language

MOST = 3
INSTEAD = timedelta(hours=4)
"""What was told of a change so shortly before is the reminder."""


def _several(given: object) -> object:
    return given if isinstance(given, list | tuple) else [given]


class Before(Conditions):
    hours_before: Annotated[
        tuple[Annotated[int, Field(ge=1, le=24 * 30)], ...],
        BeforeValidator(lambda given: tuple(_several(given))),
        Field(min_length=1, max_length=MOST),
        AfterValidator(each_once),
    ] = (24,)
    """Up to three; twice the same is one."""


@kind
class AppointmentReminder(Kind[Before]):
    name = "appointment_reminder"
    purpose: ClassVar[Purpose] = "transactional"
    hears: ClassVar[Mapping[str, str]] = dict.fromkeys(
        (f"appointment_{state}" for state in ("requested", "booked", "confirmed", "moved", "come", "completed",
                                              "no_show", "cancelled")),
        "appointment",
    )  # fmt: skip
    channels: ClassVar[Sequence[str]] = ("line", "sms")
    ai = False
    worth = None
    conditions = Before
    variables = ("customerName", "clinicName", "appointmentDate", "appointmentTime", "branchName", "service")
    needed = ("clinicName", "appointmentDate", "appointmentTime")
    private = ("service",)

    def offsets(self, conditions: Before) -> Sequence[Offset]:
        return [Offset(hours=-hours) for hours in sorted(conditions.hours_before, reverse=True)]

    def anchors(self, clinic: Clinic, conditions: Before, when: When) -> Anchored:  # noqa: ARG002
        seconds = cast(extract("epoch", Appointment.starts_at), Text)
        return Anchored(
            select(
                Appointment.customer_id,
                func.concat("appointment:", cast(Appointment.id, Text), "@", seconds).label("anchor"),
                Appointment.starts_at.label("at"),
                Appointment.id.label("about_id"),
                Appointment.told_at.label("known_at"),
                (Appointment.state == "booked").label("holds"),
            ).where(Appointment.clinic_id == clinic.id)
        )

    def why_not(self, session: Session, execution: FollowupExecution, now: datetime) -> str | None:
        one = together.about(session, execution, Appointment)
        if one is None or one.state != "booked":
            return "no_appointment" if one is None else one.state
        if one.starts_at <= now:
            return "past"
        return "told_with_the_change" if had.change_told(session, execution, now - INSTEAD) else None

    def values(self, session: Session, execution: FollowupExecution, t: Language) -> Mapping[str, str]:
        one = together.there(session, execution, Appointment)
        customer, clinic = one.customer, one.clinic
        branch = answers.branch(session, execution, one.branch_id)
        found = answers.service(session, execution, one.service_code)
        service = found.names.get(t.code) if found else one.service
        values = {
            "customerName": appointments.for_whom(one) or addressed(customer, t),
            "clinicName": clinic.called(t.code),
            "appointmentDate": t.date(one.starts_at),
            "appointmentTime": t.time(one.starts_at),
            "branchName": branch.names.get(t.code) if branch else None,
            "service": service,
        }
        return {name: value for name, value in values.items() if value}

    def buttons(self, t: Language) -> tuple[Button, ...]:
        return (Button(t("My appointments"), Action("appointments")),)

    def words(self, t: Language, values: Mapping[str, str]) -> Words:
        return {
            "subject": t("Your appointment on {appointmentDate} at {appointmentTime}", **values),
            "message": t(
                "{hello}! We look forward to seeing you at {clinicName} on {appointmentDate} at {appointmentTime}. "
                "Should you be unable to come, please tell us here in the chat.",
                hello=greeting(t, values.get("customerName")),
                **values,
            ),
            "sms": t(
                "{clinicName}: your appointment is on {appointmentDate} at {appointmentTime}. Should you be unable to "
                "come, please call us or write to us in LINE.",
                **values,
            ),
        }
