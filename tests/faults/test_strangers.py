"""Strangers at the product's own door: LINE is answered, and health, as if they were not there."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from statistics import median
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest

from tests.fixtures.servers import libpq
from tests.fixtures.strangers import HALF, SILENT, Strangers, strangers
from tests.fixtures.waiting import eventually
from tests.stories.whole import Whole
from web.gate import THREADS

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
        lambda them: them.half(HALF, API),
        lambda them: them.half(HALF, WEBHOOK.encode()),
        lambda them: them.dripping(HALF, WEBHOOK.encode()),
        lambda them: them.silent(SILENT),
    ],
    ids=["half a payment", "half a webhook", "dripping", "silent"],
)
def test_nobody_waits_for_strangers(whole: Whole, line: httpx.Client, come: Callable[[Strangers], None]) -> None:
    calm = median(asked(whole, line) for _ in range(10))
    with strangers(urlsplit(whole.app.url).port or 0) as them:
        come(them)
        assert median(asked(whole, line) for _ in range(10)) < max(1.5 * calm, 0.1)


def test_nobody_waits_for_the_api_while_its_threads_wait_for_a_lock(whole: Whole, line: httpx.Client) -> None:
    """The till is told to come again, by the server for want of a thread or by the API for want of its row."""
    key = {"Authorization": f"Bearer {whole.app.plan.env['SIMULATOR_API_KEY']}"}

    def ask(_: int) -> httpx.Response:
        return httpx.get(
            f"{whole.app.url}/api/loyalty/profile?customerId=ext:till:nobody", headers=key, trust_env=False, timeout=10
        )

    with psycopg.connect(libpq(whole.app.database_url)) as database, ThreadPoolExecutor(12) as pool:
        database.execute("LOCK TABLE api_keys IN ACCESS EXCLUSIVE MODE")
        waiting = pool.map(ask, range(12))
        eventually(lambda: locked_out(whole) == THREADS)
        assert max(asked(whole, line) for _ in range(10)) < 0.5
        assert line.get("/readyz").json()["status"] == "ok"
        answers = list(waiting)
    assert {answer.status_code for answer in answers} == {503}
    assert all(answer.headers["Retry-After"] and answer.json()["code"] == "unavailable" for answer in answers)
    assert ask(0).status_code == 404  # let in: there is no such customer


def locked_out(whole: Whole) -> int:
    query = (
        "SELECT count(*) AS n FROM pg_stat_activity WHERE application_name = 'aura web' AND wait_event_type = 'Lock'"
    )
    return int(whole.rows(query)[0]["n"])
