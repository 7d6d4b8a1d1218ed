"""API keys, `aura_<clinic>_<secret>`: one clinic's, with scopes, known only by their hash."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, contains_eager

from models.access import ApiKey
from models.clinics import Clinic
from web.http.problems import Problem

MARK = "aura_"
"""So that people and scanners of leaked secrets recognise one."""
BYTES = 32
KNOWN = """
    FROM api_keys key JOIN clinics clinic ON clinic.id = key.clinic_id {joins}
    WHERE clinic.slug = :slug AND key.key_hash = :key_hash AND key.revoked_at IS NULL
"""
"""Where a statement begins that also asks for more; asked with `asked`."""


# Built once: every request begins with it.
_KEY = (
    select(ApiKey)
    .join(ApiKey.clinic)
    .options(contains_eager(ApiKey.clinic))
    .where(Clinic.slug == bindparam("slug"), ApiKey.key_hash == bindparam("key_hash"), ApiKey.revoked_at.is_(None))
)


def create(session: Session, clinic: Clinic, name: str, scopes: Sequence[str], now: datetime) -> tuple[ApiKey, str]:
    """A new key and its secret, which nobody can read again. The scopes are some of the API's."""
    secret = new_secret(clinic.slug)
    key = ApiKey(clinic_id=clinic.id, name=name, key_hash=hash_of(secret), scopes=sorted(set(scopes)), created_at=now)
    session.add(key)
    session.flush()
    return key, secret


def new_secret(slug: str) -> str:
    """A key for the clinic of this slug. A slug holds no underscore, so the first one after the mark ends it."""
    return f"{MARK}{slug}_{secrets.token_urlsafe(BYTES)}"


def hash_of(secret: str) -> bytes:
    """256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()


def presented(authorization: str) -> str:
    """The key of this header, `Bearer aura_<clinic>_…`. Raises `Problem` (unauthorized)."""
    scheme, _, secret = authorization.partition(" ")
    if scheme.lower() != "bearer" or not secret.strip().startswith(MARK):
        raise unauthorized()
    return secret.strip()


def authenticate(session: Session, secret: str) -> ApiKey:
    """The key that is meant, with its clinic. Raises `Problem` (unauthorized) for one unknown or revoked."""
    key = session.scalars(_KEY, asked(secret)).one_or_none()
    if key is None:
        raise unauthorized()
    return key


def asked(secret: str) -> dict[str, object]:
    """What a key is looked for by. Raises `Problem` (unauthorized) for one that can be nobody's."""
    slug = secret.removeprefix(MARK).partition("_")[0]
    if not slug.isascii() or "\0" in slug:
        raise unauthorized()
    return {"slug": slug, "key_hash": hash_of(secret)}


def known(session: Session) -> frozenset[bytes]:
    """The hashes of all keys that are somebody's."""
    return frozenset(session.scalars(select(ApiKey.key_hash).where(ApiKey.revoked_at.is_(None))))


def allow(scopes: Sequence[str], scope: str) -> None:
    """Raises `Problem` (missing_scope) where it is not one of the key's."""
    if scope not in scopes:
        raise Problem("missing_scope", f"This key lacks the scope {scope}.", scope=scope)


def unauthorized() -> Problem:
    return Problem("unauthorized", headers={"WWW-Authenticate": 'Bearer realm="aura"'})
