"""Whether Redis answers this process: one word for everybody who talks to it, and one circuit breaker."""

import threading
import time
from datetime import timedelta

import structlog
from prometheus_client import Gauge

log = structlog.get_logger(__name__)
_up = Gauge("aura_redis_up", "1 while the last word of this process to Redis was taken")
_up.set(1)


class Reach:
    """One per process; safe to share between threads. Its going away is said once, and its coming back.

    A word that counts is a write: a Redis that is full answers reads.
    """

    def __init__(self, rest: timedelta) -> None:
        """`rest`: after a failure nobody tries for this long, then one does."""
        self._rest = rest.total_seconds()
        self._lock = threading.Lock()
        self._away = False
        self._resting_until = 0.0

    @property
    def away(self) -> bool:
        """Whether the last word failed."""
        return self._away

    def allows(self) -> bool:
        """Whether it may be tried now. While it is away one caller a rest may: one waits, and not all."""
        if not self._away:
            return True
        with self._lock:
            now = time.monotonic()
            if now < self._resting_until:
                return False
            self._resting_until = now + self._rest
            return True

    def failed(self, error: Exception) -> None:
        with self._lock:
            self._resting_until = time.monotonic() + self._rest
            first, self._away = not self._away, True
        if first:
            _up.set(0)
            log.warning("redis is away", error=type(error).__name__)

    def heard(self) -> None:
        if not self._away:
            return
        with self._lock:
            first, self._away = self._away, False
        if first:
            _up.set(1)
            log.info("redis is back")
