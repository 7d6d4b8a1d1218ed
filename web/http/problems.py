"""What an API refuses, and how it says so: RFC 9457 problem details with a stable `code`."""

import json
from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from flask import Response
from pydantic import BaseModel, ConfigDict, Field
from werkzeug.exceptions import HTTPException

from runtime.errors import Refused

MEDIA_TYPE = "application/problem+json"

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Kind:
    """A refusal that callers may branch on; `remedy` says what to do when nothing more is known."""

    status: int
    title: str
    remedy: str


Kinds = Mapping[str, Kind]
"""By code."""

GENERAL: Kinds = {
    "malformed_json": Kind(
        400, "The body is not JSON", "Send one JSON object, UTF-8, without NaN and without a name twice."
    ),
    "bad_request": Kind(400, "The request cannot be read", "Look at the request line and the headers."),
    "bad_idempotency_key": Kind(400, "The Idempotency-Key cannot be used", "Send 1 to 200 visible ASCII characters."),
    "unauthorized": Kind(
        401, "The API key is missing or not valid", "Send `Authorization: Bearer aura_…` with a key of the clinic."
    ),
    "missing_scope": Kind(403, "The API key may not do this", "Use a key with the scope that `scope` names."),
    "not_found": Kind(404, "There is nothing at this address", "Look the address up in /api/docs."),
    "method_not_allowed": Kind(405, "This address takes another method", "Use a method of the header `Allow`."),
    "too_slow": Kind(408, "The body has not arrived in ten seconds", "Send it again, in one go."),
    "idempotency_key_reused": Kind(
        409,
        "This Idempotency-Key was used for another request",
        "Use a new key for a new request, and the same body for the same key.",
    ),
    "conflict": Kind(
        409, "Another request did the same at the same moment", "Send it again: the answer will be what that one left."
    ),
    "refused": Kind(409, "A rule of the clinic refuses this", "Read `detail`; `reason` is the rule's own code."),
    "too_large": Kind(413, "The body is too large", "Send at most 64 kB, to a webhook 2 MB."),
    "unsupported_media_type": Kind(415, "The body is not declared as JSON", "Send `Content-Type: application/json`."),
    "invalid": Kind(
        422, "Something in the request is not as documented", "`errors` names each field and what it takes."
    ),
    "out_of_range": Kind(
        422,
        "A number would become larger than can be kept",
        "Look whether the amounts are meant; sent again it is refused again. Nothing was changed.",
    ),
    "too_many_requests": Kind(
        429, "The API key has asked too often", "Wait as many seconds as the header `Retry-After` says."
    ),
    "too_many_wrong_keys": Kind(
        429,
        "Too many wrong API keys have come from this address",
        "Use a key that is valid, it is let in at once; another wrong one only after `Retry-After` seconds.",
    ),
    "internal_error": Kind(
        500, "Something broke on our side", "Send it again with the same Idempotency-Key; nothing was changed."
    ),
    "unavailable": Kind(
        503,
        "The server or its database is too busy, or away",
        "Send it again with the same Idempotency-Key; nothing was changed.",
    ),
    "clinic_set_aside": Kind(
        503,
        "The clinic's settings or its data key cannot be read, and wait to be mended",
        "Tell who runs this server, and send it again later with the same Idempotency-Key; nothing was changed.",
    ),
}


class FieldError(BaseModel):
    """One thing that is not as documented."""

    field: str = Field(description="Where it is, such as `points` or `query.customerId`")
    detail: str
    code: str = Field(description="What kind of mistake it is, such as `missing` or `int_type`")


class ProblemDetails(BaseModel):
    """Problem details, RFC 9457. Some codes add members of their own, such as `missing`."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="Where the code is explained")
    title: str
    status: int
    detail: str = Field(description="What happened, and what to do")
    code: str = Field(description="Stable: branch on this")
    errors: list[FieldError] = Field(default=[], description="Only with the code `invalid`")


class Problem(Exception):
    """An answer that is not the one hoped for. `more` are members of its own, `headers` go with it."""

    def __init__(
        self, code: str, detail: str = "", /, *, headers: Mapping[str, str] | None = None, **more: Any
    ) -> None:
        super().__init__(f"{code} {detail}".strip())
        self.code, self.detail = code, detail
        self.more = {name: value for name, value in more.items() if value is not None}
        self.headers = dict(headers or {})

    def body(self, kind: Kind) -> str:
        own = {
            "type": f"/api/docs#{self.code}",
            "title": kind.title,
            "status": kind.status,
            "detail": f"{self.detail} {kind.remedy}".strip(),
            "code": self.code,
        }
        # Twice: first, to be read first; last, so that a fact of the same name is not taken for them.
        return json.dumps({**own, **self.more, **own}, ensure_ascii=False, default=_plain)

    def response(self, kind: Kind) -> Response:
        return Response(self.body(kind), kind.status, headers=self.headers, content_type=MEDIA_TYPE)


def to_problem(refusal: Refused | Problem, kinds: Container[str]) -> Problem:
    """The refusal as a problem of one of these kinds: a code that nobody has registered is told as the `reason`."""
    if isinstance(refusal, Problem):
        problem = refusal
    else:
        problem = Problem(refusal.code, _sentence(str(refusal)))
        problem.more = dict(refusal.facts)
    if problem.code in kinds:
        return problem
    log.warning("a refusal of no known kind", code=problem.code)
    other = Problem("refused", problem.detail, headers=problem.headers)
    other.more = {**problem.more, "reason": problem.code}
    return other


def of_http(error: HTTPException) -> Response:
    """Every refusal of Flask's own, such as an unknown address, in the same form."""
    code = {404: "not_found", 405: "method_not_allowed", 413: "too_large", 500: "internal_error"}.get(error.code or 500)
    if code is None:
        code = "bad_request" if (error.code or 500) < 500 else "unavailable"
    response = Problem(code).response(GENERAL[code])
    for name, value in error.get_headers():
        if name.lower() not in {"content-type", "content-length"}:
            response.headers[name] = value
    return response


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
