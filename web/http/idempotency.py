"""`Idempotency-Key`: a request that is sent again gets the first answer, and nothing happens twice.

The row goes in first, in the transaction of the work itself. A twin that arrives meanwhile waits for it: once the first
is committed it finds the answer, and when the first is undone it does the work. The answers name no person.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from flask import Request
from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.access import ApiKey, ApiRequest
from runtime.clock import real
from web.http.problems import Problem

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
_KEY = re.compile(r"[!-~]{1,200}")


@dataclass(frozen=True)
class IdempotentRequest:
    """One request that shall happen once. `fingerprint` tells it from another under the same name."""

    name: str
    fingerprint: bytes


@dataclass(frozen=True)
class StoredResponse:
    """The answer that was given."""

    status: int
    body: str
    """Empty when there was none."""


def read(request: Request, query: Mapping[str, str], body: object) -> IdempotentRequest | None:
    """None when the caller does not mind doing it twice. Raises `Problem` (bad_idempotency_key)."""
    name = request.headers.get(HEADER)
    if name is None:
        return None
    if not _KEY.fullmatch(name):
        raise Problem("bad_idempotency_key")
    asked = {"method": request.method, "path": request.path, "query": dict(query), "body": body}
    return IdempotentRequest(name, hashlib.sha256(json.dumps(asked, sort_keys=True, default=str).encode()).digest())


def claim(session: Session, key: ApiKey, request: IdempotentRequest) -> StoredResponse | None:
    """Be the one who does it, or get the answer that was given. Raises `Problem` (idempotency_key_reused)."""
    made = session.execute(
        insert(ApiRequest)
        .values(
            clinic_id=key.clinic_id,
            api_key_id=key.id,
            key=request.name,
            body_hash=request.fingerprint,
            created_at=real(),
        )
        .on_conflict_do_nothing()
        .returning(ApiRequest.key)
    ).one_or_none()
    if made is not None:
        return None
    known = session.get(ApiRequest, (key.clinic_id, key.id, request.name))
    if known is None or known.status is None or known.body is None:
        # Deleted for its age in this very moment: nobody can say what was answered, so let it be asked again.
        raise Problem("conflict")
    if known.body_hash != request.fingerprint:
        raise Problem("idempotency_key_reused")
    return StoredResponse(known.status, known.body)


def store(session: Session, key: ApiKey, request: IdempotentRequest, answer: StoredResponse) -> None:
    """Note the answer to a request that was claimed in this transaction."""
    session.execute(
        update(ApiRequest)
        .where(ApiRequest.clinic_id == key.clinic_id, ApiRequest.api_key_id == key.id, ApiRequest.key == request.name)
        .values(status=answer.status, body=answer.body)
    )
