"""Twilio (twilio.com/docs/messaging/api/message-resource, …/usage/webhooks/webhooks-security).

Its reports carry our own id in the address that it was given, which it signs with the rest.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, quote

from channels.accounts import Accounts, SmsAccount
from channels.base import Receipt
from channels.reports import Asked, Report
from channels.sms.errors import Fault, SmsError, of_status
from channels.sms.provider import WORDS, Request, Sms, answered, as_form, basic, first, phone, told, uuid_of
from channels.wire import Response
from models.clinics import Clinic

_FAULTS: Mapping[str, Fault] = {
    **dict.fromkeys(("21211", "21214", "21217", "21265", "21401", "21610", "21612", "21614"), "bad_number"),
    **dict.fromkeys(("21212", "21603", "21606", "21607", "21659", "21660"), "bad_sender"),
    **dict.fromkeys(("20003", "20005"), "credentials"),
    **dict.fromkeys(("20429", "14107", "21611"), "rate"),
    "30002": "no_credit",
}
"""twilio.com/docs/api/errors; 21610: its owner wants nothing more from this sender."""
UNSUBSCRIBED = "21610"


class Twilio:
    name = "twilio"
    channel = "sms"
    base = "https://api.twilio.com"
    signs = True

    def request(self, account: SmsAccount, sms: Sms) -> Request:
        callback = f"{sms.report}?send={sms.send_id.hex}"
        fields = {"To": sms.to, "From": account.sender, "Body": sms.text, "StatusCallback": callback}
        body, headers = as_form(fields, basic(account.key, account.secret))
        return Request(f"/2010-04-01/Accounts/{quote(account.key, safe='')}/Messages.json", body, headers)

    def receipt(self, response: Response, sms: Sms) -> Receipt:  # noqa: ARG002 - the answer is of one message
        said, refused = answered(response), of_status(response)
        if refused is not None:
            code = first(said, "code") or ""
            if code not in _FAULTS or refused.outcome_unknown:
                raise refused
            raise SmsError(_FAULTS[code], code, wait=refused.retry_after)
        code, status = first(said, "error_code") or "", str(said.get("status", "")).lower()
        if code or WORDS.get(status) == "failed":
            raise SmsError(_FAULTS.get(code, "refused"), code or status)
        id_ = first(said, "sid")
        if id_ is None:
            raise SmsError("unknown", "no_id_in_its_answer")
        return Receipt(id_, (id_,))

    def signed_with(self, clinic: Clinic, accounts: Accounts) -> str:
        account = accounts.sms_of(clinic)
        return account.secret if account is not None and account.provider == self.name else ""

    def verified(self, secret: str, asked: Asked) -> bool:
        return hmac.compare_digest(
            signature(secret, asked.url, asked.body).encode(),
            asked.headers.get("x-twilio-signature", "").encode("utf-8", "replace"),
        )

    def read(self, asked: Asked) -> list[dict[str, Any]]:
        return told(asked)

    def report(self, said: Mapping[str, Any]) -> Report | None:
        status, code = (first(said, "MessageStatus", "SmsStatus") or "").lower(), first(said, "ErrorCode") or ""
        id_, own = first(said, "MessageSid", "SmsSid"), uuid_of(first(said, "send"))
        if status not in WORDS or not (id_ or own):
            return None
        stopped = "unsubscribed" if code == UNSUBSCRIBED else None
        return Report(
            WORDS[status], own, id_, phone(first(said, "To")), error=f"reported {status} {code}".strip(),
            bad_address=stopped,
        )  # fmt: skip


def signature(secret: str, url: str, body: bytes) -> str:
    """Base64 of HMAC-SHA1 over the address, then each field's name and value, sorted by name."""
    try:
        fields = sorted(parse_qsl(body.decode(), keep_blank_values=True))
    except ValueError:
        fields = []
    signed = url + "".join(f"{name}{value}" for name, value in fields)
    return base64.b64encode(hmac.digest(secret.encode(), signed.encode(), hashlib.sha1)).decode()
