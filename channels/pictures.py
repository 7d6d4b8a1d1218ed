"""Addresses of pictures that LINE's apps fetch by themselves, without anybody being logged in.

An address holds an id under a signature, so that it can be neither guessed nor made up, and no personal data.
"""

import hashlib
import hmac
from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID

from itsdangerous import BadSignature, URLSafeSerializer

from runtime.settings import Settings

REDEMPTION, CARD = "redemption", "card"


class PictureAddress(Protocol):
    """`address` of one installation."""

    def __call__(self, kind: str, clinic_id: UUID, id_: UUID, made: datetime | None = None, /) -> str | None: ...


def address(settings: Settings, kind: str, clinic_id: UUID, id_: UUID, made: datetime | None = None) -> str | None:
    """Where the picture is fetched; None where LINE would refuse the address, and the whole answer with it.

    `made`: of a picture that lives a while, when what it shows was made, to the second.
    LINE takes HTTPS only. The simulator on the same machine takes plain HTTP too.
    """
    base = settings.public_url.rstrip("/")
    if not base.startswith("https://") and settings.line_api_base.startswith("https://"):
        return None
    signed = [clinic_id.hex, id_.hex, *([] if made is None else [int(made.timestamp())])]
    return f"{base}/pictures/{kind}/{_signer(settings, kind).dumps(signed)}.png"


def read(settings: Settings, kind: str, token: str) -> tuple[UUID, UUID] | None:
    """The id and the clinic that `address` signed, None for anything else."""
    try:
        clinic, id_ = _signer(settings, kind).loads(token)
        return UUID(hex=id_), UUID(hex=clinic)
    except (BadSignature, ValueError, AttributeError, TypeError):
        return None


def read_made(settings: Settings, kind: str, token: str) -> tuple[tuple[UUID, UUID], datetime] | None:
    """The same of a picture that lives a while, and when it was made."""
    try:
        clinic, id_, made = _signer(settings, kind).loads(token)
        return (UUID(hex=id_), UUID(hex=clinic)), datetime.fromtimestamp(made, UTC)
    except (BadSignature, ValueError, AttributeError, TypeError, OverflowError, OSError):
        return None


def _signer(settings: Settings, kind: str) -> URLSafeSerializer:
    keys = signing_keys(settings, b"picture")
    return URLSafeSerializer(keys, salt=kind, signer_kwargs={"digest_method": hashlib.sha256})


def signing_keys(settings: Settings, what: bytes) -> list[bytes]:
    """Signed with the newest key; addresses in old messages live on while the ring holds theirs. itsdangerous takes the
    newest last."""
    names = [name.strip() for name in settings.secret_keys.get_secret_value().split(",") if name.strip()]
    return [hmac.digest(name.encode(), what, "sha256") for name in reversed(names)]
