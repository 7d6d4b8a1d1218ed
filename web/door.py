"""Where a request is from, and how often wrong API keys may come from there.

Nothing here keeps or tells an address: they are counted in a fixed number of buckets, in Redis, for all web processes
together. A right key is let in whatever its address, or another in its bucket, has done.
"""

import asyncio
import ipaddress
import math
import time
import zlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from web.http import keys
from web.http.problems import Problem
from web.http.rates import Rates
from web.threads import Busy

WRONG_KEYS = 30
"""A minute and bucket. Nobody types keys: it is a till with an old one, which asks for every bill, or who guesses."""
BUCKETS = 1024
READ_AGAIN_SECONDS = 2.0
"""The keys are read again for one that is not known, in case it was just made, but not for every wrong one."""

InThread = Callable[[Callable[[], frozenset[bytes]]], Awaitable[frozenset[bytes]]]

log = structlog.get_logger(__name__)


def bucket_of(address: str) -> int:
    """The same for all addresses of a /64, since one house has as many as it likes, and for all ports of an address,
    which some proxies write with it: `203.0.113.7:4711`, `[2001:db8::1]:4711`."""
    bare = address[1:].partition("]")[0] if address.startswith("[") else address
    if bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        parsed = ipaddress.ip_address(bare)
    except ValueError:  # a proxy's own word, such as `unknown`
        return zlib.crc32(address.encode()) % BUCKETS
    if isinstance(parsed, ipaddress.IPv6Address):
        parsed = parsed.ipv4_mapped or ipaddress.ip_network((parsed, 64), strict=False).network_address
    return zlib.crc32(parsed.packed) % BUCKETS


def key_of(headers: list[tuple[bytes, bytes]]) -> str | None:
    """The API key that a request brings, right or wrong."""
    told = next((value for name, value in headers if name == b"authorization"), b"")
    try:
        return keys.presented(told.decode("latin-1"))
    except Problem:
        return None


class Door:
    """One per process; contacts nothing until it is used."""

    def __init__(self, hops: int, rates: Rates, known: Callable[[], frozenset[bytes]]) -> None:
        """`hops`: how many proxies are trusted. `known`: asks the database for the hashes of all right keys."""
        self._hops, self._rates, self._known = hops, rates, known
        self._closed: dict[int, float] = {}
        self._right: frozenset[bytes] | None = frozenset()
        self._read_at = -READ_AGAIN_SECONDS
        self._reading = asyncio.Lock()

    def client_of(self, scope: Mapping[str, Any]) -> str:
        """The address that the outermost of the trusted proxies has seen; who connected, where too few were passed.

        Each adds whom it has seen at the end of `X-Forwarded-For`; what stands further left anybody may have written.
        """
        told = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for").decode("latin-1")
        seen = told.split(",")
        if told and 0 < self._hops <= len(seen):
            return seen[-self._hops].strip()
        return str(scope["client"][0]) if scope["client"] else ""

    def wrong(self, bucket: int) -> int:
        """A wrong key came from there: 0, or for how many seconds no more of them are looked at. In any thread."""
        wait = self._rates.over(str(bucket), WRONG_KEYS)
        if wait:
            self._closed[bucket] = time.monotonic() + wait
        return wait

    async def closed(self, bucket: int, key: str, in_thread: InThread) -> int:
        """For how many seconds such a key is not looked at from there; 0 for a right one, and where nobody can say."""
        left = self._closed.get(bucket, 0.0) - time.monotonic()
        if left <= 0 or await self._is_right(keys.hash_of(key), in_thread):
            return 0
        return math.ceil(left)

    async def _is_right(self, hashed: bytes, in_thread: InThread) -> bool:
        if self._right is not None and hashed in self._right:
            return True
        async with self._reading:  # one asks, the others wait for what it hears
            if time.monotonic() - self._read_at > READ_AGAIN_SECONDS:
                try:
                    self._right = await in_thread(self._known)
                except (Busy, SQLAlchemyError) as error:
                    log.warning("keys are not known", error=type(error).__name__)
                    self._right = None
                self._read_at = time.monotonic()
        return self._right is None or hashed in self._right
