"""Addresses under which whoever got a mail says that they want no more of its kind, without logging in.

They hold the keyed hash of the mail address and no more of the person, signed with the clinic and the purpose. They do
not grow old: a mail that is found years later still has a way out.
"""

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass

from itsdangerous import BadSignature, Signer

from channels.pictures import signing_keys
from models.followups import Purpose
from runtime.settings import Settings

_PURPOSES: tuple[Purpose, ...] = ("marketing", "care", "transactional")


@dataclass(frozen=True)
class Leaving:
    """`purpose`: of the mail below which it stood. `index`: of the address, as `customer_identities` has it."""

    slug: str
    purpose: Purpose
    index: bytes


def address(settings: Settings, leaving: Leaving) -> str:
    told = urlsafe_b64encode(bytes([_PURPOSES.index(leaving.purpose)]) + leaving.index).rstrip(b"=")
    token = _signer(settings, leaving.slug).sign(told).decode()
    return f"{settings.public_url.rstrip('/')}/u/{leaving.slug}/{token}"


def read(settings: Settings, slug: str, token: str) -> Leaving | None:
    """What `address` has signed for this clinic; None for anything else."""
    try:
        told = _signer(settings, slug).unsign(token)
        raw = urlsafe_b64decode(told + b"=" * (-len(told) % 4))
        return Leaving(slug, _PURPOSES[raw[0]], raw[1:])
    except (BadSignature, ValueError, IndexError):
        return None


def _signer(settings: Settings, slug: str) -> Signer:
    return Signer(signing_keys(settings, b"leave"), salt=f"leave {slug}", digest_method=hashlib.sha256)
