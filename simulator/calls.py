"""The log of what crossed the border: each call of LINE's API, each webhook posted."""

import threading
from collections import deque
from itertools import islice
from typing import Any

KEPT = 10_000


class Calls:
    """In memory and bounded: a restart begins a new log, a long run forgets the oldest entries."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self._next = 1

    def add(self, **entry: Any) -> None:
        with self._lock:
            self._entries.append({"n": self._next, **entry})
            self._next += 1

    def after(self, n: int, newest: int = KEPT) -> list[dict[str, Any]]:
        """Those that followed the `n`th, the oldest first; no more than the `newest` of them."""
        with self._lock:
            many = min(newest, self._next - 1 - n, len(self._entries))
            found = list(islice(reversed(self._entries), max(0, many)))
        return found[::-1]

    def forget(self) -> None:
        with self._lock:
            self._entries.clear()
