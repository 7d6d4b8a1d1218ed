"""Square (developer.squareup.com/docs/webhooks/step3validate): base64 of HMAC-SHA256 over the address and the raw body.

Its bookings have ids only, no names and no phones, and a version that grows.
"""

import base64
import hashlib
import hmac
import secrets
import string
import uuid
from datetime import datetime
from typing import Any

from simulator.booking.source import LOCATION, Booking, Event, Source, zulu

STATUSES = {"no_show": "NO_SHOW", "cancel": "CANCELLED_BY_CUSTOMER"}
_CAPITALS = string.ascii_uppercase + string.digits


class Square(Source):
    name = "square"

    def uid(self) -> str:
        return "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(14))

    def person(self) -> str:
        return "".join(secrets.choice(_CAPITALS) for _ in range(26))

    def events(self, deed: str, now: Booking, before: Booking | None, at: datetime) -> list[Event]:
        segment = {
            "duration_minutes": now.what.minutes,
            "service_variation_id": now.what.variation,
            "service_variation_version": 1,
            "team_member_id": "AURATEAM",
        }
        booking: dict[str, Any] = {
            "id": now.uid,
            "version": now.version,
            "status": STATUSES.get(deed, "ACCEPTED"),
            "created_at": zulu(at),
            "updated_at": zulu(at),
            "start_at": zulu(now.starts, "seconds"),
            "location_id": LOCATION,
            "customer_id": now.person,
            "appointment_segments": [segment],
        }
        id_ = str(uuid.uuid4())
        told = {
            "merchant_id": "AURAMERCHANT",
            "location_id": LOCATION,
            "type": "booking.created" if before is None else "booking.updated",
            "event_id": id_,
            "created_at": zulu(at),
            "data": {"type": "booking", "id": f"{now.uid}:{now.version}", "object": {"booking": booking}},
        }
        return [Event(id_, told)]

    def headers(self, secret: bytes, event: Event, body: bytes, url: str, at: int) -> dict[str, str]:  # noqa: ARG002
        signed = hmac.digest(secret, url.encode() + body, hashlib.sha256)
        return {"x-square-hmacsha256-signature": base64.b64encode(signed).decode()}

    def place(self, event: Event) -> tuple[str, ...]:
        return "data", "object", event.body["type"].partition(".")[0], "id"

    def without_id(self, event: Event) -> Event:
        """Under an id of its own: the receiver would take the whole one, sent later, for the same."""
        broken = super().without_id(event)
        id_ = str(uuid.uuid4())
        return Event(id_, broken.body | {"event_id": id_})
