"""What Resend, and who tells it in the same words, reports of mail: resend.com/docs/webhooks, as of November 2026.

An event names a mail by Resend's own id and by its address, not by our `Message-ID`. What bounces for good is rejected
for all time (`bounce.type` Permanent); Transient and Undetermined may pass.
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import object_session

from channels.accounts import Accounts
from channels.reports import Asked, Report, Told, Unreadable
from channels.standard_webhooks import fits
from models.clinics import Clinic
from models.secrets import ClinicSecret
from runtime.clock import real

SECRET = "email.reports"  # noqa: S105 - it is the name of one
"""Under which `flask clinics secret` keeps what the events are signed with."""
OLDEST = timedelta(days=7)
"""A right signature that is older has been kept by somebody."""
BOUNCED, COMPLAINED = "bounced", "complained"
"""Why nothing is written to an address any more."""
_TOLD: dict[str, Told] = {
    "email.sent": "sent", "email.delivery_delayed": "sent", "email.delivered": "delivered", "email.opened": "delivered",
    "email.bounced": "failed", "email.failed": "failed", "email.suppressed": "failed", "email.complained": "delivered",
}  # fmt: skip
"""What is opened, or called spam, has arrived. Clicks are counted by our own links."""


class Resend:
    name = "resend"
    channel = "email"
    signs = True

    def signed_with(self, clinic: Clinic, accounts: Accounts) -> str:  # noqa: ARG002 - it is beside the account
        session = object_session(clinic)
        kept = session.get(ClinicSecret, (clinic.id, SECRET)) if session is not None else None
        return (kept.value if kept else None) or ""

    def verified(self, secret: str, asked: Asked) -> bool:
        headers = asked.headers
        prefix = "svix" if "svix-id" in headers else "webhook"
        at = headers.get(f"{prefix}-timestamp", "")
        fresh = at.isascii() and at.isdigit() and abs(real().timestamp() - int(at[:12])) < OLDEST.total_seconds()
        return fresh and fits(secret.encode(), headers, asked.body, prefix=prefix)

    def read(self, asked: Asked) -> list[dict[str, Any]]:
        try:
            said = json.loads(asked.body)
        except (ValueError, RecursionError) as error:
            raise Unreadable("the body is not JSON") from error
        if not isinstance(said, dict):
            raise Unreadable("the body is no JSON object")
        return [said]

    def report(self, said: Mapping[str, Any]) -> Report | None:
        data, kind = _mapping(said.get("data")), str(said.get("type"))
        told, to = _TOLD.get(kind), data.get("to")
        address = to[0] if isinstance(to, list) and to else to
        id_ = data.get("email_id")
        if told is None or not (isinstance(address, str) or isinstance(id_, str)):
            return None
        bounce = str(_mapping(data.get("bounce")).get("type", "Permanent"))
        hard = kind == "email.bounced" and bounce == "Permanent"
        bad = BOUNCED if hard else COMPLAINED if kind == "email.complained" else None
        return Report(
            told,
            request_id=id_ if isinstance(id_, str) else None,
            address=_bare(address) if isinstance(address, str) else None,
            error=_error(kind, hard=hard) if told == "failed" else None,
            bad_address=bad,
            loaded=kind == "email.opened",
            newest=True,
        )


def _error(kind: str, *, hard: bool) -> str:
    if kind == "email.bounced":
        return BOUNCED if hard else "bounced_for_now"
    return "not_delivered"


def _bare(address: str) -> str:
    """`Mali <mali@mail.example>` → `mali@mail.example`, as it is spelled here."""
    return address.rpartition("<")[2].rstrip("> ").strip().lower()


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
