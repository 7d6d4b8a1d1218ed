"""What the pretend providers report of a message: at once, late, never, before their own answer, or that it failed."""

import base64
import hashlib
import hmac
import json
import threading
import urllib.parse
from typing import Any

import urllib3

from simulator.sms import texts
from simulator.store import Row
from simulator.world import World, iso

SOON = 0.3
"""Seconds after which a handset has usually answered."""
LATE = 20.0
_http = urllib3.PoolManager(maxsize=4, retries=False)


def later(here: World, row: Row, status: str, seconds: float) -> None:
    timer = threading.Timer(seconds, tell, (here, row, status))
    timer.daemon = True
    timer.start()


def tell(here: World, row: Row, status: str) -> None:
    """`status`: delivered or failed. Posts what this provider posts, and keeps how it was answered."""
    address = row["report"]
    answered = None if not address else _post(here, address, *_WRITTEN[row["provider"]](here, row, status))
    texts.settle(here, row["seq"], status, answered)


def _post(here: World, address: str, body: bytes, headers: dict[str, str]) -> int:
    try:
        answer = _http.request("POST", address, body=body, headers=headers, timeout=5.0)
        status, said = answer.status, answer.data.decode(errors="replace")[:500]
    except urllib3.exceptions.HTTPError as error:
        status, said = 0, str(error)
    here.calls.add(
        kind="sms", at=iso(here.real()), method="POST", path=urllib.parse.urlsplit(address).path,
        body=body.decode(errors="replace"), status=status, response=said,
    )  # fmt: skip
    return status


def _thaibulksms(_here: World, row: Row, status: str) -> tuple[bytes, dict[str, str]]:
    said = {"message_id": row["message_id"], "msisdn": row["number"].removeprefix("+"), "status": status.capitalize()}
    return json.dumps(said).encode(), {"Content-Type": "application/json"}


def _twilio(here: World, row: Row, status: str) -> tuple[bytes, dict[str, str]]:
    key, _, secret = here.config.sms_key.partition(":")
    said = {
        "AccountSid": key, "ApiVersion": "2010-04-01", "From": row["sender"], "MessageSid": row["message_id"],
        "MessageStatus": "undelivered" if status == "failed" else status, "SmsSid": row["message_id"],
        "SmsStatus": "undelivered" if status == "failed" else status, "To": row["number"],
        **({"ErrorCode": "30003"} if status == "failed" else {}),
    }  # fmt: skip
    return urllib.parse.urlencode(said).encode(), {
        "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
        "X-Twilio-Signature": twilio_signature(secret, row["report"], said),
    }


def twilio_signature(secret: str, url: str, fields: dict[str, Any]) -> str:
    signed = url + "".join(f"{name}{fields[name]}" for name in sorted(fields))
    return base64.b64encode(hmac.new(secret.encode(), signed.encode(), hashlib.sha1).digest()).decode()


def _gateway(_here: World, row: Row, status: str) -> tuple[bytes, dict[str, str]]:
    return json.dumps({"id": row["message_id"], "status": status}).encode(), {"Content-Type": "application/json"}


_WRITTEN = {"thaibulksms": _thaibulksms, "twilio": _twilio, "gateway": _gateway}
