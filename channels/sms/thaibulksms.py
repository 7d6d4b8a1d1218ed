"""ThaiBulkSMS, version 2 (its own npm package `thaibulksms-api` 1.0.7).

A number that it will not send to stands in `bad_phone_number_list` of an answer that is a success. The form of its
reports is not published: users log `status`, `msisdn` and `message_id`, as JSON or in the address, and no signature.
"""
# ruff: noqa: ARG002 - it signs nothing

from collections.abc import Mapping
from typing import Any

from channels.accounts import Accounts, SmsAccount
from channels.base import Receipt
from channels.reports import Asked, Report
from channels.sms.errors import Fault, SmsError, of_status
from channels.sms.provider import WORDS, Request, Sms, answered, as_form, basic, first, phone, told
from channels.wire import Response
from models.clinics import Clinic

_FAULTS: tuple[tuple[str, Fault], ...] = (
    ("CREDIT", "no_credit"), ("SENDER", "bad_sender"), ("AUTH", "credentials"), ("KEY", "credentials"),
    ("PERMISSION", "credentials"), ("MSISDN", "bad_number"), ("PHONE", "bad_number"), ("LIMIT", "rate"),
    ("TOO_MANY", "rate"), ("SYSTEM", "away"),
)  # fmt: skip
"""What stands in the name of an error; the list of them is not published."""


class ThaiBulkSms:
    name = "thaibulksms"
    channel = "sms"
    base = "https://api-v2.thaibulksms.com"
    signs = False

    def request(self, account: SmsAccount, sms: Sms) -> Request:
        fields = {"msisdn": sms.to.removeprefix("+"), "message": sms.text, "sender": account.sender}
        body, headers = as_form(fields, basic(account.key, account.secret))
        return Request("/sms", body, headers)

    def receipt(self, response: Response, sms: Sms) -> Receipt:
        said, refused = answered(response), of_status(response)
        if isinstance(error := said.get("error"), dict):
            raise _fault(error, refused)
        if refused is not None:
            raise refused
        number = sms.to.removeprefix("+")
        if any(_is(one, number) for one in _rows(said, "bad_phone_number_list")):
            raise SmsError("bad_number")
        taken = [one for one in _rows(said, "phone_number_list") if _is(one, number)]
        if not taken:
            raise SmsError("unknown", "no_number_in_its_answer")
        id_ = first(taken[0], "message_id")
        return Receipt(id_, (id_,) if id_ else ())

    def signed_with(self, clinic: Clinic, accounts: Accounts) -> str:
        return ""

    def verified(self, secret: str, asked: Asked) -> bool:
        return False

    def read(self, asked: Asked) -> list[dict[str, Any]]:
        return told(asked)

    def report(self, said: Mapping[str, Any]) -> Report | None:
        status = (first(said, "status", "Status", "delivery_status") or "").lower()
        id_ = first(said, "message_id", "messageId", "MessageId")
        to = phone(first(said, "msisdn", "number", "to"))
        if status not in WORDS or not (id_ or to):
            return None
        return Report(WORDS[status], request_id=id_, address=to, error=f"reported {status}")


def _fault(error: Mapping[str, Any], refused: SmsError | None) -> SmsError:
    name, code = str(error.get("name", "")).upper(), str(error.get("code", ""))
    detail = code if code.isalnum() else ""
    found = next((fault for part, fault in _FAULTS if part in name), None)
    if found is None and refused is not None and not refused.outcome_unknown:
        return refused
    return SmsError(found or "refused", detail)


def _rows(said: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    rows = said.get(name)
    return [one for one in rows if isinstance(one, Mapping)] if isinstance(rows, list) else []


def _is(row: Mapping[str, Any], number: str) -> bool:
    return phone(first(row, "number", "msisdn")) == f"+{number}"
