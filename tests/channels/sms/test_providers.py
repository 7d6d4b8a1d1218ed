"""Each provider as its pages and packages describe it: what is asked, what its answers mean, what it reports."""

import json
from typing import Any
from urllib.parse import parse_qs, urlencode
from uuid import UUID

import pytest

from channels.accounts import SmsAccount, sms_account
from channels.reports import Asked, Unreadable
from channels.sms.channel import PROVIDERS
from channels.sms.errors import SmsError
from channels.sms.provider import Provider, Sms
from channels.sms.twilio import Twilio, signature
from channels.wire import Response

ID = UUID("0198c0de-0000-7000-8000-000000000001")
SMS = Sms("+66812345678", "สวัสดีค่ะ", ID, "https://aura.example/webhooks/receipts/aura/x")


def account(provider: Any) -> SmsAccount:
    return sms_account(provider, "key:secret", "AuraClinic", "http://127.0.0.1:1/")


def answered(provider: str, status: int, body: Any, headers: dict[str, str] | None = None) -> Any:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return PROVIDERS[provider].receipt(Response(status, headers or {}, raw), SMS)


def refusal(provider: str, status: int, body: Any, headers: dict[str, str] | None = None) -> tuple[str, bool, bool]:
    with pytest.raises(SmsError) as error:
        answered(provider, status, body, headers)
    return error.value.fault, error.value.permanent, error.value.outcome_unknown


def test_thaibulksms_is_asked_by_a_form_and_basic() -> None:
    asked = PROVIDERS["thaibulksms"].request(account("thaibulksms"), SMS)
    assert asked.path == "/sms"
    assert parse_qs(asked.body.decode()) == {
        "msisdn": ["66812345678"], "message": ["สวัสดีค่ะ"], "sender": ["AuraClinic"],
    }  # fmt: skip
    assert asked.headers["Authorization"] == "Basic a2V5OnNlY3JldA=="


OWN = {"number": "66812345678", "message_id": "VtznKfqHUjmDCysZyOZDQX", "used_credit": 1}
BAD = {"number": "66812345678", "message": "Phone number is invalid."}
SYSTEM = {"error": {"code": 1, "name": "ERROR_SYSTEM_FAILURE", "description": "System Failure."}}


def test_thaibulksms_gives_its_own_id() -> None:
    said = {"remaining_credit": 156_758, "total_use_credit": 1, "credit_type": "corporate",
            "phone_number_list": [OWN], "bad_phone_number_list": [{"number": "0812", "message": "…"}]}  # fmt: skip
    assert answered("thaibulksms", 201, said).request_id == "VtznKfqHUjmDCysZyOZDQX"


@pytest.mark.parametrize(
    ("status", "body", "meant"),
    [
        (200, {"phone_number_list": [], "bad_phone_number_list": [BAD]}, ("bad_number", True, False)),
        (200, {"phone_number_list": [OWN], "bad_phone_number_list": [BAD]}, ("bad_number", True, False)),
        (200, SYSTEM, ("away", False, False)),
        (500, SYSTEM, ("away", False, False)),
        (500, b"<html>oops", ("unknown", False, True)),
        (502, b"", ("unknown", False, True)),
        (200, b"<html>what", ("unknown", False, True)),
        (200, {"phone_number_list": [{"number": "66899999999"}]}, ("unknown", False, True)),
        (401, {"error": {"code": 101, "name": "ERROR_AUTHENTICATION"}}, ("credentials", False, False)),
        (400, {"error": {"code": 8, "name": "ERROR_CREDIT_NOT_ENOUGH"}}, ("no_credit", True, False)),
        (400, {"error": {"code": 5, "name": "ERROR_SENDER"}}, ("bad_sender", True, False)),
        (400, {"error": {"code": 9, "name": "SOMETHING_NEW"}}, ("refused", True, False)),
        (401, {"error": {"code": 9, "name": "SOMETHING_NEW"}}, ("credentials", False, False)),
        (404, b"", ("refused", True, False)),
        (429, b"", ("rate", False, False)),
    ],
)  # fmt: skip
def test_thaibulksms_refuses_also_in_what_looks_like_a_success(
    status: int, body: Any, meant: tuple[str, bool, bool]
) -> None:
    assert refusal("thaibulksms", status, body) == meant


def test_twilio_is_asked_to_report_with_our_own_id() -> None:
    asked = PROVIDERS["twilio"].request(account("twilio"), SMS)
    assert asked.path == "/2010-04-01/Accounts/key/Messages.json"
    assert parse_qs(asked.body.decode()) == {
        "To": ["+66812345678"], "From": ["AuraClinic"], "Body": ["สวัสดีค่ะ"],
        "StatusCallback": [f"{SMS.report}?send={ID.hex}"],
    }  # fmt: skip


def test_twilio_gives_its_own_id() -> None:
    assert answered("twilio", 201, {"sid": "SM1", "status": "queued", "error_code": None}).request_id == "SM1"


@pytest.mark.parametrize(
    ("status", "body", "meant"),
    [
        (400, {"code": 21211, "message": "Invalid 'To' Phone Number", "status": 400}, ("bad_number", True, False)),
        (400, {"code": 21610, "status": 400}, ("bad_number", True, False)),
        (400, {"code": 21212, "status": 400}, ("bad_sender", True, False)),
        (400, {"code": 99999, "status": 400}, ("refused", True, False)),
        (401, {"code": 20003, "status": 401}, ("credentials", False, False)),
        (429, {"code": 20429, "status": 429}, ("rate", False, False)),
        (201, {"sid": "SM1", "status": "failed", "error_code": 30003}, ("refused", True, False)),
        (201, {"status": "queued"}, ("unknown", False, True)),
        (503, {"code": 20503}, ("unknown", False, True)),
    ],
)  # fmt: skip
def test_twilio_refuses_by_its_codes(status: int, body: Any, meant: tuple[str, bool, bool]) -> None:
    assert refusal("twilio", status, body) == meant


def test_a_rate_says_how_long_to_wait() -> None:
    with pytest.raises(SmsError) as error:
        answered("twilio", 429, {"code": 20429}, {"Retry-After": "7"})
    assert error.value.retry_after is not None
    assert (error.value.retry_after.total_seconds(), error.value.scope) == (7, "clinic")


def test_a_plain_gateway_is_told_all_in_json() -> None:
    asked = PROVIDERS["http"].request(account("http"), SMS)
    assert json.loads(asked.body) == {
        "id": str(ID), "to": "+66812345678", "from": "AuraClinic", "text": "สวัสดีค่ะ", "report": SMS.report,
    }  # fmt: skip
    bearer = PROVIDERS["http"].request(sms_account("http", "only-a-key", "AuraClinic", ""), SMS)
    assert bearer.headers["Authorization"] == "Bearer only-a-key"


@pytest.mark.parametrize(
    ("status", "body", "meant"),
    [
        (200, {"error": {"code": "300", "permanent": True}}, ("refused", True, False)),
        (200, {"error": {"code": "busy", "permanent": False}}, ("away", False, False)),
        (200, {"error": "Not found this sender name."}, ("refused", True, False)),
        (200, {"status": "rejected"}, ("refused", True, False)),
        (401, {"error": {"code": "unauthorized"}}, ("credentials", False, False)),
        (500, {}, ("unknown", False, True)),
    ],
)
def test_a_plain_gateway_refuses_inside_a_success(status: int, body: Any, meant: tuple[str, bool, bool]) -> None:
    assert refusal("http", status, body) == meant


def test_what_it_says_of_a_refusal_is_never_repeated() -> None:
    with pytest.raises(SmsError) as error:
        answered("http", 200, {"error": {"code": "no such number 0812345678"}})
    assert "0812345678" not in str(error.value)


def asked(body: bytes, kind: str = "application/json", query: str = "", **headers: str) -> Asked:
    url = f"https://mycompany.com/myapp.php?{query}" if query else "https://mycompany.com/myapp.php"
    return Asked(url, query, {"content-type": kind, **headers}, body)


TWILIO = {
    "CallSid": "CA1234567890ABCDE", "Caller": "+14158675309", "Digits": "1234", "From": "+14158675309",
    "To": "+18005551212",
}  # fmt: skip
VECTOR = "RSOYDt4T1cUTdK1PDd93/VVr8B8="


def test_twilios_signature_is_the_published_one() -> None:
    body = urlencode(TWILIO).encode()
    assert signature("12345", "https://mycompany.com/myapp.php?foo=1&bar=2", body) == VECTOR
    form = "application/x-www-form-urlencoded"
    good = asked(body, form, "foo=1&bar=2", **{"x-twilio-signature": VECTOR})
    assert Twilio().verified("12345", good)
    for wrong in ("", VECTOR[:-2] + "A=", "é" * 28):
        assert not Twilio().verified("12345", asked(body, form, "foo=1&bar=2", **{"x-twilio-signature": wrong}))
    assert not Twilio().verified("12346", good)
    assert not Twilio().verified("12345", asked(body + b"&a=b", form, "foo=1&bar=2", **{"x-twilio-signature": VECTOR}))
    assert not Twilio().verified("12345", asked(body, form, "foo=1", **{"x-twilio-signature": VECTOR}))


@pytest.mark.parametrize(
    ("provider", "said", "meant"),
    [
        ("thaibulksms", {"status": "Delivered", "msisdn": "66812345678", "message_id": "M1"},
         ("delivered", None, "M1", "+66812345678")),
        ("thaibulksms", {"status": "EXPIRED", "msisdn": "0812345678"}, ("failed", None, None, "+66812345678")),
        ("thaibulksms", {"status": "MOBILE_OFF", "message_id": "M1"}, None),
        ("thaibulksms", {"status": "Delivered"}, None),
        ("twilio", {"MessageSid": "SM1", "MessageStatus": "delivered", "send": ID.hex}, ("delivered", ID, "SM1", None)),
        ("twilio", {"MessageSid": "SM1", "MessageStatus": "undelivered", "ErrorCode": "30003"},
         ("failed", None, "SM1", None)),
        ("twilio", {"MessageSid": "SM1", "MessageStatus": "sent"}, ("sent", None, "SM1", None)),
        ("twilio", {"MessageSid": "SM1", "MessageStatus": "scheduled"}, None),
        ("http", {"id": "G1", "status": "delivered"}, ("delivered", None, "G1", None)),
        ("http", {"send": str(ID), "status": "REJECT_SENDER"}, ("failed", ID, None, None)),
        ("http", {"id": "G1", "status": ["delivered"]}, None),
    ],
)  # fmt: skip
def test_what_a_report_means(provider: str, said: dict[str, Any], meant: tuple[Any, ...] | None) -> None:
    found = PROVIDERS[provider].report(said)
    assert (found and (found.told, found.send_id, found.request_id, found.address)) == meant


@pytest.mark.parametrize("provider", PROVIDERS.values(), ids=list(PROVIDERS))
def test_a_report_is_read_however_it_is_written(provider: Provider) -> None:
    said = {"status": "delivered", "message_id": "M1"}
    assert provider.read(asked(json.dumps(said).encode())) == [said]
    assert provider.read(asked(json.dumps([said, said]).encode())) == [said, said]
    assert provider.read(asked(urlencode(said).encode(), "application/x-www-form-urlencoded")) == [said]
    assert provider.read(asked(b"", query=urlencode(said))) == [said]
    for broken in (b"{", b'"word"', b"[1]", b""):
        with pytest.raises(Unreadable):
            provider.read(asked(broken))
