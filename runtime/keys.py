"""Key ring, data keys, blind indexes.

Each customer and each clinic has a data key; texts about them are AES-256-GCM under it, bound to their place (clinic,
table, column, row), so that a sealed text moved elsewhere does not open. The key ring wraps data keys only: rotation
re-wraps keys, and destroying a data key makes even append-only tables forget a person.
"""

import base64
import hashlib
import hmac
import os
from collections.abc import Sequence
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from runtime.settings import KEY_BYTES, Settings

_NONCE = 12
MARK = 4
"""Bytes that name the ring key which wrapped a data key: enough to choose among a handful."""


Owner = Sequence[UUID]
"""The primary key of the row that a data key belongs to: a clinic's `(id,)`, a customer's `(id, clinic_id)`."""


class CannotOpen(Exception):
    """The text was not sealed by this key in this place: another key, another row, or changed bytes."""


class DataKey:
    """Seals and opens bytes under one 32-byte key."""

    __slots__ = ("_aead",)

    def __init__(self, key: bytes) -> None:
        self._aead = AESGCM(key)

    def seal(self, plain: bytes, place: bytes) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + self._aead.encrypt(nonce, plain, place)

    def open(self, sealed: bytes, place: bytes) -> bytes:
        """Raises `CannotOpen`."""
        try:
            return self._aead.decrypt(sealed[:_NONCE], sealed[_NONCE:], place)
        except InvalidTag as error:
            raise CannotOpen from error


class Vault:
    """The key ring and the index key of this process."""

    def __init__(self, ring: Sequence[bytes], index_key: bytes) -> None:
        if not ring:
            raise ValueError("SECRET_KEYS names no key")
        self._ring = {hashlib.sha256(key).digest()[:MARK]: DataKey(key) for key in ring}
        self._newest = next(iter(self._ring))
        self._index_key = index_key

    @classmethod
    def from_settings(cls, settings: Settings) -> "Vault":
        """Raises `ValueError` naming the variable when a key is not 32 bytes of URL-safe base64."""
        return cls(settings.ring, settings.index)

    def new_data_key(self, owner: Owner) -> bytes:
        """A fresh data key, wrapped for storage with its owner's row: in another row or clinic it does not open."""
        return self._wrap(os.urandom(KEY_BYTES), owner)

    def data_key(self, wrapped: bytes, owner: Owner) -> DataKey:
        """Raises `CannotOpen` when no key of the ring wrapped it."""
        return DataKey(self._unwrap(wrapped, owner))

    def rewrap(self, wrapped: bytes, owner: Owner) -> bytes:
        """The same data key under the newest key of the ring."""
        if wrapped[:MARK] == self._newest:
            return wrapped
        return self._wrap(self._unwrap(wrapped, owner), owner)

    def wrapped_by(self, wrapped: bytes) -> int | None:
        """The place in the ring of the key that wrapped it, by its mark: 0 is the newest; None is none of them."""
        marks = list(self._ring)
        return marks.index(wrapped[:MARK]) if wrapped[:MARK] in self._ring else None

    def index(self, clinic_id: UUID, kind: str, value: str) -> bytes:
        """The blind index of a value: 16 bytes, the same for the same clinic, kind and value, telling nothing else."""
        message = b"\0".join((clinic_id.bytes, kind.encode(), value.encode("utf-8", "surrogatepass")))
        return hmac.digest(self._index_key, message, "sha256")[:16]

    def _wrap(self, key: bytes, owner: Owner) -> bytes:
        return self._newest + self._ring[self._newest].seal(key, _bound(owner))

    def _unwrap(self, wrapped: bytes, owner: Owner) -> bytes:
        key = self._ring.get(wrapped[:MARK])
        if key is None:
            raise CannotOpen("SECRET_KEYS no longer holds the key that wrapped this data key")
        return key.open(wrapped[MARK:], _bound(owner))


def _bound(owner: Owner) -> bytes:
    return b"".join(part.bytes for part in owner)


def new_key() -> str:
    """A key for SECRET_KEYS or INDEX_KEY."""
    return base64.urlsafe_b64encode(os.urandom(KEY_BYTES)).decode()
