"""The least a webhook can be: check the signature, one INSERT, one enqueue, 200. No framework, no ORM, no sealing."""

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
from redis import Redis
from rq import Queue
from uuid_utils.compat import uuid7

_INSERT = b"""
    INSERT INTO inbox (id, clinic_id, source, event_key, actor_index, type, message_id, occurred_at, received_at,
                       raw_sealed, state, due_at, holds, attempts)
    VALUES (%s, %s, 'line', %s, %s, %s, %s, %s, %s, %s, 'new', %s, true, 0)
    ON CONFLICT (clinic_id, source, event_key) DO NOTHING
"""


def create_app() -> Callable[[dict[str, Any], Any], Iterable[bytes]]:
    """The WSGI application. `BENCH_WAKE` is `enqueue` (an RQ job a request) or `flag` (one SET)."""
    secret, clinic_id = os.environ["BENCH_SECRET"].encode(), UUID(os.environ["BENCH_CLINIC"])
    dsn = os.environ["BENCH_DSN"]
    redis = Redis.from_url(os.environ["REDIS_URL"])
    queue = Queue("bare", connection=redis)
    # The pool: a connection for each of the server's threads.
    mine = threading.local()

    def store(event: dict[str, Any]) -> None:
        if not hasattr(mine, "connection"):
            mine.connection = psycopg.connect(dsn, autocommit=True)
        now = datetime.now(UTC)
        actor = hashlib.md5(event["source"]["userId"].encode(), usedforsecurity=False).digest()
        happened = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
        values = (uuid7(), clinic_id, event["webhookEventId"], actor, event["type"], event["message"]["id"])
        mine.connection.execute(_INSERT, (*values, happened, now, json.dumps(event).encode(), now))

    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        expected = base64.b64encode(hmac.digest(secret, body, hashlib.sha256)).decode()
        if not hmac.compare_digest(expected, environ["HTTP_X_LINE_SIGNATURE"]):
            start_response("401 Unauthorized", [])
            return [b""]
        store(json.loads(body)["events"][0])
        if environ["PATH_INFO"].startswith("/flag"):
            redis.set("wake:bare", 1, nx=True, px=5000)
        else:
            queue.enqueue("workers.jobs.drain", "chat", result_ttl=0, failure_ttl=300, ttl=60, job_timeout=20)
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", "2")])
        return [b"{}"]

    return app
