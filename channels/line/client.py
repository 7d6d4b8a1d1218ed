"""LINE's client: the only module that imports the SDK.

Messages go as plain dicts through the SDK's `call_api`: its message objects serialise some fifty times slower and
silently drop what they do not know. The SDK is imported on first use (2.5 s, 80 MB).
Facts: developers.line.biz/en/reference/messaging-api, as of August 2026.
"""

import json
import re
import threading
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol
from urllib.parse import urlsplit
from uuid import UUID

import structlog
from prometheus_client import Histogram

from channels.calls import IN_FLIGHT
from channels.line.errors import Fault, LineError, fault_of
from channels.line.ids import issued, part
from runtime.timing import Timing

TOKEN_SECONDS = 600.0
"""A stateless token lives 15 minutes; it is kept for ten, so that none expires on its way."""
OFFICIAL_BASE = "https://api.line.me"
OFFICIAL_DATA_BASE = "https://api-data.line.me"

_HEADER_SAFE = re.compile(r"[!-~]+")

log = structlog.get_logger(__name__)
_calls = Histogram("aura_line_seconds", "Calls to LINE", ["call", "status"])

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
        self._patience = (timing.call_connect.total_seconds(), timing.call_read.total_seconds())
        self._accounts = dict(accounts or {})
        official = urlsplit(self._base).hostname == urlsplit(OFFICIAL_BASE).hostname
        # Files live on another host at LINE; a stand-in serves both from one.
        self._data_base = OFFICIAL_DATA_BASE if official else self._base
        self._tokens = defaultdict[str, _Token](_Token)

    def warm(self) -> None:
        """Import the SDK now, so that the first customer does not wait for it."""
        _ = self._client

    def access(self, clinic: Account) -> Access:
        """How to speak as this clinic. White space around what its row holds is no part of it, as with settings."""
        row = (clinic.line_channel_id, clinic.line_channel_secret, clinic.line_bot_token)
        return self._accounts.get(clinic.slug) or Access(*((value or "").strip() for value in row))

    def reply(self, access: Access, token: str, messages: Sequence[Mapping[str, Any]]) -> Answer:
        """Raises `LineError`; fault `token` when the reply token was used or is older than a minute."""
        body = {"replyToken": token, "messages": list(messages)}
        return self.call(access, "POST", "/v2/bot/message/reply", body, name="reply")

    def push(self, access: Access, to: str, messages: Sequence[Mapping[str, Any]], key: UUID) -> Answer:
        """The same `key` and body may be sent again within 24 hours and arrive once. Raises `LineError`."""
        body, headers = {"to": issued(to), "messages": list(messages)}, {"X-Line-Retry-Key": str(key)}
        return self.call(access, "POST", "/v2/bot/message/push", body, name="push", headers=headers)

    def profile(self, access: Access, user_id: str) -> Mapping[str, Any]:
        """`{displayName, language?, pictureUrl?, …}`. Raises `LineError`, permanent for one who is no friend."""
        return self.call(access, "GET", f"/v2/bot/profile/{part(issued(user_id))}", name="profile").data

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
        token = self._token(access)
        if not _HEADER_SAFE.fullmatch(token):
            # As LINE would answer; the HTTP library would raise what nobody expects, and quote the token.
            raise LineError("refused", 401, permanent=False)
        sent = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", **(headers or {})}
        try:
            return self._send(name, method, path, sent, body, self._data_base if files else self._base)
        except LineError as error:
            if error.status == 401:
                self._forget_token(access)
            raise

    def _send(
        self, name: str, method: str, path: str, headers: dict[str, str], body: Any, host: str, **form: Any
    ) -> Answer:
        from linebot.v3.messaging.exceptions import ApiException
        from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

        started = time.perf_counter()
        status = "away"
        try:
            answer = self._client.call_api(
                path, method, {}, [], headers, body=body, response_types_map={"200": "bytearray", "202": "bytearray"},
                _request_timeout=self._patience, _host=host, **form,
            )  # fmt: skip
            status = str(answer.status_code)
        except ApiException as error:
            status = str(error.status)
            raise _typed(name, error) from error
        except HTTPError as error:
            never_left = isinstance(error, ConnectTimeoutError | NewConnectionError)
            fault: Fault = "away" if never_left else "unknown"
            kind = type(error).__name__
            raise LineError(fault, permanent=False, outcome_unknown=not never_left, kind=kind) from error
        finally:
            _calls.labels(name, status).observe(time.perf_counter() - started)
        request_id = _header(answer.headers, "x-line-request-id")
        log.info("line", call=name, status=status, request_id=request_id)
        content = bytes(answer.raw_data or b"")
        is_json = "json" in _header(answer.headers, "content-type")
        # A 2xx means done, whatever its body says: one that cannot be read must not look like a failure.
        return Answer(request_id, _decode(content) if is_json else {}, content)

    @cached_property
    def _client(self) -> Any:
        from linebot.v3.messaging import ApiClient, Configuration

        configuration = Configuration(access_token="of each call")  # noqa: S106 - the client wants one to exist
        configuration.retries = False
        configuration.connection_pool_maxsize = IN_FLIGHT
        client = ApiClient(configuration)
        # Clinics share the client, so the token goes with the call; the client's own would win over it.
        client.default_headers.pop("Authorization", None)
        return client

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
        params = list(form.items())
        answer = self._send("token", "POST", "/oauth2/v3/token", headers, None, self._base, post_params=params)
        return str(answer.data["access_token"])

    def _forget_token(self, access: Access) -> None:
        self._tokens[access.channel_id].good_until = 0.0


def _typed(name: str, error: Any) -> LineError:
    """The error as one of ours. The texts are LINE's of August 2026; an unknown 429 counts as rate, which retries."""
    request_id = _header(error.headers or {}, "x-line-request-id")
    fault, permanent = fault_of(error.status, str(_decode((error.body or "{}").encode()).get("message", "")).lower())
    log.warning("line refused", call=name, status=error.status, fault=fault, request_id=request_id)
    if fault == "accepted_before":
        request_id = _header(error.headers or {}, "x-line-accepted-request-id") or request_id
    unknown = fault == "unknown"
    return LineError(fault, error.status, permanent=permanent, outcome_unknown=unknown, request_id=request_id)


def _header(headers: Any, name: str) -> str:
    for key, value in dict(headers).items():
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
