"""A plain gateway of the clinic's own choice, over HTTP: docs/going-live.md has its two calls.

Asked: `{"id", "to", "from", "text", "report"}` with HTTP Basic, or with a bearer where the key has no second half.
Answered: `{"id": …}` of its own, or `{"error": {"code": …, "permanent": …}}`, whatever the status. It reports
`{"send" or "id", "status", "error"}` at the address that it was given.
"""
# ruff: noqa: ARG002 - it signs nothing

import json
from collections.abc import Mapping
from typing import Any

from channels.accounts import Accounts, SmsAccount
from channels.base import Receipt
from channels.reports import Asked, Report
from channels.sms.errors import SmsError, of_status
from channels.sms.provider import JSON, WORDS, Request, Sms, answered, basic, first, phone, told, uuid_of
from channels.wire import Response
from models.clinics import Clinic


class PlainHttp:
    name = "http"
    channel = "sms"
    base = ""
    signs = False

    def request(self, account: SmsAccount, sms: Sms) -> Request:
        body = {"id": str(sms.send_id), "to": sms.to, "from": account.sender, "text": sms.text, "report": sms.report}
        given = basic(account.key, account.secret) if account.secret else {"Authorization": f"Bearer {account.key}"}
        return Request("", json.dumps(body, ensure_ascii=False).encode(), {**given, "Content-Type": JSON})

    def receipt(self, response: Response, sms: Sms) -> Receipt:
        said, refused = answered(response), of_status(response)
        error = said.get("error")
        if error:
            raise _fault(error, refused)
        if refused is not None:
            raise refused
        if WORDS.get(str(said.get("status", "")).lower()) == "failed" or said.get("success") is False:
            raise SmsError("refused")
        id_ = first(said, "id", "message_id")
        return Receipt(id_, (id_,) if id_ else ())

    def signed_with(self, clinic: Clinic, accounts: Accounts) -> str:
        return ""

    def verified(self, secret: str, asked: Asked) -> bool:
        return False

    def read(self, asked: Asked) -> list[dict[str, Any]]:
        return told(asked)

    def report(self, said: Mapping[str, Any]) -> Report | None:
        status = (first(said, "status") or "").lower()
        own, id_ = uuid_of(first(said, "send")), first(said, "id", "message_id")
        if status not in WORDS or not (own or id_):
            return None
        return Report(WORDS[status], own or uuid_of(id_), id_, phone(first(said, "to")), error=f"reported {status}")


def _fault(error: Any, refused: SmsError | None) -> SmsError:
    """An error inside says that nothing was sent, whatever the status."""
    named = error if isinstance(error, Mapping) else {}
    code = str(named.get("code", ""))
    detail = code if code.isascii() and code.replace("_", "").isalnum() and len(code) <= 40 else ""
    if refused is not None and refused.fault in ("credentials", "rate", "no_credit"):
        return refused
    return SmsError("away" if named.get("permanent") is False else "refused", detail)
