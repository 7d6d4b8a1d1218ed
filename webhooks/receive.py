"""Receiving, the same for every source: verify the raw body, store each event once, wake a worker, answer 200.

Nothing is parsed before the signature fits. The answer is 200 whatever its events say, because a source redelivers a
refused request with all its events; only a body that is not the source's JSON at all is refused, as a whole.
"""

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from flask import Blueprint, Response, request
from prometheus_client import Counter
from sqlalchemy import DateTime, Engine, bindparam, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, sessionmaker

from models.base import new_id, open_key
from models.clinics import Clinic
from models.conversations import InboxEvent
from runtime.clock import DATABASE_NOW
from runtime.database import at_most, direct, in_words, lost, transient
from runtime.keys import CannotOpen, DataKey, Vault
from runtime.outage import DATABASE
from runtime.wake import Waker
from webhooks.reading import pruned
from webhooks.seldom import Seldom
from webhooks.source import Delivery, Fetching, Malformed, RawEvent, Source

ANSWER_SECONDS = 1.0
"""LINE itself waits two: until then every wait for the database has ended, on both sides."""
CACHE_SECONDS = 60.0
SECRET_RETRY_SECONDS = 2.0
"""A wrong signature looks the secret up again, in case it was just changed, but not for every forged request."""

log = structlog.get_logger(__name__)
_events = Counter("aura_webhook_events", "Events stored, and requests refused", ["source", "outcome"])


@dataclass(frozen=True)
class Credentials:
    """What is needed to receive for one clinic from one source, kept per process."""

    clinic_id: UUID
    secret: bytes
    key: DataKey
    read_at: float


class _Kept:
    """Source and clinic slug → credentials, read again after a minute."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions
        self._kept: dict[tuple[str, str], Credentials] = {}

    def find(self, source: Source, slug: str, *, newer_than: float) -> Credentials | None:
        kept = self._kept.get((source.name, slug))
        if kept is not None and time.monotonic() - kept.read_at < newer_than:
            return kept
        if _storable(slug) is None:
            return None
        with self._sessions() as session:
            clinic = session.scalars(select(Clinic).where(Clinic.slug == slug)).one_or_none()
            key = open_key(clinic) if clinic is not None else None
            if clinic is None or key is None:
                return None
            found = Credentials(clinic.id, source.secret(clinic), key, time.monotonic())
        self._kept[source.name, slug] = found
        return found


def blueprint(
    engine: Engine, sessions: sessionmaker[Session], vault: Vault, waker: Waker, sources: Sequence[Source]
) -> Blueprint:
    """The addresses of all sources, on an engine that gives up soon."""
    kept = _Kept(sessions)
    forged, sealed = Seldom("signatures do not fit"), Seldom("webhooks of a clinic that cannot be read are not stored")
    routes = Blueprint("webhooks", __name__)
    for source in sources:
        view = _view(source, kept, forged, sealed, engine, vault, waker)
        routes.add_url_rule(source.rule, source.name.replace(".", "-"), view, methods=_methods(source))
    return routes


def _view(
    source: Source, kept: _Kept, forged: Seldom, sealed: Seldom, engine: Engine, vault: Vault, waker: Waker
) -> Callable[..., Response]:
    def receive(slug: str, **_in_path: str) -> Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        delivery = Delivery(request.path, headers, request.get_data(), request.query_string.decode("ascii", "replace"))
        try:
            began = time.monotonic()
            with at_most(ANSWER_SECONDS):
                found = _verified(kept, forged, source, slug, delivery)
            if found is None:
                _events.labels(source.name, "bad_signature").inc()
                return _answer(401, "bad_signature", "the signature does not fit this body and this clinic's secret")
            left = ANSWER_SECONDS - (time.monotonic() - began)
            # Not counted: only a body made for it takes long to read, and its events are as good as any.
            rows = [_row(found, source.name, vault, event) for event in source.events(delivery)]
            if rows:
                with at_most(left):
                    _store(engine, rows)
        except Malformed as error:
            _events.labels(source.name, "malformed").inc()
            return _answer(400, "malformed", str(error))
        except (DBAPIError, PoolTimeout, CannotOpen) as error:
            if lost(error):
                DATABASE.met(error)
            elif isinstance(error, CannotOpen):
                sealed.count(time.monotonic(), source=source.name, clinic=slug)
            elif transient(error):
                log.error("webhook not stored", source=source.name, exc_info=error)
            else:
                raise
            _events.labels(source.name, "unavailable").inc()
            return _answer(503, "unavailable", "the events could not be stored; send them again")
        if rows:
            DATABASE.over()
            _events.labels(source.name, "stored").inc(len(rows))
            waker.gather("chat")
        return Response("{}", 200, mimetype="application/json")

    return receive


def _methods(source: Source) -> Sequence[str]:
    return source.methods if isinstance(source, Fetching) else ("POST",)


def _verified(kept: _Kept, forged: Seldom, source: Source, slug: str, delivery: Delivery) -> Credentials | None:
    for newer_than in (CACHE_SECONDS, SECRET_RETRY_SECONDS):
        found = kept.find(source, slug, newer_than=newer_than)
        # A clinic without a secret lets nobody in: an empty key would let anybody sign.
        if found is None or (found.secret and source.verified(found.secret, delivery)):
            return found
    forged.count(time.monotonic(), source=source.name)
    return None


def _row(found: Credentials, source: str, vault: Vault, event: RawEvent) -> dict[str, Any]:
    id_ = new_id()
    key = _storable(event.key) or _fingerprint(event.fingerprint)
    raw = json.dumps(pruned(event.body)).encode()
    return {
        "id": id_,
        "clinic_id": found.clinic_id,
        "source": source,
        "event_key": key,
        "actor_index": vault.index(found.clinic_id, source, _storable(event.actor) or key),
        "type": _storable(event.type) or "malformed",
        "message_id": _storable(event.message_id),
        "takes_back": _storable(event.takes_back),
        "occurred": event.occurred_at,
        "signed_at": event.signed_at,
        "raw_sealed": found.key.seal(raw, InboxEvent.raw.associated_data(found.clinic_id, str(id_))),
        "state": "new",
        "holds": True,
        "attempts": 0,
    }


def _fingerprint(content: Any) -> str:
    return "sha256:" + hashlib.sha256(json.dumps(pruned(content), sort_keys=True).encode()).hexdigest()


def _storable(value: Any) -> str | None:
    """The text, if PostgreSQL would take it: short, without NUL and lone surrogates."""
    if not isinstance(value, str) or not 0 < len(value) <= 200 or "\0" in value:
        return None
    try:
        value.encode()
    except UnicodeEncodeError:
        return None
    return value


_GIVEN = (
    "id", "clinic_id", "source", "event_key", "actor_index", "type", "message_id", "takes_back", "raw_sealed", "state",
    "holds", "attempts", "signed_at",
)  # fmt: skip
_OCCURRED = func.coalesce(bindparam("occurred", type_=DateTime(timezone=True)), DATABASE_NOW)
# When it came and when it is due is the database's time: other processes compare with it.
_INSERT = in_words(
    insert(InboxEvent)
    .values(received_at=DATABASE_NOW, due_at=DATABASE_NOW, occurred_at=_OCCURRED)
    .on_conflict_do_nothing(index_elements=["clinic_id", "source", "event_key"]),
    _GIVEN,
)


def _store(engine: Engine, rows: list[dict[str, Any]]) -> None:
    """Each event once. Never tried twice: what came too late here may still be waiting there."""
    with direct(engine) as connection:
        if len(rows) == 1:
            connection.execute(_INSERT, rows[0], prepare=True)
        else:
            connection.cursor().executemany(_INSERT, rows)


def _answer(status: int, code: str, detail: str) -> Response:
    return Response(json.dumps({"code": code, "detail": detail}), status, mimetype="application/json")
