"""Addresses of pictures that LINE's apps fetch by themselves, without anybody being logged in.

An address holds an id under a signature, so that it can be neither guessed nor made up, and no personal data.
"""

import hashlib
import hmac
from collections.abc import Callable
from uuid import UUID

from itsdangerous import BadSignature, URLSafeSerializer

from runtime.settings import Settings

REDEMPTION = "redemption"

PictureAddress = Callable[[str, UUID, UUID], str | None]
"""`address` of one installation: kind, clinic, id."""


def address(settings: Settings, kind: str, clinic_id: UUID, id_: UUID) -> str | None:
    """Where the picture is fetched; None where LINE would refuse the address, and the whole answer with it.

    LINE takes HTTPS only. The simulator on the same machine takes plain HTTP too.
    """
    base = settings.public_url.rstrip("/")
    if not base.startswith("https://") and settings.line_api_base.startswith("https://"):
        return None
    return f"{base}/pictures/{kind}/{_signer(settings, kind).dumps([clinic_id.hex, id_.hex])}.png"


def read(settings: Settings, kind: str, token: str) -> tuple[UUID, UUID] | None:
    """The id and the clinic that `address` signed, None for anything else."""
    try:
        clinic, id_ = _signer(settings, kind).loads(token)
        return UUID(hex=id_), UUID(hex=clinic)
    except (BadSignature, ValueError, AttributeError, TypeError):
        return None


def _signer(settings: Settings, kind: str) -> URLSafeSerializer:
    # Signed with the newest key; addresses in old messages live on while the ring holds theirs. itsdangerous takes the
    # newest last.
    names = [name.strip() for name in settings.secret_keys.get_secret_value().split(",") if name.strip()]
    keys = [hmac.digest(name.encode(), b"picture", "sha256") for name in reversed(names)]
    return URLSafeSerializer(keys, salt=kind, signer_kwargs={"digest_method": hashlib.sha256})
