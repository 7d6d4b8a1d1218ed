"""What anybody may bring about as often as they like, without a signature that fits: said once a minute, never limited.

Whoever forges requests may come from anywhere, also from where the source itself does: a refusal by address would
refuse the source's own.
"""

import threading
from collections import Counter

import structlog

SAY_SECONDS = 60.0

log = structlog.get_logger(__name__)


class Seldom:
    """Of this process; safe to share between threads. `says`: the line of the log."""

    def __init__(self, says: str) -> None:
        self._says = says
        self._lock = threading.Lock()
        self._unsaid: Counter[tuple[tuple[str, str], ...]] = Counter()
        self._said_at: dict[tuple[tuple[str, str], ...], float] = {}

    def count(self, now: float, **facts: str) -> None:
        """One more. `now`: monotonic seconds; `facts`: few different ones, each said by itself."""
        about = tuple(sorted(facts.items()))
        with self._lock:
            self._unsaid[about] += 1
            if now - self._said_at.get(about, -SAY_SECONDS) < SAY_SECONDS:
                return
            self._said_at[about] = now
            requests = self._unsaid.pop(about)
        log.warning(self._says, **facts, requests=requests)
