"""Cal.com: hex HMAC-SHA256 over the raw body in `X-Cal-Signature-256` (cal.com/docs/core-features/webhooks).

A booking that is moved has a new `uid` and names the old one; the id of a delivery is missing, so its content tells one
from another; `MEETING_ENDED` comes when the time is over, whoever was there.
"""

import hashlib
import hmac
from datetime import datetime, tzinfo
from typing import Any

from facts.told import AppointmentTold, Details, Fact, Person, micros
from models.appointments import AppointmentState
from webhooks.booking.fields import Fields, Wrong
from webhooks.booking.system import Passed, System
from webhooks.source import Delivery, RawEvent

STATES: dict[str, AppointmentState] = {
    "BOOKING_REQUESTED": "requested",
    "BOOKING_CREATED": "booked",
    "BOOKING_PAID": "booked",
    "BOOKING_RESCHEDULED": "booked",
    "BOOKING_CANCELLED": "cancelled",
    "BOOKING_REJECTED": "cancelled",
}
NO_SHOW = "BOOKING_NO_SHOW_UPDATED"
PASSED = {"MEETING_STARTED": "scheduled_time_only", "MEETING_ENDED": "scheduled_time_only", "PING": "test"}


class CalCom(System):
    name = "calcom"

    def verified(self, secret: bytes, delivery: Delivery) -> bool:
        # Without a secret Cal.com writes `no-secret-provided` here, which is no digest and never fits.
        expected = hmac.digest(secret, delivery.body, hashlib.sha256).hex()
        given = delivery.headers.get("x-cal-signature-256", "")
        return hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace"))

    def event(self, body: dict[str, Any], delivery: Delivery) -> RawEvent:  # noqa: ARG002 - the other sources read it
        told, payload = Fields(body), _payload(Fields(body))
        who = _booker(payload)
        return RawEvent(
            body=body,
            key=None,
            fingerprint=body,
            actor=who.email or who.phone or payload.text("uid") or payload.text("bookingUid"),
            type=told.text("triggerEvent"),
            occurred_at=None,
        )

    def facts(self, body: Fields, zone: tzinfo) -> list[Fact]:
        kind = body.needed("triggerEvent", "what has happened, such as BOOKING_CREATED")
        payload = _payload(body)
        if kind in PASSED:
            raise Passed(PASSED[kind])
        at = body.needed_moment("createdAt", zone)
        if kind == NO_SHOW:
            return _no_shows(payload, at)
        if kind not in STATES:
            raise Passed("unknown_type")
        state = STATES[kind]
        if state == "booked" and (payload.text("status") or "").upper() == "PENDING":
            state = "requested"
        return [
            AppointmentTold(
                external_id=payload.needed("uid", "the uid of the booking"),
                state=state,
                order=micros(at),
                at=at,
                details=_details(payload, zone),
                by_customer=_by_an_attendee(payload),
            )
        ]


def _by_an_attendee(payload: Fields) -> bool:
    """Cal.com says by whose address it was moved or called off."""
    by = payload.text("rescheduledBy") or payload.text("cancelledBy")
    return by is not None and by in [one.text("email") for one in payload.each("attendees")]


def _payload(body: Fields) -> Fields:
    """Some events have what they tell beside their name."""
    return body.under("payload") or body


def _details(payload: Fields, zone: tzinfo) -> Details:
    return Details(
        person=_booker(payload),
        starts_at=payload.needed_moment("startTime", zone),
        ends_at=payload.moment("endTime", zone),
        service=payload.text("eventTypeId") or payload.text("type"),
        service_name=payload.text("eventTitle") or payload.text("type"),
        branch=_place(payload),
        replaces=payload.text("rescheduleUid"),
    )


def _place(payload: Fields) -> str | None:
    """A location is an address in words, or a call or a meeting in the net, which is at no place."""
    where = payload.text("location") or ""
    return where if where and not where.startswith(("integrations:", "http:", "https:", "+")) else None


def _booker(payload: Fields) -> Person:
    """The first attendee is who booked; the others are guests. What was typed into the form is beside it."""
    attendees, typed = payload.each("attendees"), payload.under("responses")
    first = attendees[0] if attendees else Fields({})
    phone = first.text("phoneNumber") or typed.under("attendeePhoneNumber").text("value")
    return Person(
        name=first.text("name") or typed.under("name").text("value"),
        phone=phone,
        email=first.text("email") or typed.under("email").text("value"),
        token=payload.under("metadata").text("aura"),
    )


def _no_shows(payload: Fields, at: datetime) -> list[Fact]:
    """Of each attendee; guests are told apart by their address. Taken back, the booking stands as it did."""
    uid = payload.text("bookingUid") or payload.needed("uid", "the uid of the booking")
    told: list[Fact] = [
        AppointmentTold(uid, "no_show" if one.yes("noShow") else "booked", micros(at), at, attendee=one.text("email"))
        for one in payload.each("attendees")
    ]
    if not told:
        raise Wrong("payload.attendees: write who came or did not come")
    return told
