"""Who somebody is at LINE: ID tokens and LINE Login, each by one call to LINE itself.

A token says who its bearer is and is believed only once LINE has said so of it. Facts:
developers.line.biz/en/reference/line-login and /en/docs/line-login, as of November 2026.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from channels.line.client import OFFICIAL_BASE
from channels.line.ids import USER
from channels.wire import NeverLeft, Unanswered, Wire
from runtime.timing import Timing

ISSUER = "https://access.line.me"
LONGEST = 4_096
"""Signs of a token; LINE's have some eight hundred."""
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class NotBelieved(Exception):
    """LINE does not stand for it: an old or wrong token, one of another channel, a code that was used."""


class LineAway(Exception):
    """LINE did not answer, or had no answer; the same may be asked again."""


@dataclass(frozen=True)
class Person:
    """Whom LINE stands for."""

    user_id: str
    issued_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Hosts:
    """Where LINE's pages are; a stand-in serves all of them from one address."""

    authorize: str
    sdk: str

    @classmethod
    def of(cls, api_base: str) -> "Hosts":
        base = api_base.rstrip("/")
        if urlsplit(base).hostname == urlsplit(OFFICIAL_BASE).hostname:
            sdk = "https://static.line-scdn.net/liff/edge/2/sdk.js"
            return cls("https://access.line.me/oauth2/v2.1/authorize", sdk)
        return cls(f"{base}/oauth2/v2.1/authorize", f"{base}/liff/edge/2/sdk.js")

    @property
    def talked_to(self) -> tuple[str, ...]:
        """Origins that LINE's own script calls."""
        own = urlsplit(self.sdk)
        if own.hostname == "static.line-scdn.net":
            return ("https://api.line.me", "https://access.line.me", "https://liffsdk.line-scdn.net")
        return (f"{own.scheme}://{own.netloc}",)

    @property
    def sdk_origin(self) -> str:
        own = urlsplit(self.sdk)
        return f"{own.scheme}://{own.netloc}"


@dataclass(frozen=True)
class Asked:
    """A sign-in that has begun in a browser: what only that browser knows of it."""

    state: str
    nonce: str
    verifier: str


class Login:
    """One per process, shared by threads. Every call has its limits and is never repeated."""

    def __init__(self, api_base: str, timing: Timing) -> None:
        self.hosts = Hosts.of(api_base)
        self._wire = Wire(api_base.rstrip("/"), timing.call_connect, timing.call_read)

    def address(self, channel: str, back: str, asked: Asked, language: str) -> str:
        """Where the browser is sent, with `back` as the registered address to come back to."""
        digest = hashlib.sha256(asked.verifier.encode()).digest()
        query = {
            "response_type": "code",
            "client_id": channel,
            "redirect_uri": back,
            "state": asked.state,
            "scope": "openid profile",
            "nonce": asked.nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            "ui_locales": language,
        }
        return f"{self.hosts.authorize}?{urlencode(query, quote_via=quote)}"

    def redeemed(self, channel: str, secret: str, back: str, asked: Asked, code: str) -> Person:
        """Whom a code stands for that LINE has sent the browser back with. Raises `NotBelieved`, `LineAway`."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "client_id": channel,
            "client_secret": secret,
            "code_verifier": asked.verifier,
        }
        token = self._asked("/oauth2/v2.1/token", form).get("id_token")
        return self.verified(channel, str(token or ""), asked.nonce)

    def verified(self, channel: str, token: str, nonce: str | None = None) -> Person:
        """Whom an ID token of this Login channel stands for. Raises `NotBelieved`, `LineAway`."""
        if not token or len(token) > LONGEST or not token.isascii():
            raise NotBelieved("no token")
        form = {"id_token": token, "client_id": channel} | ({} if nonce is None else {"nonce": nonce})
        return _person(self._asked("/oauth2/v2.1/verify", form), channel, nonce)

    def _asked(self, path: str, form: Mapping[str, str]) -> Mapping[str, Any]:
        try:
            answer = self._wire.post(path, _FORM, urlencode(form).encode())
        except (NeverLeft, Unanswered) as error:
            raise LineAway(str(error)) from error
        if answer.status >= 500 or answer.status == 429:
            raise LineAway(str(answer.status))
        if answer.status != 200:
            raise NotBelieved(str(answer.status))
        try:
            said = json.loads(answer.body)
        except ValueError as error:
            raise LineAway("no JSON") from error
        if not isinstance(said, dict):
            raise LineAway("no JSON object")
        return said


def _person(said: Mapping[str, Any], channel: str, nonce: str | None) -> Person:
    """LINE has looked already; what does not belong to us is refused here as well."""
    try:
        user_id = str(said["sub"])
        issued, ends = (datetime.fromtimestamp(int(said[name]), UTC) for name in ("iat", "exp"))
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        raise NotBelieved("no whole answer") from None
    right = said.get("iss") == ISSUER and str(said.get("aud")) == channel and USER.fullmatch(user_id)
    if not right or (nonce is not None and said.get("nonce") != nonce):
        raise NotBelieved("of somebody else's")
    return Person(user_id, issued, ends)
