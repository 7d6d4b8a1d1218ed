"""Cal.com (cal.com/docs/core-features/webhooks): hex HMAC-SHA256 over the raw body, no time and no id of the delivery.

A booking that is moved has a new `uid` and names the old one. People are known by what they typed.
"""

import hashlib
import hmac
import secrets
from datetime import datetime
from typing import Any, ClassVar

from simulator.booking.source import PLACE, Booking, Event, Source, abroad, zulu

TRIGGERS = {"book": "BOOKING_CREATED", "move": "BOOKING_RESCHEDULED", "cancel": "BOOKING_CANCELLED"}


class CalCom(Source):
    name = "calcom"
    asks_email: ClassVar[bool] = True
    moves_to_another: ClassVar[bool] = True

    def uid(self) -> str:
        return secrets.token_urlsafe(16)

    def events(self, deed: str, now: Booking, before: Booking | None, at: datetime) -> list[Event]:
        if deed == "no_show":
            told: dict[str, Any] = {
                "message": f"{now.email} marked as no-show",
                "bookingUid": now.uid,
                "bookingId": now.number,
                "attendees": [{"email": now.email, "noShow": True}],
            }
            return [_event("BOOKING_NO_SHOW_UPDATED", told, at)]
        told = _booking(now) | {"status": "CANCELLED" if deed == "cancel" else "ACCEPTED"}
        if deed == "book":
            told["metadata"] = {"aura": now.token} if now.token else {}
        if deed == "cancel":
            told |= {"cancellationReason": "", "cancelledBy": now.email}
        if deed == "move" and before is not None:
            told |= {
                "rescheduleUid": before.uid,
                "rescheduleStartTime": zulu(before.starts, "seconds"),
                "rescheduleEndTime": zulu(before.ends, "seconds"),
            }
        return [_event(TRIGGERS[deed], told, at)]

    def headers(self, secret: bytes, event: Event, body: bytes, url: str, at: int) -> dict[str, str]:  # noqa: ARG002
        return {"X-Cal-Signature-256": hmac.digest(secret, body, hashlib.sha256).hex()}

    def place(self, event: Event) -> tuple[str, ...]:
        return "payload", "bookingUid" if "bookingUid" in event.body["payload"] else "uid"


def _event(trigger: str, payload: dict[str, Any], at: datetime) -> Event:
    return Event("", {"triggerEvent": trigger, "createdAt": zulu(at), "payload": payload})


def _booking(now: Booking) -> dict[str, Any]:
    title, phone = now.what.names["en"], abroad(now.phone)
    attendee = {"email": now.email, "name": now.name, "timeZone": "Asia/Bangkok", "language": {"locale": "th"}}
    responses = {
        "name": {"label": "your_name", "value": now.name},
        "email": {"label": "email_address", "value": now.email},
        "attendeePhoneNumber": {"label": "phone_number", **({"value": phone} if phone else {"isHidden": True})},
    }
    return {
        "type": title.lower().replace(" ", "-"),
        "title": f"{title} between Aura Clinic and {now.name}",
        "startTime": zulu(now.starts, "seconds"),
        "endTime": zulu(now.ends, "seconds"),
        "organizer": {"id": 5, "name": "Aura Clinic", "email": "desk@aura-clinic.example", "timeZone": "Asia/Bangkok"},
        "responses": responses,
        "attendees": [attendee | ({"phoneNumber": phone} if phone else {})],
        "location": PLACE,
        "eventTypeId": now.what.number,
        "eventTitle": title,
        "uid": now.uid,
        "bookingId": now.number,
        "price": 0,
        "currency": "thb",
        "length": now.what.minutes,
    }
