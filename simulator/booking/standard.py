"""The product's own form, for any other system: Standard Webhooks (standardwebhooks.com, specification 1.0).

base64 of HMAC-SHA256 over `id.timestamp.body`. The same id of the booking and a version that grows, whatever happens.
"""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime
from typing import Any, ClassVar

from simulator.booking.source import AFTER, BANGKOK, Booking, Event, Source


class Standard(Source):
    name = "standard"
    deeds: ClassVar[tuple[str, ...]] = (
        "confirm", "move", "come", "complete", "treat", "no_show", "cancel", "agree", "withdraw",
    )  # fmt: skip
    dated: ClassVar[bool] = True

    def uid(self) -> str:
        return f"A-{secrets.token_hex(4).upper()}"

    def person(self) -> str:
        return f"C-{secrets.token_hex(4).upper()}"

    def events(self, deed: str, now: Booking, before: Booking | None, at: datetime) -> list[Event]:  # noqa: ARG002
        customer = {"id": now.person, "name": now.name, "phone": now.phone, "email": now.email}
        data: dict[str, Any] = {
            "id": now.uid,
            "version": now.version,
            "customer": {name: value for name, value in customer.items() if value},
            "startsAt": now.starts.astimezone(BANGKOK).isoformat(),
            "endsAt": now.ends.astimezone(BANGKOK).isoformat(),
            "service": now.service,
        }
        if now.token:
            data["reference"] = now.token
        when = at.astimezone(BANGKOK).isoformat()
        if deed == "treat":
            kept = ("customer", "service", "reference")
            done: dict[str, Any] = {name: data[name] for name in kept if name in data}
            done |= {"id": f"T-{now.uid}", "appointment": now.uid, "staff": "พญ. อารี", "performedAt": when}
            told = {"type": "treatment.performed", "timestamp": when, "data": done}
            return [Event(f"msg_{secrets.token_hex(12)}", told)]
        if deed in ("agree", "withdraw"):
            said: dict[str, Any] = {
                "purpose": "marketing",
                "channel": "line",
                "granted": deed == "agree",
                "givenAt": when,
            }
            said |= {"evidence": "paper form 118", "version": "2025-01"} if deed == "agree" else {}
            people = {"customer": data["customer"], "consents": [said]}
            told = {"type": "customer.updated", "timestamp": when, "data": people}
            return [Event(f"msg_{secrets.token_hex(12)}", told)]
        what = "moved" if deed == "move" else AFTER[deed]
        told = {"type": f"appointment.{what}", "timestamp": when, "data": data}
        return [Event(f"msg_{secrets.token_hex(12)}", told)]

    def headers(self, secret: bytes, event: Event, body: bytes, url: str, at: int) -> dict[str, str]:  # noqa: ARG002
        key = base64.b64decode(secret.removeprefix(b"whsec_"))
        signed = hmac.digest(key, f"{event.id}.{at}.".encode() + body, hashlib.sha256)
        return {
            "webhook-id": event.id,
            "webhook-timestamp": str(at),
            "webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
        }

    def place(self, event: Event) -> tuple[str, ...]:
        return ("data", "customer") if event.body["type"] == "customer.updated" else ("data", "id")
