"""What one file gives that adds a provider of SMS; and what all of them have in common."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from channels.accounts import SmsAccount
from channels.base import Receipt
from channels.reports import Asked, Reporter, Told, Unreadable
from channels.wire import Response

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"

WORDS: dict[str, Told] = {
    **dict.fromkeys(("delivered", "delivrd", "success", "delivery_success", "read"), "delivered"),
    **dict.fromkeys(("accepted", "acceptd", "enroute", "queued", "sending", "sent", "pending", "buffered"), "sent"),
    **dict.fromkeys(
        ("failed", "fail", "undelivered", "undeliv", "rejected", "rejectd", "expired", "deleted", "canceled", "blocked",
         "reject_format", "reject_sender", "blocked_mkt", "error", "undeliverable"),
        "failed",
    ),
}  # fmt: skip
"""What providers call it, in small letters; what stands for neither (`unknown`, `mobile_off`) says nothing yet."""


@dataclass(frozen=True)
class Request:
    """One POST."""

    path: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Sms:
    """`report`: the address at which its fate is to be told."""

    to: str
    """`+` and digits."""
    text: str
    send_id: UUID
    report: str


class Provider(Reporter, Protocol):
    """`name`: as in `SMS_PROVIDERS`. `base`: its own address; empty: each clinic says one."""

    @property
    def base(self) -> str: ...

    def request(self, account: SmsAccount, sms: Sms) -> Request: ...

    def receipt(self, response: Response, sms: Sms) -> Receipt:
        """What its answer means. Raises `SmsError`."""
        ...


def basic(key: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{key}:{secret}".encode()).decode()}


def as_form(fields: Mapping[str, str], headers: Mapping[str, str]) -> tuple[bytes, dict[str, str]]:
    return urlencode(fields).encode(), {**headers, "Content-Type": FORM}


def answered(response: Response) -> dict[str, Any]:
    """The answer's JSON object; empty where it is none."""
    try:
        value = json.loads(response.body or b"{}")
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def told(asked: Asked) -> list[dict[str, Any]]:
    """The fields of a report, however they are written: JSON, alone or several; a form; or an address."""
    said = dict(parse_qsl(asked.query, keep_blank_values=True, max_num_fields=100))
    if not asked.body:
        if not said:
            raise Unreadable("the report says nothing")
        return [said]
    try:
        if asked.headers.get("content-type", "").startswith(FORM):
            return [said | dict(parse_qsl(asked.body.decode(), keep_blank_values=True, max_num_fields=100))]
        body = json.loads(asked.body)
    except (ValueError, RecursionError) as error:
        raise Unreadable("the report is neither JSON nor a form") from error
    several = body if isinstance(body, list) else [body]
    if not all(isinstance(one, dict) for one in several):
        raise Unreadable("the report is no object, and no list of such")
    return [said | one for one in several]


def first(said: Mapping[str, Any], *names: str) -> str | None:
    """The first of these fields that holds something."""
    found = (said.get(name) for name in names)
    return next((str(one)[:200] for one in found if isinstance(one, str | int) and str(one).strip()), None)


def phone(written: str | None) -> str | None:
    """`66812345678` and `0812345678` in the one spelling."""
    digits = "".join(filter(str.isdigit, written or ""))
    if digits.startswith("0"):
        digits = f"66{digits[1:]}"
    return f"+{digits}" if digits else None


def uuid_of(written: str | None) -> UUID | None:
    try:
        return UUID(written) if written else None
    except ValueError:
        return None
