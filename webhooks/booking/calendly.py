"""Calendly: hex HMAC-SHA256 over `timestamp.body` in `Calendly-Webhook-Signature: t=…,v1=…`
(developer.calendly.com/api-docs/overview/webhooks/webhook-signatures).

Who moves an appointment is told of as two: the old one cancelled, the new one created, in either order.
"""

import hashlib
import hmac
from datetime import timedelta, tzinfo
from typing import Any, ClassVar

from facts.told import AppointmentTold, Details, Fact, Person, micros
from models.appointments import AppointmentState
from webhooks.booking.fields import Fields
from webhooks.booking.system import Passed, System, moment_of
from webhooks.source import Delivery, RawEvent

STATES: dict[str, AppointmentState] = {"invitee.created": "booked", "invitee.canceled": "cancelled"}
NO_SHOW: dict[str, AppointmentState] = {"invitee_no_show.created": "no_show", "invitee_no_show.deleted": "booked"}
"""Taken back, the booking stands as it did."""


class Calendly(System):
    name = "calendly"
    tolerance: ClassVar[timedelta] = timedelta(minutes=3)

    def verified(self, secret: bytes, delivery: Delivery) -> bool:
        given = _parts(delivery)
        if moment_of(given.get("t")) is None:
            return False
        expected = hmac.digest(secret, given["t"].encode() + b"." + delivery.body, hashlib.sha256).hex()
        return hmac.compare_digest(expected.encode(), given.get("v1", "").encode("utf-8", "replace"))

    def event(self, body: dict[str, Any], delivery: Delivery) -> RawEvent:
        payload = Fields(body).under("payload")
        return RawEvent(
            body=body,
            key=None,
            fingerprint=body,
            actor=payload.text("email") or payload.text("invitee") or payload.text("uri"),
            type=Fields(body).text("event"),
            occurred_at=None,
            signed_at=moment_of(_parts(delivery).get("t")),
        )

    def facts(self, body: Fields, zone: tzinfo) -> list[Fact]:
        kind = body.needed("event", "what has happened, such as invitee.created")
        payload, at = body.under("payload"), body.needed_moment("created_at", zone)
        if kind in NO_SHOW:
            invitee = payload.needed("invitee", "the uri of the invitee")
            return [AppointmentTold(invitee, NO_SHOW[kind], micros(at), at)]
        if kind not in STATES:
            raise Passed("unknown_type")
        state = "moved" if STATES[kind] == "cancelled" and payload.yes("rescheduled") else STATES[kind]
        return [
            AppointmentTold(
                external_id=payload.needed("uri", "the uri of the invitee"),
                state=state,
                order=micros(at),
                at=at,
                details=_details(payload, zone),
                by_customer=payload.under("cancellation").text("canceler_type") == "invitee",
            )
        ]


def _details(payload: Fields, zone: tzinfo) -> Details | None:
    """None in deliveries of old subscriptions, which do not say what was booked."""
    scheduled = payload.under("scheduled_event")
    if not scheduled:
        return None
    both = " ".join(part for part in (payload.text("first_name"), payload.text("last_name")) if part)
    phone = payload.text("text_reminder_number")
    return Details(
        person=Person(
            name=payload.text("name") or both or None,
            phone=phone,
            email=payload.text("email"),
            token=payload.under("tracking").text("utm_content"),
        ),
        starts_at=scheduled.needed_moment("start_time", zone),
        ends_at=scheduled.moment("end_time", zone),
        service=scheduled.text("event_type"),
        service_name=scheduled.text("name"),
        branch=_place(scheduled.under("location")),
        replaces=payload.text("old_invitee"),
    )


def _place(location: Fields) -> str | None:
    """The others are calls and meetings in the net."""
    return location.text("location") if location.text("type") in ("physical", "custom") else None


def _parts(delivery: Delivery) -> dict[str, str]:
    header = delivery.headers.get("calendly-webhook-signature", "")
    pairs = (part.strip().partition("=") for part in header.split(","))
    return {name: value for name, _, value in pairs}
