"""Strangers at the product's own door: LINE is answered, and health, as if they were not there."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from statistics import median
from urllib.parse import urlsplit

import httpx
import pytest

from tests.fixtures.strangers import Strangers, strangers
from tests.stories.whole import Whole

WEBHOOK = "/webhooks/line/aura"
API = b"/api/loyalty/payments"


@pytest.fixture
def line(whole: Whole) -> Iterator[httpx.Client]:
    """One connection to the product, as LINE's own servers keep one."""
    with httpx.Client(base_url=whole.app.url, trust_env=False, timeout=5) as client:
        yield client


def asked(whole: Whole, line: httpx.Client) -> float:
    """The seconds that health and a signed webhook take."""
    secret = whole.app.plan.settings.line_channel_secret.get_secret_value().encode()
    body = json.dumps({"destination": whole.destination, "events": []}).encode()
    signature = base64.b64encode(hmac.digest(secret, body, hashlib.sha256)).decode()
    began = time.monotonic()
    assert line.get("/healthz").json() == {"status": "ok"}
    assert line.post(WEBHOOK, content=body, headers={"x-line-signature": signature}).status_code == 200
    return time.monotonic() - began


@pytest.mark.parametrize(
    "come",
    [
        lambda them: them.half(8, API),
        lambda them: them.half(8, WEBHOOK.encode()),
        lambda them: them.dripping(8, WEBHOOK.encode()),
        lambda them: them.silent(1_100),
    ],
    ids=["half a payment", "half a webhook", "dripping", "silent"],
)
def test_nobody_waits_for_strangers(whole: Whole, line: httpx.Client, come: Callable[[Strangers], None]) -> None:
    calm = median(asked(whole, line) for _ in range(10))
    with strangers(urlsplit(whole.app.url).port or 0) as them:
        come(them)
        assert median(asked(whole, line) for _ in range(10)) < max(1.5 * calm, 0.1)
