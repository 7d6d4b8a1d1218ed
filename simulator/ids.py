"""Identifiers in the shapes LINE gives them."""

import secrets
import threading
import time

_ULID = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_lock = threading.Lock()
_last = 0


def message_id() -> str:
    """A numeric string of 18 digits, growing, as message ids are."""
    global _last  # noqa: PLW0603 - two messages in one clock tick need different ids
    with _lock:
        _last = max(_last + 1, time.time_ns() // 10_000)
        return str(_last).rjust(18, "5")


def webhook_event_id(at_ms: int) -> str:
    """A ULID: 48 bits of time and 80 of chance in Crockford's base 32."""
    number = (at_ms << 80) | secrets.randbits(80)
    return "".join(_ULID[(number >> shift) & 31] for shift in range(125, -1, -5))


def opaque() -> str:
    """32 hexadecimal digits: reply tokens, request ids' kin."""
    return secrets.token_hex(16)


def user_id() -> str:
    return "U" + secrets.token_hex(16)


def group_id() -> str:
    return "C" + secrets.token_hex(16)


def menu_id() -> str:
    return "richmenu-" + secrets.token_hex(16)


def quote_token() -> str:
    return secrets.token_urlsafe(64)
