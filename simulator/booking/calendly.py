"""Calendly (developer.calendly.com/api-docs/overview/webhooks): hex HMAC-SHA256 over `timestamp.body`.

Who moves an appointment is told of as two: the old invitee cancelled, a new one created.
"""

import hashlib
import hmac
import secrets
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar

from simulator.booking.source import PLACE, Booking, Event, Source, abroad, zulu

API = "https://api.calendly.com"


class Calendly(Source):
    name = "calendly"
    dated: ClassVar[bool] = True
    asks_email: ClassVar[bool] = True
    moves_to_another: ClassVar[bool] = True

    def uid(self) -> str:
        return f"{API}/scheduled_events/{secrets.token_hex(8)}/invitees/{secrets.token_hex(8)}"

    def events(self, deed: str, now: Booking, before: Booking | None, at: datetime) -> list[Event]:
        if deed == "no_show":
            told = {"uri": f"{API}/invitee_no_shows/{secrets.token_hex(8)}", "invitee": now.uid, "created_at": _at(at)}
            return [_event("invitee_no_show.created", told, at)]
        if deed == "cancel":
            return [_event("invitee.canceled", _canceled(now), at)]
        if deed == "move" and before is not None:
            gone = _canceled(before) | {"rescheduled": True, "new_invitee": now.uid}
            # The new invitee did not come by the link that the old one came by.
            here = _invitee(replace(now, token="")) | {"old_invitee": before.uid}
            return [_event("invitee.canceled", gone, at), _event("invitee.created", here, at)]
        return [_event("invitee.created", _invitee(now), at)]

    def headers(self, secret: bytes, event: Event, body: bytes, url: str, at: int) -> dict[str, str]:  # noqa: ARG002
        signed = hmac.digest(secret, f"{at}.".encode() + body, hashlib.sha256).hex()
        return {"Calendly-Webhook-Signature": f"t={at},v1={signed}"}

    def place(self, event: Event) -> tuple[str, ...]:
        return "payload", "invitee" if event.body["event"].startswith("invitee_no_show") else "uri"


def _event(kind: str, payload: dict[str, Any], at: datetime) -> Event:
    return Event("", {"event": kind, "created_at": _at(at), "created_by": f"{API}/users/AURADESK", "payload": payload})


def _at(at: datetime) -> str:
    return zulu(at, "microseconds")


def _invitee(now: Booking) -> dict[str, Any]:
    first, _, last = now.name.partition(" ")
    campaign: dict[str, str | None] = dict.fromkeys(("utm_campaign", "utm_source", "utm_medium", "utm_content"))
    return {
        "uri": now.uid,
        "email": now.email,
        "name": now.name,
        "first_name": first,
        "last_name": last,
        "status": "active",
        "timezone": "Asia/Bangkok",
        "text_reminder_number": abroad(now.phone) or None,
        "rescheduled": False,
        "old_invitee": None,
        "new_invitee": None,
        "questions_and_answers": [],
        "tracking": campaign | {"utm_content": now.token or None, "utm_term": None, "salesforce_uuid": None},
        "scheduled_event": {
            "uri": now.uid.partition("/invitees/")[0],
            "name": now.what.names["en"],
            "start_time": _at(now.starts),
            "end_time": _at(now.ends),
            "event_type": now.what.event_type,
            "location": {"type": "physical", "location": PLACE},
            "event_memberships": [{"user_email": "desk@aura-clinic.example"}],
        },
        "no_show": None,
    }


def _canceled(now: Booking) -> dict[str, Any]:
    why = {"canceled_by": now.name, "reason": "", "canceler_type": "invitee"}
    return _invitee(now) | {"status": "canceled", "cancellation": why}
