"""`POST /webhooks/line/<clinic slug>`: LINE as a source of events.

developers.line.biz/en/docs/messaging-api/receiving-messages
"""

import base64
import hashlib
import hmac
from typing import Any

from channels.line.client import Line
from channels.line.events import occurred
from models.clinics import Clinic
from webhooks.reading import read
from webhooks.source import Delivery, Malformed, RawEvent

EVENTS_LIMIT = 10_000
"""In one body: LINE says no number, and what is refused is lost. A body has room for some 7,000 of its events."""


class LineSource:
    """The signature is over the raw body; an event names itself by `webhookEventId`."""

    name = "line"
    rule = "/webhooks/line/<slug>"

    def __init__(self, line: Line) -> None:
        self._line = line

    def secret(self, clinic: Clinic) -> bytes:
        return self._line.access(clinic).secret.encode()

    def verified(self, secret: bytes, delivery: Delivery) -> bool:
        expected = base64.b64encode(hmac.digest(secret, delivery.body, hashlib.sha256))
        return hmac.compare_digest(expected, delivery.headers.get("x-line-signature", "").encode("utf-8", "replace"))

    def events(self, delivery: Delivery) -> list[RawEvent]:
        parsed = read(delivery.body or b"{}", levels_above=2)
        if parsed == {}:
            # LINE's specification lets a test of the webhook have no body: nothing happened, and that is well told.
            return []
        events = parsed.get("events") if isinstance(parsed, dict) else None
        if not isinstance(events, list):
            raise Malformed("the body holds no list of events")
        if len(events) > EVENTS_LIMIT:
            raise Malformed(f"the body holds more than {EVENTS_LIMIT:,} events")
        return [_event(event) for event in events]


def _event(event: Any) -> RawEvent:
    fields = _mapping(event)
    # A redelivery differs in this one field.
    lasting = {name: value for name, value in fields.items() if name != "deliveryContext"}
    source, message = _mapping(fields.get("source")), _mapping(fields.get("message"))
    unsent = _mapping(fields.get("unsend"))
    return RawEvent(
        body=event,
        key=fields.get("webhookEventId"),
        fingerprint=lasting if isinstance(event, dict) else event,
        actor=source.get("userId") or source.get("groupId") or source.get("roomId"),
        type=fields.get("type"),
        occurred_at=occurred(event),
        message_id=message.get("id"),
        takes_back=unsent.get("messageId"),
    )


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
