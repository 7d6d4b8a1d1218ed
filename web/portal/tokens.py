"""What the portal signs: that a form is from a page of ours, and what a browser knows of a sign-in it has begun."""

import hashlib
import secrets
from dataclasses import asdict, dataclass
from uuid import UUID

from itsdangerous import BadData, URLSafeTimedSerializer

from channels.line.login import Asked
from channels.pictures import signing_keys
from runtime.settings import Settings

FORM_SECONDS = 12 * 60 * 60
"""A page that was opened longer ago is opened anew: a click more."""
ENTER_SECONDS = 10 * 60
"""For LINE's own page; its code lives as long."""


@dataclass(frozen=True)
class Begun:
    """A sign-in on its way: what to compare when the browser comes back, and where it then goes."""

    slug: str
    asked: Asked
    next: str


def form(settings: Settings, session_id: UUID) -> str:
    """What a form of this session brings along."""
    return _signing(settings, "portal form").dumps(session_id.hex)


def is_of(settings: Settings, session_id: UUID, token: str) -> bool:
    """Whether a form was made for this session, and not too long ago."""
    try:
        return bool(_signing(settings, "portal form").loads(token, max_age=FORM_SECONDS) == session_id.hex)
    except BadData:
        return False


def begin(slug: str, next_: str) -> Begun:
    drawn = (secrets.token_urlsafe(32) for _ in range(3))
    return Begun(slug, Asked(*drawn), next_)


def kept(settings: Settings, begun: Begun) -> str:
    return _signing(settings, "portal sign-in").dumps(
        {"slug": begun.slug, "next": begun.next, "asked": asdict(begun.asked)}
    )


def read(settings: Settings, cookie: str) -> Begun | None:
    """None for what is none of ours, or too old."""
    try:
        said = _signing(settings, "portal sign-in").loads(cookie, max_age=ENTER_SECONDS)
    except BadData:
        return None
    return Begun(said["slug"], Asked(**said["asked"]), said["next"])


def _signing(settings: Settings, what: str) -> URLSafeTimedSerializer:
    keys = signing_keys(settings, what.encode())
    return URLSafeTimedSerializer(keys, salt=what, signer_kwargs={"digest_method": hashlib.sha256})
