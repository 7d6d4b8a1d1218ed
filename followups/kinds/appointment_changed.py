"""Tells of an appointment that the clinic has moved or cancelled, once that has stood for some minutes."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from sqlalchemy import Text, and_, cast, extract, func, or_, select
from sqlalchemy.orm import Session

from channels.message import Action, Button
from customers import appointments
from customers.appointments import UNDO
from customers.voice import addressed
from followups import together
from followups.kind import Anchored, Conditions, Kind, Offset, When, greeting, kind
from models.appointments import Appointment
from models.clinics import Clinic
from models.followups import FollowupExecution, Purpose, Words
from runtime.language import Language

STANDS = ("booked", "confirmed")


class OfTheClinic(Conditions):
    pass


@kind
class AppointmentChanged(Kind[OfTheClinic]):
    """Of what they have not done themselves, and know otherwise: moved and moved back is nothing to tell."""

    name = "appointment_changed"
    purpose: ClassVar[Purpose] = "transactional"
    hears: ClassVar[Mapping[str, str]] = dict.fromkeys(
        (f"appointment_{what}" for what in ("requested", "booked", "confirmed", "moved", "cancelled")), "appointment"
    )
    channels: ClassVar[Sequence[str]] = ("line", "sms")
    ai = False
    worth = timedelta(days=30)
    conditions = OfTheClinic
    variables = ("customerName", "clinicName", "change", "whatNow", "appointmentDate", "appointmentTime")
    needed = ("clinicName", "change", "whatNow")

    def offsets(self, conditions: OfTheClinic) -> Sequence[Offset]:  # noqa: ARG002 - there is nothing to choose
        return [Offset()]

    def anchors(self, clinic: Clinic, conditions: OfTheClinic, when: When) -> Anchored:  # noqa: ARG002
        changed = cast(extract("epoch", Appointment.changed_at), Text)
        otherwise = Appointment.starts_at.is_distinct_from(Appointment.known_start)
        return Anchored(
            select(
                Appointment.customer_id,
                func.concat("change:", cast(Appointment.id, Text), "@", changed).label("anchor"),
                (Appointment.changed_at + UNDO).label("at"),
                Appointment.id.label("about_id"),
                Appointment.changed_at.label("known_at"),
                or_(
                    and_(Appointment.state.in_(STANDS), otherwise),
                    and_(Appointment.state == "cancelled", Appointment.known_start.is_not(None)),
                ).label("holds"),
            ).where(Appointment.clinic_id == clinic.id, Appointment.changed_at.is_not(None))
        )

    def why_not(self, session: Session, execution: FollowupExecution, now: datetime) -> str | None:
        one = together.about(session, execution, Appointment)
        if one is None or one.state not in (*STANDS, "cancelled"):
            return "no_appointment" if one is None else one.state
        if one.known_start == (None if one.state == "cancelled" else one.starts_at):
            return "known"
        return "past" if one.starts_at <= now else None

    def values(self, session: Session, execution: FollowupExecution, t: Language) -> Mapping[str, str]:
        one = together.there(session, execution, Appointment)
        date, time = t.date(one.starts_at), t.time(one.starts_at)
        if one.state == "cancelled":
            change = t("on {date} at {time} has been cancelled", date=date, time=time)
            what_now = t("We are sorry about this, and are glad to find another time for you here in the chat.")
        else:
            change = t("is now on {date} at {time}", date=date, time=time)
            what_now = t("Should that not suit you, please tell us here in the chat.")
        known = {
            "customerName": appointments.for_whom(one) or addressed(one.customer, t),
            "clinicName": one.customer.clinic.called(t.code),
            "change": change,
            "whatNow": what_now,
            "appointmentDate": date,
            "appointmentTime": time,
        }
        return {name: value for name, value in known.items() if value}

    def buttons(self, t: Language) -> tuple[Button, ...]:
        return (Button(t("My appointments"), Action("appointments")),)

    def buttons_of(self, session: Session, execution: FollowupExecution, t: Language) -> tuple[Button, ...]:
        """Of a cancelled one there is nothing to see: the same card offers the ways to book."""
        if together.there(session, execution, Appointment).state == "cancelled":
            return (Button(t("Book"), Action("appointments")),)
        return self.buttons(t)

    def words(self, t: Language, values: Mapping[str, str]) -> Words:
        return {
            "subject": t("Your appointment has changed"),
            "message": t(
                "{hello}! Your appointment at {clinicName} {change}. {whatNow}",
                hello=greeting(t, values.get("customerName")),
                **values,
            ),
            "sms": t(
                "{clinicName}: your appointment {change}. If you would like another time, please call us or write to "
                "us in LINE.",
                **values,
            ),
        }
