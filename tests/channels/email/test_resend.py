"""What comes back by the provider's webhook: bounces and complaints end an address, the rest tells how it went."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest

from channels.email.resend import OLDEST, Resend
from channels.reports import Asked
from channels.standard_webhooks import fits
from runtime.clock import real

# The published example of Standard Webhooks.
SECRET, ID, AT = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330"
BODY, SIGNATURE = b'{"test": 2432232314}', "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def headers(prefix: str, signature: str = SIGNATURE, at: str = AT) -> dict[str, str]:
    return {f"{prefix}-id": ID, f"{prefix}-timestamp": at, f"{prefix}-signature": signature}


@pytest.mark.parametrize("prefix", ["svix", "webhook"])
def test_the_published_signature_fits(prefix: str) -> None:
    assert fits(SECRET.encode(), headers(prefix), BODY, prefix=prefix)
    assert fits(SECRET.encode(), headers(prefix, f"v1,AAAA v1a,xx {SIGNATURE}"), BODY, prefix=prefix)


@pytest.mark.parametrize(
    ("secret", "body", "signature"),
    [
        (SECRET, BODY + b" ", SIGNATURE), (SECRET[:-4] + "AAAA", BODY, SIGNATURE), (SECRET, BODY, SIGNATURE[3:]),
        (SECRET, BODY, SIGNATURE.replace("v1,", "v2,")), (SECRET, BODY, ""), (SECRET, BODY, "v1,"),
        (SECRET, BODY, "v1,ก"),
    ],
)  # fmt: skip
def test_any_other_does_not(secret: str, body: bytes, signature: str) -> None:
    assert not fits(secret.encode(), headers("svix", signature), body, prefix="svix")


def asked(at: int, secret: str = SECRET) -> Asked:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mark = base64.b64encode(hmac.digest(key, f"{ID}.{at}.".encode() + BODY, hashlib.sha256)).decode()
    return Asked("https://aura.example/x", "", headers("svix", f"v1,{mark}", str(at)), BODY)


def test_a_right_signature_that_is_old_is_kept_by_somebody() -> None:
    now = int(real().timestamp())
    week = int(OLDEST.total_seconds())
    assert Resend().verified(SECRET, asked(now)) and Resend().verified(SECRET, asked(now - week + 60))
    assert not Resend().verified(SECRET, asked(now - week - 60))
    assert not Resend().verified(SECRET, asked(now + week + 60))
    assert not Resend().verified(SECRET, Asked("https://aura.example/x", "", {}, BODY))
    assert timedelta(days=1) < OLDEST


def event(kind: str, **more: Any) -> dict[str, Any]:
    data = {
        "email_id": "56761188-7520-42d8-8898-ff6fc54ce618", "from": "Aura <hello@aura.example>",
        "to": ["Mali <Mali@Mail.example>"], "subject": "hello", **more,
    }  # fmt: skip
    return {"type": kind, "created_at": "2026-02-22T23:41:12.126Z", "data": data}


@pytest.mark.parametrize(
    ("kind", "more", "told", "bad", "error", "loaded"),
    [
        ("email.sent", {}, "sent", None, None, False),
        ("email.delivered", {}, "delivered", None, None, False),
        ("email.opened", {}, "delivered", None, None, True),
        ("email.delivery_delayed", {}, "sent", None, None, False),
        ("email.bounced", {}, "failed", "bounced", "bounced", False),
        ("email.bounced", {"bounce": {"type": "Permanent"}}, "failed", "bounced", "bounced", False),
        ("email.bounced", {"bounce": {"type": "Transient"}}, "failed", None, "bounced_for_now", False),
        ("email.bounced", {"bounce": {"type": "Undetermined"}}, "failed", None, "bounced_for_now", False),
        ("email.complained", {}, "delivered", "complained", None, False),
        ("email.failed", {}, "failed", None, "not_delivered", False),
    ],
)
def test_what_each_event_means(
    kind: str, more: dict[str, Any], told: str, bad: str | None, error: str | None, loaded: bool
) -> None:
    report = Resend().report(event(kind, **more))
    assert report is not None
    assert (report.told, report.bad_address, report.error, report.loaded) == (told, bad, error, loaded)
    assert (report.request_id, report.address) == ("56761188-7520-42d8-8898-ff6fc54ce618", "mali@mail.example")


@pytest.mark.parametrize(
    "said", [{}, {"type": "contact.created", "data": {}}, {"type": "email.clicked", "data": {"to": ["x@y.example"]}},
             {"type": "email.bounced", "data": None}, {"type": ["email.bounced"], "data": {"to": 5}}],
)  # fmt: skip
def test_what_says_nothing_of_a_mail_is_nothing(said: dict[str, Any]) -> None:
    assert Resend().report(said) is None


def test_a_body_is_read_whole_or_refused() -> None:
    read = Resend().read(Asked("", "", {}, json.dumps(event("email.sent")).encode()))
    assert [one["type"] for one in read] == ["email.sent"]
