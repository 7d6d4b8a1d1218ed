"""What the pretend provider tells the product of a mail: in Resend's words, signed as Standard Webhooks says.

resend.com/docs/webhooks/emails/bounced, standardwebhooks.com (specification 1.0).
"""

import base64
import hashlib
import hmac
import json
import time
import uuid
from typing import Any

import urllib3

from simulator.answers import Refused
from simulator.mail import boxes
from simulator.store import Row
from simulator.world import World, iso

PATH = "/webhooks/receipts/aura/resend"
TYPES = {
    "delivered": "email.delivered", "bounced": "email.bounced", "soft": "email.bounced",
    "complained": "email.complained", "opened": "email.opened",
}  # fmt: skip
BOUNCES = {
    "bounced": {"type": "Permanent", "subType": "General", "message": "The recipient's mailbox does not exist."},
    "soft": {"type": "Transient", "subType": "MailboxFull", "message": "The recipient's mailbox is full."},
}
_http = urllib3.PoolManager(retries=False)


def due(world: World, number: int) -> None:
    """What the standing order says of a mail that was just taken; for a thread of its own."""
    wanted = world.mail.reports
    if wanted.what == "nothing" or wanted.when == "never" or not world.config.mail_secret:
        return
    time.sleep(wanted.seconds)
    tell(world, number, wanted.what)


def tell(world: World, number: int, what: str) -> int:
    """The product's status; 0 where it did not answer. Raises `Refused`."""
    if what not in TYPES:
        raise Refused(400, f"what must be one of {', '.join(TYPES)}", code="mail_report")
    if not world.config.mail_secret:
        raise Refused(409, "no secret is shared with the mail provider", code="mail_no_secret")
    row = boxes.of(world, number)
    event = _event(world, row, what)
    body = json.dumps(event, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json", **signed(world.config.mail_secret, body, int(world.real()))}
    began, status, said = time.monotonic(), 0, ""
    try:
        got = _http.request("POST", world.config.app_url + PATH, body=body, headers=headers, timeout=10.0)
        status, said = got.status, got.data.decode("utf-8", "replace")
    except urllib3.exceptions.HTTPError as error:
        said = str(error)
    world.calls.add(
        kind="mail", at=iso(world.real()), method="POST", path=PATH, headers=headers, body=event, status=status,
        response=said[:500], ms=round((time.monotonic() - began) * 1000, 1),
    )  # fmt: skip
    world.store.run("UPDATE mails SET reported = ? WHERE number = ?", what, number)
    world.feed.tell("mail", number=number, recipient=row["recipient"])
    return status


def signed(secret: str, body: bytes, at: int) -> dict[str, str]:
    """The headers, with the names that Resend gives them."""
    id_ = f"msg_{uuid.uuid4().hex}"
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mark = base64.b64encode(hmac.digest(key, f"{id_}.{at}.".encode() + body, hashlib.sha256)).decode()
    return {"svix-id": id_, "svix-timestamp": str(at), "svix-signature": f"v1,{mark}"}


def _event(world: World, row: Row, what: str) -> dict[str, Any]:
    mail = boxes.parsed(world, row["number"])
    data: dict[str, Any] = {
        "email_id": row["id"], "created_at": iso(row["at"]), "from": str(mail.get("From", "")),
        "to": [row["recipient"]], "subject": str(mail.get("Subject", "")),
    }  # fmt: skip
    if what in BOUNCES:
        data["bounce"] = BOUNCES[what]
    return {"type": TYPES[what], "created_at": iso(world.now()), "data": data}
