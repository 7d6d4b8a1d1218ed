"""The least a profile can be: one SELECT by primary key, JSON, 200. No framework, no ORM, nobody asked who they are."""

import json
import os
import threading
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

import psycopg

_SELECT = b"""
    SELECT total_points, available_points, current_tier, tier_progress::float, total_spent::text, total_visits,
           referral_code
    FROM loyalty_profiles WHERE customer_id = %s
"""


def create_app() -> Callable[[dict[str, Any], Any], Iterable[bytes]]:
    """The WSGI application."""
    dsn = os.environ["BENCH_DSN"]
    # The pool: a connection for each of the server's threads.
    mine = threading.local()

    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if not hasattr(mine, "connection"):
            mine.connection = psycopg.connect(dsn, autocommit=True)
        customer = UUID(parse_qs(environ["QUERY_STRING"])["customerId"][0])
        body = json.dumps(mine.connection.execute(_SELECT, (customer,)).fetchone()).encode()
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]

    return app
