"""LINE's client: which account speaks, by what token, and what LINE's answer means.

Answers and pushes go over a wire of their own (`channels/wire.py`), everything else through the SDK (`sdk.py`).
Facts: developers.line.biz/en/reference/messaging-api, as of August 2026.
"""

import json
import re
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol
from urllib.parse import urlsplit
from uuid import UUID

import structlog
from prometheus_client import Histogram

from channels.line.errors import LineError, fault_of
from channels.line.ids import issued, keeps, part
from channels.line.sdk import Sdk
from channels.wire import NeverLeft, Response, Unanswered, Wire
from runtime.timing import Timing

TOKEN_SECONDS = 600.0
"""A stateless token lives 15 minutes; it is kept for ten, so that none expires on its way."""
LONGEST_WAIT = 3_600
"""Seconds after which a refused request is tried again, whatever the answer asks for."""
OFFICIAL_BASE = "https://api.line.me"
OFFICIAL_DATA_BASE = "https://api-data.line.me"

_HEADER_SAFE = re.compile(r"[!-~]+")

log = structlog.get_logger(__name__)
_calls = Histogram("aura_line_seconds", "Calls to LINE", ["call", "status"])

_NONE: Mapping[str, str] = {}
_VISIBLE = re.compile(r"[!-~]*")


@dataclass(frozen=True)
class Access:
    """How to speak as one Official Account: a fixed token, else a channel id and secret for stateless tokens."""

    channel_id: str
    secret: str
    token: str = ""

    @property
    def unusable(self) -> str | None:
        """The name of a part that no request can carry, such as a token with a line break; None when there is none."""
        parts = {"channel_id": self.channel_id, "secret": self.secret, "token": self.token}
        return next((name for name, part in parts.items() if not _VISIBLE.fullmatch(part)), None)


class Account(Protocol):
    """What a clinic's row tells of its Official Account."""

    @property
    def slug(self) -> str: ...
    @property
    def line_channel_id(self) -> str | None: ...
    @property
    def line_channel_secret(self) -> str | None: ...
    @property
    def line_bot_token(self) -> str | None: ...


@dataclass
class _Token:
    """A stateless token of one account, and who fetches it."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    text: str = ""
    good_until: float = 0.0
    failed: LineError | None = None
    failed_at: float = 0.0


@dataclass(frozen=True)
class Answer:
    """LINE's answer to an accepted request. `data` is the decoded JSON, `content` the bytes of a download."""

    request_id: str
    data: Mapping[str, Any]
    content: bytes = b""

    @property
    def message_ids(self) -> tuple[str, ...]:
        """Of the messages that were sent, in their order; empty where LINE did not tell one of them."""
        return _message_ids(self.data)


class Line:
    """One per process, shared by threads. Every call has time-outs, is logged with LINE's request id, never retries."""

    def __init__(
        self,
        base: str = OFFICIAL_BASE,
        accounts: Mapping[str, Access] | None = None,
        timing: Timing = Timing(),  # noqa: B008 - it is frozen
    ) -> None:
        """`accounts`: by clinic slug, what the environment says instead of the clinic's row."""
        self._base = base.rstrip("/")
        self._wire = Wire(self._base, timing.call_connect, timing.call_read)
        self._sdk = Sdk(timing.call_connect, timing.call_read)
        self._accounts = dict(accounts or {})
        official = urlsplit(self._base).hostname == urlsplit(OFFICIAL_BASE).hostname
        # Files live on another host at LINE; a stand-in serves both from one.
        self._data_base = OFFICIAL_DATA_BASE if official else self._base
        self._tokens = defaultdict[str, _Token](_Token)

    def warm(self) -> None:
        """Import the SDK now, so that the first customer does not wait for it."""
        _ = self._sdk.client

    def access(self, clinic: Account) -> Access:
        """How to speak as this clinic. White space around what its row holds is no part of it, as with settings."""
        row = (clinic.line_channel_id, clinic.line_channel_secret, clinic.line_bot_token)
        return self._accounts.get(clinic.slug) or Access(*((value or "").strip() for value in row))

    def reply(self, access: Access, token: str, messages: bytes) -> Answer:
        """`messages`: the frozen JSON array. Raises `LineError`; fault `token` for a reply token that was used or is
        older than a minute."""
        return self._post(access, "reply", b"replyToken", token, messages)

    def push(self, access: Access, to: str, messages: bytes, key: UUID, unit: str | None = None) -> Answer:
        """The same `key` and body may be sent again within 24 hours and arrive once. `unit`: under which name LINE
        counts who has seen it. Raises `LineError`."""
        more = b"" if unit is None else b',"customAggregationUnits":[%b]' % json.dumps(unit).encode()
        return self._post(access, "push", b"to", issued(to), messages + more, {"X-Line-Retry-Key": str(key)})

    def _post(
        self, access: Access, name: str, field: bytes, value: str, messages: bytes, headers: Mapping[str, str] = _NONE
    ) -> Answer:
        body = b'{"%b":%b,"messages":%b}' % (field, json.dumps(value).encode(), messages)
        return self._as(
            access, name, lambda sent: self._wire.post(f"/v2/bot/message/{name}", {**sent, **headers}, body)
        )

    def profile(self, access: Access, user_id: str) -> Mapping[str, Any]:
        """`{displayName, language?, pictureUrl?, …}`. Raises `LineError`, permanent for one who is no friend."""
        return self.call(access, "GET", f"/v2/bot/profile/{part(issued(user_id))}", name="profile").data

    def member(self, access: Access, group_id: str, user_id: str) -> Mapping[str, Any]:
        """`{displayName, …}` of somebody in a group. Raises `LineError`: 404 for one who is not there any more."""
        path = f"/v2/bot/group/{part(issued(group_id))}/member/{part(issued(user_id))}"
        return self.call(access, "GET", path, name="member").data

    def members(self, access: Access, group_id: str) -> int:
        """How many people are in a group, the account not counted. Raises `LineError`."""
        path = f"/v2/bot/group/{part(issued(group_id))}/members/count"
        return int(self.call(access, "GET", path, name="members").data["count"])

    def call(
        self,
        access: Access,
        method: str,
        path: str,
        body: Any = None,
        *,
        name: str,
        headers: Mapping[str, str] | None = None,
        files: bool = False,
    ) -> Answer:
        """One call of any of LINE's endpoints. `files` chooses the host of images and content; bytes go as they are.

        `name`: what logs and metrics call it, a word of the program. Ids in the `path` went through `part`.
        """
        url = (self._data_base if files else self._base, path)
        return self._as(access, name, lambda sent: self._sdk.call(method, url, {**sent, **(headers or {})}, body))

    def _as(self, access: Access, name: str, call: Callable[[dict[str, str]], Response]) -> Answer:
        """One call with the headers of this account."""
        token = self._token(access)
        if not _HEADER_SAFE.fullmatch(token):
            # As LINE would answer; the HTTP library would raise what nobody expects, and quote the token.
            raise LineError("refused", 401, permanent=False)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        try:
            return _understood(name, lambda: call(headers))
        except LineError as error:
            if error.status == 401:
                self._forget_token(access)
            raise

    def _token(self, access: Access) -> str:
        """Fetched by one of those who want it, of each account by itself. Who waited for a fetch that failed fails so
        too, and does not wait for a second one."""
        if access.token:
            return access.token
        wanted, kept = time.monotonic(), self._tokens[access.channel_id]
        with kept.lock:
            if time.monotonic() < kept.good_until:
                return kept.text
            if kept.failed is not None and wanted < kept.failed_at:
                raise kept.failed
            try:
                kept.text = self._fetched(access)
            except LineError as error:
                # Whatever became of it, the request that the token was for has not left.
                away = LineError("away", error.status, permanent=False, kind="no token", request_id=error.request_id)
                kept.failed = away if error.outcome_unknown else error
                kept.failed_at = time.monotonic()
                raise kept.failed from error
            kept.good_until = time.monotonic() + TOKEN_SECONDS
            return kept.text

    def _fetched(self, access: Access) -> str:
        form = {"grant_type": "client_credentials", "client_id": access.channel_id, "client_secret": access.secret}
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        url, params = (self._base, "/oauth2/v3/token"), list(form.items())
        answer = _understood("token", lambda: self._sdk.call("POST", url, headers, form=params))
        return str(answer.data["access_token"])

    def _forget_token(self, access: Access) -> None:
        self._tokens[access.channel_id].good_until = 0.0


def _understood(name: str, call: Callable[[], Response]) -> Answer:
    """What came of a call, counted and logged. Raises `LineError`."""
    started = time.perf_counter()
    status = "away"
    try:
        response = call()
        status = str(response.status)
    except NeverLeft as error:
        raise LineError("away", permanent=False, kind=str(error)) from error
    except Unanswered as error:
        raise LineError("unknown", permanent=False, outcome_unknown=True, kind=str(error)) from error
    finally:
        _calls.labels(name, status).observe(time.perf_counter() - started)
    if not 200 <= response.status < 300:
        raise _refusal(name, response)
    request_id = _header(response.headers, "x-line-request-id")
    log.info("line", call=name, status=status, request_id=request_id)
    is_json = "json" in _header(response.headers, "content-type")
    # A 2xx means done, whatever its body says: one that cannot be read must not look like a failure.
    return Answer(request_id, _decode(response.body) if is_json else {}, response.body)


def _refusal(name: str, response: Response) -> LineError:
    """The error as one of ours. The texts are LINE's of August 2026; an unknown 429 counts as rate, which retries."""
    request_id = _header(response.headers, "x-line-request-id")
    says = _decode(response.body)
    fault, permanent = fault_of(response.status, str(says.get("message", "")).lower())
    log.warning("line refused", call=name, status=response.status, fault=fault, request_id=request_id)
    if fault == "accepted_before":
        request_id = _header(response.headers, "x-line-accepted-request-id") or request_id
    unknown, given = fault == "unknown", _message_ids(says) if fault == "accepted_before" else ()
    return LineError(
        fault, response.status, permanent=permanent, outcome_unknown=unknown, request_id=request_id, message_ids=given,
        retry_after=None if permanent else _wait(response),
    )  # fmt: skip


def _wait(response: Response) -> timedelta | None:
    """How long we are asked to wait. LINE documents no such header; a proxy before it may answer with one."""
    seconds = _header(response.headers, "retry-after")
    return timedelta(seconds=min(int(seconds), LONGEST_WAIT)) if seconds.isascii() and seconds.isdigit() else None


def _message_ids(data: Mapping[str, Any]) -> tuple[str, ...]:
    sent = data.get("sentMessages")
    found = [one.get("id") if isinstance(one, Mapping) else None for one in sent] if isinstance(sent, list) else []
    known = tuple(id_ for id_ in found if isinstance(id_, str) and keeps(id_))
    return known if len(known) == len(found) else ()


def _header(headers: Mapping[str, str], name: str) -> str:
    for key, value in headers.items():
        if key.lower() == name:
            return str(value)
    return ""


def _decode(content: bytes) -> dict[str, Any]:
    try:
        value = json.loads(content or b"{}")
    except ValueError:
        log.warning("line answered something that is not JSON", size=len(content))
        return {}
    return value if isinstance(value, dict) else {}
