"""Requests whose signature does not fit: said once a minute, and never limited.

Whoever forges them may come from anywhere, also from where the source itself does: a refusal by address would refuse
the source's own.
"""

import threading
from collections import Counter

import structlog

SAY_SECONDS = 60.0

log = structlog.get_logger(__name__)


class Forged:
    """Of this process; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._unsaid: Counter[str] = Counter()
        self._said_at: dict[str, float] = {}

    def count(self, source: str, now: float) -> None:
        """One more. `now`: monotonic seconds."""
        with self._lock:
            self._unsaid[source] += 1
            if now - self._said_at.get(source, -SAY_SECONDS) < SAY_SECONDS:
                return
            self._said_at[source] = now
            requests = self._unsaid.pop(source)
        log.warning("signatures do not fit", source=source, requests=requests)
