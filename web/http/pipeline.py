"""The pipeline of a request: who asks, how often, what for; then one transaction for the whole answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import structlog
from flask import Response, request
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from models.access import ApiKey
from models.clinics import unreadable
from runtime.context import Runtime
from runtime.errors import Refused
from runtime.outage import DATABASE
from runtime.registry import Registry
from web.http import everywhere, idempotency, keys, parsing, rates
from web.http.absent import unavailable
from web.http.at_once import AtOnce, settings_of
from web.http.crowd import Crowd
from web.http.idempotency import IdempotentRequest, StoredResponse
from web.http.operations import Operation, RequestContext
from web.http.problems import MEDIA_TYPE, Kind, Problem, to_problem
from web.http.rates import Rates

MENDED_SECONDS = 60
"""Somebody has to mend a clinic's row; nobody does in less."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Pipeline:
    """What every request needs, and every code that it can be refused with."""

    runtime: Runtime
    rates: Rates
    kinds: Registry[Kind]
    channels: Registry[Any]
    crowd: Crowd = field(default_factory=Crowd)

    def view(self, operation: Operation) -> Callable[..., Response]:
        """The Flask view of an operation."""

        def view(**path: str) -> Response:
            try:
                return _guarded(self, operation, path)
            except Problem as problem:
                return problem.response(self.kinds[problem.code])

        view.__name__ = operation.name
        return view


def _guarded(pipeline: Pipeline, operation: Operation, path: dict[str, str]) -> Response:
    authorization = request.headers.get("Authorization", "")
    if operation.everywhere and everywhere.is_meant(pipeline.runtime, authorization):
        everywhere.count(pipeline.rates)
        done = everywhere.ask(pipeline.runtime, pipeline.channels, operation)
        return _response(operation.status, done.model_dump_json(by_alias=True))
    secret = keys.presented(authorization)
    # Read before a connection is taken: a caller may send slowly.
    request.max_content_length = parsing.BODY_LIMIT
    raw = request.get_data() if "body" in operation.inputs else b""
    try:
        found = _at_once(pipeline, operation.at_once, secret, operation) if operation.at_once else None
        return found or _answer(pipeline, operation, secret, path, raw)
    except IntegrityError as error:
        log.info("api conflict", operation=operation.name, constraint=_constraint(error))
        raise Problem("conflict") from error
    except DataError as error:
        log.error("api number out of range", operation=operation.name, exc_info=error)
        raise Problem("out_of_range" if not operation.safe else "bad_request") from error
    except (DBAPIError, PoolTimeout) as error:
        raise unavailable(error) or error from error


def _at_once(pipeline: Pipeline, asks: AtOnce, secret: str, operation: Operation) -> Response | None:
    """None where it takes the usual way; so does whoever asks for what cannot be, who is first asked for the key, and
    whoever asks about a clinic that cannot be read."""
    try:
        query = _inputs(operation, {}, b"")[0]["query"]
    except Problem:
        return None
    now = pipeline.runtime.clock.look(pipeline.runtime.sessions)
    values = asks.values(query, now)
    if values is None:
        return None
    row = asks.ask(pipeline.runtime.sessions.kw["bind"], secret, values)
    settings = settings_of(row, pipeline.runtime)
    if settings is None:
        return None
    _count(pipeline, row["key_id"])
    keys.allow(row["scopes"], operation.scope)
    answer = asks.answer(row, settings, now)
    return _response(operation.status, answer.model_dump_json(by_alias=True))


def _answer(pipeline: Pipeline, operation: Operation, secret: str, path: dict[str, str], raw: bytes) -> Response:
    with pipeline.runtime.sessions() as session:
        key = keys.authenticate(session, secret)
        _count(pipeline, key.id)
        keys.allow(key.scopes, operation.scope)
        # Not logged here: the workers say it at each of their looks, and name the place.
        if unreadable(key.clinic) is not None:
            raise Problem("clinic_set_aside", headers={"Retry-After": str(MENDED_SECONDS)})
        inputs, once = _inputs(operation, path, raw)
        try:
            with pipeline.crowd.among(session, writes=not operation.safe):
                return _act(pipeline, session, operation, key, inputs, once)
        except (Refused, Problem) as error:
            session.rollback()
            problem = to_problem(error, pipeline.kinds)
            kind = pipeline.kinds[problem.code]
            if once is None or not _storable(problem, kind):
                raise problem from error
        # Nothing of the work remains; the refusal is stored, unless a twin was quicker: then its answer stands.
        stored = idempotency.claim(session, key, once)
        if stored is not None:
            return _replayed(stored)
        idempotency.store(session, key, once, StoredResponse(kind.status, problem.body(kind)))
        session.commit()
    return problem.response(kind)


def _count(pipeline: Pipeline, key_id: UUID) -> None:
    """Of keys that are somebody's, so that Redis keeps no more counters than there are keys; nothing is locked yet."""
    wait = pipeline.rates.over(key_id.hex, rates.PER_MINUTE)
    if wait:
        raise Problem(
            "too_many_requests",
            f"More than {rates.PER_MINUTE} requests in a minute.",
            headers={"Retry-After": str(wait)},
            retryAfter=wait,
        )


def _act(
    pipeline: Pipeline,
    session: Session,
    operation: Operation,
    key: ApiKey,
    inputs: Mapping[str, Any],
    once: IdempotentRequest | None,
) -> Response:
    if once is not None:
        stored = idempotency.claim(session, key, once)
        if stored is not None:
            return _replayed(stored)
    now = pipeline.runtime.clock.now(session)
    context = RequestContext(session, key.clinic, now, pipeline.channels, key, pipeline.rates)
    answer = operation.handler(context, **inputs)
    if isinstance(answer, Response):
        return answer
    body = answer.model_dump_json(by_alias=True) if answer is not None else ""
    session.flush()
    if once is not None:
        idempotency.store(session, key, once, StoredResponse(operation.status, body))
    session.commit()
    if not operation.safe:
        DATABASE.over()
    return _response(operation.status, body)


def _inputs(operation: Operation, path: dict[str, str], raw: bytes) -> tuple[dict[str, Any], IdempotentRequest | None]:
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
    return inputs, None if operation.safe else idempotency.read(request, query, body)


def _storable(problem: Problem, kind: Kind) -> bool:
    """What a rule decided. Not what may be there a moment later: a customer who is made, then named again."""
    return kind.status in (409, 422) and problem.code not in ("conflict", "idempotency_key_reused")


def _response(status: int, body: str) -> Response:
    response = Response(body, status, headers={"Cache-Control": "no-store"})
    if body:
        response.content_type = "application/json" if status < 400 else MEDIA_TYPE
    else:
        del response.headers["Content-Type"]
    return response


def _replayed(stored: StoredResponse) -> Response:
    response = _response(stored.status, stored.body)
    response.headers[idempotency.REPLAYED] = "true"
    return response


def _constraint(error: IntegrityError) -> str | None:
    diagnosis = getattr(error.orig, "diag", None)
    return getattr(diagnosis, "constraint_name", None)
