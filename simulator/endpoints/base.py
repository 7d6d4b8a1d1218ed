"""What every endpoint of LINE's API does: request id, token, rate limit, faults, the log, errors in LINE's shape."""

import json
import re
import time
import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, cast

from flask import Blueprint, Response, current_app, g, request

from simulator import accounts, tokens
from simulator.answers import Refused, over_quota, too_many
from simulator.faults import Fault
from simulator.login import channels
from simulator.sender import Sender
from simulator.store import Row
from simulator.world import World, iso

BODY_LIMIT = 2 * 1024 * 1024
BLOB_LIMIT = 12 * 1024 * 1024
_LOGGED_HEADERS = ("Content-Type", "Content-Length", "X-Line-Retry-Key", "User-Agent", "X-Line-Delivery-Tag")

# The log is shown on the screen: what opens an account stays out of it.
_SECRETS = re.compile(r"""((?:client_secret|client_assertion|access_token)(?:=|": "))[^&"]+""")
_SECRETS_OF_LOGIN = re.compile(
    r"""((?:client_secret|code_verifier|(?:access|context|id|refresh)_token|\bcode)(?:=|": "))[^&"]+"""
)
_LOGIN = ("/oauth2/v2.1/", "/liff/")

line = Blueprint("line", __name__)
P = ParamSpec("P")


def world() -> World:
    return cast("World", current_app.extensions["world"])


def sender() -> Sender:
    return cast("Sender", current_app.extensions["sender"])


def answer(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(json.dumps(body), status, headers, content_type="application/json")


def endpoint(name: str) -> Callable[[Callable[P, Response]], Callable[P, Response]]:
    """Guards an endpoint: who calls (a channel access token), and the rate limit of the endpoint with this name."""

    def guard(view: Callable[P, Response]) -> Callable[P, Response]:
        @wraps(view)
        def entered(*args: P.args, **kwargs: P.kwargs) -> Response:
            g.channel = _authenticated()
            if not world().buckets.take(g.channel["id"], name):
                raise too_many()
            # Only what sends on its own account knows the retry key; LINE refuses it anywhere else.
            if "X-Line-Retry-Key" in request.headers and name not in {"push", "multicast"}:
                raise Refused(400, "The retry key is not supported by this endpoint")
            return view(*args, **kwargs)

        return entered

    return guard


def channel() -> Row:
    """The account whose token the caller showed."""
    return cast("Row", g.channel)


def _authenticated() -> Row:
    token = _token()
    if not token:
        raise Refused(
            401,
            "Authentication failed due to the following reason: missing bearer token."
            " Confirm that the access token in the authorization header is valid.",
        )
    found = tokens.access_token(world(), token)
    if found is None:
        raise Refused(
            401,
            "Authentication failed due to the following reason: invalid token."
            " Confirm that the access token in the authorization header is valid.",
        )
    return accounts.channel(world().store, found[0])


def _token() -> str:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def _whose() -> str | None:
    """The account whose token the caller shows, or whose Login channel is named."""
    found = tokens.access_token(world(), _token())
    if found is None and request.path.startswith(_LOGIN):
        asked = request.values.get("client_id") or (request.view_args or {}).get("liff_id", "")
        return channels.account(world().store, asked)
    return found[0] if found else None


def json_body(*, optional: bool = False) -> dict[str, Any]:
    """The request's JSON object; without a body an empty one, where LINE's specification makes it `optional`.

    Raises Refused 413, 415 or 400.
    """
    if optional and not request.get_data():
        return {}
    if (request.content_length or 0) > BODY_LIMIT:
        raise Refused(413, "Request body is too large")
    if request.mimetype != "application/json":
        raise Refused(415, "Unsupported Media Type")
    try:
        body = json.loads(request.get_data())
    except ValueError as error:
        spot = f"line: {error.lineno}, column: {error.colno}" if isinstance(error, json.JSONDecodeError) else "line: -"
        raise Refused(400, f"The request body could not be parsed as JSON ({spot})") from error
    if not isinstance(body, dict):
        raise Refused(400, "The request body could not be parsed as JSON (line: 1, column: 1)")
    return body


@line.before_request
def _enter() -> Response | None:
    g.request_id = str(uuid.uuid4())
    g.fault = None
    request.get_data(cache=True)  # a form read first would leave nothing for the log
    fault = world().faults.take(request.path, _whose)
    if fault is None:
        return None
    world().feed.tell("fault", fault=fault.kind, on=request.path)
    return _stumble(fault)


def _stumble(fault: Fault) -> Response | None:
    g.fault = fault
    if fault.kind == "timeout_after_accept":
        return None
    if fault.kind == "delay":
        time.sleep(fault.seconds(3))
        return None
    if fault.kind == "error_500":
        return answer({"message": "Internal Server Error"}, 500)
    if fault.kind == "refused_400":
        return answer({"message": "The request body has 1 error(s)"}, 400)
    if fault.kind == "rate_429":
        return _said(too_many(fault.ms))
    if fault.kind == "quota_429":
        return _said(over_quota())
    if fault.kind == "hang":
        time.sleep(fault.seconds(30))
    return hang_up()


def hang_up() -> Response:
    """Ends the connection without an answer; a server that cannot do that answers 500."""
    request.environ["simulator.hang_up"] = True
    return answer({"message": "Internal Server Error"}, 500)


def _said(refusal: Refused) -> Response:
    return answer(refusal.body, refusal.status, refusal.headers)


line.register_error_handler(Refused, _said)


@line.errorhandler(500)
def _broken(_error: Exception) -> Response:
    """A mistake of the simulator itself; Flask has written the traceback by now."""
    return answer({"message": "Internal Server Error"}, 500)


@line.after_request
def _leave(response: Response) -> Response:
    response.headers["X-Line-Request-Id"] = g.request_id
    here = world()
    body = request.get_data() if request.content_length else b""
    said = b"" if response.is_streamed else response.get_data()
    here.calls.add(
        kind="api",
        at=iso(here.real()),
        method=request.method,
        path=request.path,
        query=_hidden(request.query_string.decode()),
        channel=g.channel["id"] if "channel" in g else _whose(),  # a fault answers before anybody is let in
        headers={name: request.headers[name] for name in _LOGGED_HEADERS if name in request.headers},
        body=_readable(request.mimetype, body),
        status=response.status_code,
        request_id=g.request_id,
        fault=g.fault.kind if g.fault else None,
        response=_readable(response.mimetype or "", said),
    )
    fault = g.fault
    if fault is not None and fault.kind == "timeout_after_accept":
        time.sleep(fault.seconds(30))
        return hang_up()
    return response


def _readable(mimetype: str, data: bytes) -> str:
    """Kept as text and parsed only for those who read the log; pictures and pages as their size."""
    if not data:
        return ""
    if any(kind in mimetype for kind in ("image", "octet", "audio", "video", "html", "javascript")):
        return json.dumps(f"<{len(data)} bytes of {mimetype}>")
    return _hidden(data.decode(errors="replace"))


def _hidden(text: str) -> str:
    # A word such as `code` is a secret there alone; elsewhere it may be what a message says.
    return (_SECRETS_OF_LOGIN if request.path.startswith(_LOGIN) else _SECRETS).sub(r"\1…", text)
