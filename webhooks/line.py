"""`POST /webhooks/line/<clinic slug>`: LINE's door.

The signature is checked on the raw body before anything is parsed; the events are stored as they came, each once;
the answer is 200 whatever they say, because LINE redelivers a refused request with all its events.
developers.line.biz/en/docs/messaging-api/receiving-messages
"""

import base64
import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from flask import Blueprint, Response, request
from prometheus_client import Counter
from sqlalchemy import Connection, Engine, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, sessionmaker

from channels.line.client import Line
from channels.line.events import occurred
from models.base import new_id, open_key
from models.clinics import Clinic
from models.conversations import InboxEvent
from runtime.clock import real
from runtime.keys import DataKey, Vault
from runtime.wake import Waker

BODY_LIMIT = 2 * 1024 * 1024
EVENTS_LIMIT = 1_000
CACHE_SECONDS = 60.0
SECRET_RETRY_SECONDS = 2.0
"""A wrong signature looks the secret up again, in case it was just changed, but not for every forged request."""

_INSERT = insert(InboxEvent).on_conflict_do_nothing(index_elements=["clinic_id", "source", "event_key"])

log = structlog.get_logger(__name__)
_events = Counter("aura_webhook_events", "LINE events received", ["outcome"])


@dataclass(frozen=True)
class Door:
    """What is needed to receive for one clinic, kept per process."""

    clinic_id: UUID
    secret: bytes
    key: DataKey
    read_at: float


class Doors:
    """Clinic slug → door, read again after a minute."""

    def __init__(self, sessions: sessionmaker[Session], line: Line) -> None:
        self._sessions, self._line = sessions, line
        self._doors: dict[str, Door] = {}

    def find(self, slug: str, *, newer_than: float = CACHE_SECONDS) -> Door | None:
        door = self._doors.get(slug)
        if door is not None and time.monotonic() - door.read_at < newer_than:
            return door
        with self._sessions() as session:
            clinic = session.scalars(select(Clinic).where(Clinic.slug == slug)).one_or_none()
            key = open_key(clinic) if clinic is not None else None
            if clinic is None or key is None:
                return None
            secret = self._line.access(clinic).secret.encode()
            door = self._doors[slug] = Door(clinic.id, secret, key, time.monotonic())
        return door


def blueprint(engine: Engine, sessions: sessionmaker[Session], vault: Vault, line: Line, waker: Waker) -> Blueprint:
    """The door, with what it needs from the process."""
    doors = Doors(sessions, line)
    storing = engine.execution_options(isolation_level="AUTOCOMMIT")
    routes = Blueprint("line_webhook", __name__)

    @routes.post("/webhooks/line/<slug>")
    def receive(slug: str) -> Response:
        if (request.content_length or 0) > BODY_LIMIT:
            return _answer(413, "too_large", "the body is larger than 2 MB")
        body = request.get_data()
        try:
            door = _verified(doors, slug, body, request.headers.get("x-line-signature", ""))
            if door is None:
                _events.labels("bad_signature").inc()
                return _answer(401, "bad_signature", "x-line-signature does not fit this body and this clinic's secret")
            rows = _rows(door, vault, body)
            if rows:
                _store(storing, rows)
        except Malformed as error:
            return _answer(400, "malformed", str(error))
        except (OperationalError, PoolTimeout) as error:
            log.error("webhook not stored", error=type(error).__name__)
            return _answer(503, "unavailable", "the events could not be stored; send them again")
        if rows:
            _events.labels("stored").inc(len(rows))
            waker.wake("chat")
        return Response("{}", 200, mimetype="application/json")

    return routes


class Malformed(ValueError):
    """The body is no webhook of LINE's."""


def _verified(doors: Doors, slug: str, body: bytes, signature: str) -> Door | None:
    door = doors.find(slug)
    if door is not None and not _fits(door, body, signature):
        door = doors.find(slug, newer_than=SECRET_RETRY_SECONDS)
    return door if door is not None and _fits(door, body, signature) else None


def _fits(door: Door, body: bytes, signature: str) -> bool:
    expected = base64.b64encode(hmac.digest(door.secret, body, hashlib.sha256))
    # A clinic without a secret has no door: an empty key would let anybody sign.
    return bool(door.secret) and hmac.compare_digest(expected, signature.encode("utf-8", "replace"))


def _rows(door: Door, vault: Vault, body: bytes) -> list[dict[str, Any]]:
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Malformed("the body is not JSON") from error
    events = parsed.get("events") if isinstance(parsed, dict) else None
    if not isinstance(events, list) or len(events) > EVENTS_LIMIT:
        raise Malformed("the body holds no list of events")
    return [_row(door, vault, event) for event in events]


def _row(door: Door, vault: Vault, event: Any) -> dict[str, Any]:
    """One inbox row. Nothing about the event is trusted, so that a broken one is kept like its neighbours."""
    now = real()
    id_ = new_id()
    fields = _mapping(event)
    source, message = _mapping(fields.get("source")), _mapping(fields.get("message"))
    key = _storable(fields.get("webhookEventId")) or _fingerprint(event)
    actor = _storable(source.get("userId") or source.get("groupId") or source.get("roomId")) or key
    raw = json.dumps(event).encode()
    return {
        "id": id_,
        "clinic_id": door.clinic_id,
        "source": "line",
        "event_key": key,
        "actor_index": vault.index(door.clinic_id, "line", actor),
        "type": _storable(fields.get("type")) or "malformed",
        "message_id": _storable(message.get("id")),
        "occurred_at": occurred(event, now),
        "received_at": now,
        "raw_sealed": door.key.seal(raw, f"{door.clinic_id}|inbox|raw|{id_}".encode()),
        "state": "new",
        "due_at": now,
        "holds": True,
        "attempts": 0,
    }


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _fingerprint(event: Any) -> str:
    """For an event without an id: the same for its redelivery, which differs in `deliveryContext` only."""
    if isinstance(event, dict):
        event = {name: value for name, value in event.items() if name != "deliveryContext"}
    return "sha256:" + hashlib.sha256(json.dumps(event, sort_keys=True).encode()).hexdigest()


def _storable(value: Any) -> str | None:
    """The text, if PostgreSQL would take it: short, without NUL and lone surrogates."""
    if not isinstance(value, str) or not 0 < len(value) <= 200 or "\0" in value:
        return None
    try:
        value.encode()
    except UnicodeEncodeError:
        return None
    return value


def _store(engine: Engine, rows: list[dict[str, Any]]) -> None:
    """Each event once. A connection that died while idle is replaced and the statement said again: it is idempotent."""
    try:
        _execute(engine.connect(), rows)
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
        _execute(engine.connect(), rows)


def _execute(connection: Connection, rows: list[dict[str, Any]]) -> None:
    with connection:
        connection.execute(_INSERT, rows if len(rows) > 1 else rows[0])


def _answer(status: int, code: str, detail: str) -> Response:
    return Response(json.dumps({"code": code, "detail": detail}), status, mimetype="application/json")
