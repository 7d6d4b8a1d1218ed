"""The door: who asks, how often, what for; then one transaction for the whole answer."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from flask import Response, request
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, sessionmaker

from loyalty.errors import LoyaltyError
from models.access import ApiKey
from runtime.clock import Clock
from web.http import idempotency, keys, parsing
from web.http.idempotency import Kept, Once
from web.http.operations import Call, Operation
from web.http.problems import MEDIA_TYPE, Problem, refused
from web.http.rates import Rates

LOCK_TIMEOUT = text("SET LOCAL lock_timeout = '5s'")
"""Long enough for a busy profile, short enough that waiting requests do not use up the connections."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Door:
    """What every request needs from the process."""

    sessions: sessionmaker[Session]
    clock: Clock
    rates: Rates

    def view(self, operation: Operation) -> Callable[..., Response]:
        """The Flask view of an operation."""

        def view(**path: str) -> Response:
            try:
                return _guarded(self, operation, path)
            except Problem as problem:
                return problem.response

        view.__name__ = operation.name
        return view


def _guarded(door: Door, operation: Operation, path: dict[str, str]) -> Response:
    secret = keys.presented(request)
    door.rates.count(keys.hash_of(secret).hex())
    # Read before a connection is taken: a caller may send slowly.
    request.max_content_length = parsing.BODY_LIMIT
    raw = request.get_data() if "body" in operation.inputs else b""
    try:
        return _answer(door, operation, secret, path, raw)
    except IntegrityError as error:
        log.info("api conflict", operation=operation.name, constraint=_constraint(error))
        raise Problem("conflict") from error
    except (OperationalError, PoolTimeout) as error:
        log.error("api unavailable", operation=operation.name, error=type(error).__name__)
        raise Problem("unavailable", headers={"Retry-After": "2"}) from error


def _answer(door: Door, operation: Operation, secret: str, path: dict[str, str], raw: bytes) -> Response:
    refusal: Problem | None = None
    with door.sessions() as session:
        key = keys.authenticate(session, secret)
        keys.allow(key, operation.scope)
        inputs, once = _inputs(operation, path, raw)
        try:
            return _act(door, session, operation, key, inputs, once)
        except (LoyaltyError, Problem) as error:
            session.rollback()
            refusal = refused(error) if isinstance(error, LoyaltyError) else error
            if once is None or not _keepable(refusal):
                raise refusal from error
        # Nothing of the work remains; the refusal is kept, unless a twin was quicker: then its answer stands.
        kept = idempotency.claim(session, key, once)
        if kept is not None:
            return _replayed(kept)
        idempotency.keep(session, key, once, Kept(refusal.status, refusal.body))
        session.commit()
    return refusal.response


def _act(
    door: Door, session: Session, operation: Operation, key: ApiKey, inputs: dict[str, Any], once: Once | None
) -> Response:
    if operation.method != "GET":
        session.execute(LOCK_TIMEOUT)
    if once is not None:
        kept = idempotency.claim(session, key, once)
        if kept is not None:
            return _replayed(kept)
    answer = operation.handler(Call(session, key.clinic, key, door.clock.now(session)), **inputs)
    if isinstance(answer, Response):
        return answer
    body = answer.model_dump_json(by_alias=True)
    session.flush()
    if once is not None:
        idempotency.keep(session, key, once, Kept(200, body))
    session.commit()
    return _json(200, body)


def _inputs(operation: Operation, path: dict[str, str], raw: bytes) -> tuple[dict[str, Any], Once | None]:
    inputs: dict[str, Any] = {}
    if "path" in operation.inputs:
        inputs["path"] = parsing.checked(operation.inputs["path"], path, "path")
    query = parsing.query_of(request)
    if "query" in operation.inputs:
        inputs["query"] = parsing.checked(operation.inputs["query"], query, "query")
    body = None
    if "body" in operation.inputs:
        body = parsing.json_of(request, raw)
        inputs["body"] = parsing.checked(operation.inputs["body"], body)
    return inputs, idempotency.once(request, body) if operation.method == "POST" else None


def _keepable(refusal: Problem) -> bool:
    """What a rule decided. Not what may be there a moment later: a customer who is made, then named again."""
    return refusal.status in (409, 422) and refusal.code not in ("conflict", "idempotency_key_reused")


def _json(status: int, body: str) -> Response:
    media_type = "application/json" if status < 400 else MEDIA_TYPE
    return Response(body, status, content_type=media_type, headers={"Cache-Control": "no-store"})


def _replayed(kept: Kept) -> Response:
    response = _json(kept.status, kept.body)
    response.headers[idempotency.REPLAYED] = "true"
    return response


def _constraint(error: IntegrityError) -> str | None:
    diagnosis = getattr(error.orig, "diag", None)
    return getattr(diagnosis, "constraint_name", None)
