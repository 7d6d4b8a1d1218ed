"""The log of what crossed the border: each call of LINE's API, each webhook posted."""

import threading
from collections import deque
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

    def after(self, n: int) -> list[dict[str, Any]]:
        with self._lock:
            if not self._entries:
                return []
            skip = max(0, n + 1 - self._entries[0]["n"])
            return [self._entries[i] for i in range(skip, len(self._entries))]

    def forget(self) -> None:
        with self._lock:
            self._entries.clear()
