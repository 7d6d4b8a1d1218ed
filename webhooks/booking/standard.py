"""Our own form, for a system that is not known here: docs/booking.md describes it.

Signed as Standard Webhooks says (`channels/standard_webhooks.py`).
"""

from datetime import datetime, tzinfo
from typing import Any

from channels.standard_webhooks import fits
from facts.told import (
    AppointmentTold,
    Details,
    Fact,
    PaymentTold,
    Performed,
    RefundTold,
    TreatmentTold,
    VisitTold,
    micros,
)
from models.appointments import AppointmentState
from models.treatments import TreatmentState
from webhooks.booking import bills, courses, customers
from webhooks.booking.fields import Fields, Wrong
from webhooks.booking.people import person
from webhooks.booking.system import Passed, System, moment_of
from webhooks.source import Delivery, RawEvent

STATES: dict[str, AppointmentState] = {
    "appointment.requested": "requested",
    "appointment.booked": "booked",
    "appointment.moved": "booked",
    "appointment.confirmed": "confirmed",
    "appointment.come": "come",
    "appointment.completed": "completed",
    "appointment.no_show": "no_show",
    "appointment.cancelled": "cancelled",
}
"""What is moved is booked at its new time; another id in its place is told by `replaces`."""

TREATMENTS: dict[str, TreatmentState] = {"treatment.performed": "performed", "treatment.voided": "voided"}
OTHERS = ("payment.paid", "payment.refunded", "visit.recorded", *TREATMENTS)


class Standard(System):
    name = "standard"

    def verified(self, secret: bytes, delivery: Delivery) -> bool:
        dated = moment_of(delivery.headers.get("webhook-timestamp", "")) is not None
        return dated and fits(secret, delivery.headers, delivery.body)

    def event(self, body: dict[str, Any], delivery: Delivery) -> RawEvent:
        data, at = Fields(body).under("data"), moment_of(delivery.headers.get("webhook-timestamp"))
        who = data.under("customer")
        return RawEvent(
            body=body,
            key=delivery.headers.get("webhook-id"),
            fingerprint=body,
            actor=who.text("id") or who.text("phone") or who.text("email") or data.text("id"),
            type=Fields(body).text("type"),
            occurred_at=None,
            signed_at=at,
        )

    def facts(self, body: Fields, zone: tzinfo) -> list[Fact]:
        every = [*STATES, *OTHERS, *bills.STATES, *courses.KINDS, *TREATMENTS, customers.KIND]
        kind = body.needed("type", f"one of {', '.join(every)}")
        at, data = body.needed_moment("timestamp", zone), body.under("data")
        if kind == customers.KIND:
            return [customers.told(data, at, zone)]
        if kind in bills.STATES:
            return [bills.told(kind, data, at)]
        if kind in courses.KINDS:
            return [courses.told(kind, data, at, zone)]
        if kind in TREATMENTS:
            return [_treatment(TREATMENTS[kind], data, at, zone)]
        if kind in OTHERS:
            return [_money_or_visit(kind, data, at)]
        if kind not in STATES:
            raise Passed("unknown_type")
        version = data.version()
        return [
            AppointmentTold(
                external_id=data.needed("id", "your id of the appointment"),
                state=STATES[kind],
                order=micros(at) if version is None else version,
                at=at,
                details=_details(data, zone),
                by_customer=data.text("by") == "customer",
            )
        ]


def _details(data: Fields, zone: tzinfo) -> Details | None:
    """None where the event says no more than that something became of the appointment."""
    starts_at, who = data.moment("startsAt", zone), data.under("customer")
    if starts_at is None and not who:
        return None
    if starts_at is None:
        raise Wrong("data.startsAt: write a date and time, such as 2026-02-03T14:30:00+07:00")
    return Details(
        person=person(data),
        starts_at=starts_at,
        ends_at=data.moment("endsAt", zone),
        service=data.text("service"),
        service_name=data.text("serviceName"),
        branch=data.text("branch"),
        replaces=data.text("replaces"),
    )


def _money_or_visit(kind: str, data: Fields, at: datetime) -> Fact:
    id_ = data.needed("id", "your id of it")
    if kind == "payment.refunded":
        return RefundTold(id_, data.needed("payment", "your id of the payment"), data.baht("amount"), at)
    if kind == "payment.paid":
        if data.text("currency") not in (None, "THB"):
            raise Wrong(f"{data.place}.currency: amounts are in THB")
        return PaymentTold(
            id_, person(data), data.baht("amount"), at, data.text("service"), data.text("invoice"),
            branch=data.text("branch"), at_counter=not data.yes("online"), workflow_id=data.text("workflowId"),
        )  # fmt: skip
    return VisitTold(id_, person(data), at, data.text("service"), data.text("branch"))


def _treatment(state: TreatmentState, data: Fields, at: datetime, zone: tzinfo) -> TreatmentTold:
    version, done = data.version(), None
    if data.under("customer"):
        done = Performed(
            person=person(data),
            at=data.moment("performedAt", zone) or at,
            service=data.text("service"),
            service_name=data.text("serviceName"),
            staff=data.text("staff"),
            branch=data.text("branch"),
            appointment=data.text("appointment"),
            workflow_id=data.text("workflowId"),
        )
    elif state == "performed":
        raise Wrong("data.customer: write an id, a phone or an e-mail address, so that we know who it is")
    order = micros(at) if version is None else version
    return TreatmentTold(data.needed("id", "your id of the treatment"), state, order, at, done)
