"""The least that a webhook and a profile can be: plain psycopg with prepared statements, no ORM, no sealing, no rules.

`create_gate` are two Flask views on the product's own server, behind its gate and with its threads: what they cost is
what any application there would. `create_app` is the webhook with no framework and no gate, to be shown beside it.
"""

import base64
import hashlib
import hmac
import json
import os
import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
from flask import Flask, Response, request
from redis import Redis
from uuid_utils.compat import uuid7

from runtime.reach import Reach
from runtime.timing import Timing
from web.door import Door
from web.gate import Gate
from web.http.rates import PER_MINUTE, Rates

_INSERT = b"""
    INSERT INTO inbox (id, clinic_id, source, event_key, actor_index, type, message_id, occurred_at, received_at,
                       raw_sealed, state, due_at, holds, attempts)
    VALUES (%s, %s, 'line', %s, %s, %s, %s, %s, %s, %s, 'new', %s, true, 0)
    ON CONFLICT (clinic_id, source, event_key) DO NOTHING
"""
_PROFILE = b"""
    SELECT p.total_points, p.available_points, p.current_tier, p.tier_progress::float, p.total_spent::text,
           p.total_visits, p.referral_code
    FROM api_keys k JOIN loyalty_profiles p ON p.clinic_id = k.clinic_id
    WHERE k.key_hash = %s AND k.revoked_at IS NULL AND p.customer_id = %s
"""


class _Bare:
    def __init__(self) -> None:
        self._secret, self._clinic = os.environ["BENCH_SECRET"].encode(), UUID(os.environ["BENCH_CLINIC"])
        self._redis = Redis.from_url(os.environ["REDIS_URL"])
        # The pool: a connection for each of the server's threads.
        self._mine = threading.local()

    def receive(self, body: bytes, signature: str) -> bool:
        """Signature, one INSERT, one flag. Whether the signature fits."""
        expected = base64.b64encode(hmac.digest(self._secret, body, hashlib.sha256)).decode()
        if not hmac.compare_digest(expected, signature):
            return False
        event = json.loads(body)["events"][0]
        now = datetime.now(UTC)
        actor = hashlib.md5(event["source"]["userId"].encode(), usedforsecurity=False).digest()
        happened = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
        values = (uuid7(), self._clinic, event["webhookEventId"], actor, event["type"], event["message"]["id"])
        later = (happened, now, json.dumps(event).encode(), now)
        self._connection().execute(_INSERT, values + later, prepare=True)
        self._redis.set("wake:bare", 1, nx=True, px=5000)
        return True

    def profile(self, secret: str, customer: str) -> tuple[int, str]:
        """The key, one INCR, one SELECT: status and body."""
        hashed = hashlib.sha256(secret.encode()).digest()
        if int(self._redis.incr(f"bare:{hashed.hex()}")) > PER_MINUTE:
            return 429, ""
        found = self._connection().execute(_PROFILE, (hashed, UUID(customer)), prepare=True).fetchone()
        return (200, json.dumps(found)) if found else (404, "")

    def keys(self) -> frozenset[bytes]:
        return frozenset(row[0] for row in self._connection().execute("SELECT key_hash FROM api_keys"))

    def _connection(self) -> psycopg.Connection[Any]:
        if not hasattr(self._mine, "connection"):
            self._mine.connection = psycopg.connect(os.environ["BENCH_DSN"], autocommit=True)
        connection: psycopg.Connection[Any] = self._mine.connection
        return connection


def create_gate() -> Gate:
    """Both as Flask views behind the gate."""
    bare, app, timing = _Bare(), Flask("bare", static_folder=None), Timing()

    @app.post("/webhooks/line/<slug>")
    def receive(slug: str) -> Response:  # noqa: ARG001 - there is one clinic
        fits = bare.receive(request.get_data(), request.headers["X-Line-Signature"])
        return Response("{}", 200 if fits else 401, mimetype="application/json")

    @app.get("/api/loyalty/profile")
    def profile() -> Response:
        secret = request.headers["Authorization"].removeprefix("Bearer ")
        status, body = bare.profile(secret, request.args["customerId"])
        return Response(body, status, mimetype="application/json")

    rates = Rates(os.environ["REDIS_URL"], "bare-wrong-keys", Reach(timing.wake_rest))
    return Gate(app, timing, Door(0, rates, bare.keys))


def create_app() -> Callable[[dict[str, Any], Any], Iterable[bytes]]:
    """The webhook alone, as a WSGI function."""
    bare = _Bare()

    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        if not bare.receive(body, environ["HTTP_X_LINE_SIGNATURE"]):
            start_response("401 Unauthorized", [])
            return [b""]
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", "2")])
        return [b"{}"]

    return app
