"""What the API refuses, and how it says so: RFC 9457 problem details with a stable `code`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from werkzeug.exceptions import HTTPException

from loyalty import errors
from runtime.registry import Registry

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True)
class Kind:
    """A refusal that callers may branch on; `todo` says what to do when nothing more is known."""

    status: int
    title: str
    todo: str


kinds: Registry[Kind] = Registry("problem")


def _kind(status: int, code: str, title: str, todo: str) -> None:
    kinds.add(code, Kind(status, title, todo))


_kind(
    400, "malformed_json", "The body is not JSON", "Send one JSON object, UTF-8, without NaN and without a name twice."
)
_kind(400, "bad_request", "The request cannot be read", "Look at the request line and the headers.")
_kind(400, "bad_idempotency_key", "The Idempotency-Key cannot be used", "Send 1 to 200 visible ASCII characters.")
_kind(
    401,
    "unauthorized",
    "The API key is missing or not valid",
    "Send `Authorization: Bearer aura_…` with a key of the clinic.",
)
_kind(403, "missing_scope", "The API key may not do this", "Use a key with the scope that `scope` names.")
_kind(404, "not_found", "There is nothing at this address", "Look the address up in /api/docs.")
_kind(
    404,
    "unknown_customer",
    "The clinic knows no such customer",
    "Use our id or `ext:<source>:<id>`, and make the customer with POST /api/loyalty/customers first.",
)
_kind(404, "unknown_transaction", "The customer has no such transaction", "Begin again without `before`.")
_kind(
    404,
    "unknown_payment",
    "The clinic knows no such payment",
    "Use our id or `ext:<source>:<id>` of a payment that was sent before.",
)
_kind(404, "unknown_reward", "The clinic offers no such reward", "List the rewards and choose one.")
_kind(404, "unknown_redemption", "The clinic has issued no such code", "Read it again from the customer's screen.")
_kind(404, "unknown_referral", "The clinic knows no such referral", "List those in review and choose one.")
_kind(405, "method_not_allowed", "This address takes another method", "Use a method of the header `Allow`.")
_kind(
    409,
    "idempotency_key_reused",
    "This Idempotency-Key was used for another request",
    "Use a new key for a new request, and the same body for the same key.",
)
_kind(
    409,
    "conflict",
    "Another request did the same at the same moment",
    "Send it again: the answer will be what that one left.",
)
_kind(
    409,
    "identity_taken",
    "This belongs to another customer of the clinic",
    "Leave it out, or link to the customer that `customerId` names.",
)
_kind(409, "not_enough_points", "The customer has too few points", "`missing` says how many more it takes.")
_kind(409, "fact_refused", "This does not fit what was told before", "Compare it with what was sent for the same id.")
_kind(422, "bad_time", "This time is in the future", "Look at the clock of the sending system.")
_kind(409, "reward_not_yet", "The reward cannot be redeemed yet", "`at` says from when.")
_kind(409, "reward_over", "The reward cannot be redeemed any more", "Offer another one.")
_kind(409, "reward_stock", "None of this reward is left", "Offer another one.")
_kind(409, "reward_limit", "The customer has had this reward as often as they may", "`limit` says how often.")
_kind(409, "reward_tier", "The reward takes a higher tier", "`tier` says which.")
_kind(409, "reward_points", "The customer has too few points for this reward", "`missing` says how many more it takes.")
_kind(409, "reward_price_changed", "The reward has another price now", "Show the customer the new one.")
_kind(409, "redemption_used", "The code was used before", "Ask the customer for another one.")
_kind(409, "redemption_cancelled", "The redemption was cancelled, its points went back", "Redeem again.")
_kind(409, "redemption_expired", "The code has expired", "Redeem again.")
_kind(409, "not_in_review", "The referral waits for no decision", "`state` says where it stands.")
_kind(409, "refused", "A rule of the programme refuses this", "Read `detail`.")
_kind(413, "too_large", "The body is too large", "Send at most 64 kB.")
_kind(415, "unsupported_media_type", "The body is not declared as JSON", "Send `Content-Type: application/json`.")
_kind(422, "invalid", "Something in the request is not as documented", "`errors` names each field and what it takes.")
_kind(
    422,
    "bad_points",
    "This is no number of points",
    "Give a whole number up to 1,000,000, and a reason for an adjustment.",
)
_kind(
    429,
    "too_many_requests",
    "The API key has asked too often",
    "Wait as many seconds as the header `Retry-After` says.",
)
_kind(
    500,
    "internal_error",
    "Something broke on our side",
    "Send it again with the same Idempotency-Key; nothing was changed.",
)
_kind(
    503,
    "unavailable",
    "The database does not answer or is too busy",
    "Send it again with the same Idempotency-Key; nothing was changed.",
)


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

    def __init__(self, code: str, detail: str = "", *, headers: Mapping[str, str] | None = None, **more: Any) -> None:
        kind = kinds[code]
        self.code, self.status, self.title = code, kind.status, kind.title
        self.detail = f"{detail} {kind.todo}".strip()
        self.more = {name: value for name, value in more.items() if value is not None}
        self.headers = dict(headers or {})
        super().__init__(self.detail)

    @property
    def body(self) -> str:
        told = {
            "type": f"/api/docs#{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            **self.more,
        }
        return json.dumps(told, ensure_ascii=False, default=str)

    @property
    def response(self) -> Response:
        return Response(self.body, self.status, headers=self.headers, content_type=MEDIA_TYPE)


def invalid(error: ValidationError, place: str = "") -> Problem:
    """The fields that pydantic refused, without what was sent in them."""
    found = [
        {
            "field": ".".join(filter(None, (place, *map(str, one["loc"])))) or "body",
            "detail": one["msg"].removeprefix("Value error, "),
            "code": one["type"],
        }
        for one in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    return Problem("invalid", "; ".join(f"{one['field']}: {one['detail']}" for one in found) + ".", errors=found)


def refused(error: errors.LoyaltyError) -> Problem:
    """What a rule refused, as the API says it."""
    detail = _sentence(str(error))
    match error:
        case errors.BadPoints():
            return Problem("bad_points", detail)
        case errors.NotEnoughPoints():
            return Problem("not_enough_points", detail, missing=error.missing)
        case errors.BadPayment():
            return Problem("fact_refused", detail)
        case errors.CustomerMerged():
            return Problem("conflict", detail)
        case errors.RewardRefused():
            why = error.refusal
            code = "unknown_reward" if why.code == "unknown" else f"reward_{why.code}"
            return Problem(code, detail, missing=why.missing or None, tier=why.tier, limit=why.limit, at=_iso(why.at))
        case errors.RedemptionRefused():
            code = "unknown_redemption" if error.code == "unknown" else f"redemption_{error.code}"
            return Problem(code, detail, at=_iso(error.at))
        case errors.NotInReview():
            return Problem("not_in_review", detail, state=error.state)
    return Problem("refused", detail, reason=getattr(error, "code", None))


def of_http(error: HTTPException) -> Response:
    """Every refusal of Flask's own, such as an unknown address, in the same form."""
    code = {404: "not_found", 405: "method_not_allowed", 413: "too_large", 500: "internal_error"}.get(error.code or 500)
    if code is None:
        code = "bad_request" if (error.code or 500) < 500 else "unavailable"
    problem = Problem(code)
    response = problem.response
    for name, value in error.get_headers():
        if name.lower() not in {"content-type", "content-length"}:
            response.headers[name] = value
    return response


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _iso(at: Any) -> str | None:
    return at.isoformat() if at is not None else None
