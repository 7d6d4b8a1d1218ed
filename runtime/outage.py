"""A database that is away is said once, not by everybody who meets it, and said again once a minute while it lasts."""

import threading
import time

import structlog

AGAIN = 60.0
"""Seconds until it is said again."""

log = structlog.get_logger(__name__)


class Outage:
    """One a process; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._began: float | None = None
        self._said = 0.0
        self._met = 0

    def met(self, error: BaseException) -> None:
        """Somebody has found it away, or closed to what they had to write."""
        with self._lock:
            now = time.monotonic()
            self._began = self._began if self._began is not None else now
            self._met += 1
            if self._met > 1 and now - self._said < AGAIN:
                return
            self._said, times = now, self._met
        log.error("database is away", times=times, exc_info=error)

    def over(self) -> None:
        """Something was written."""
        if self._began is None:
            return
        with self._lock:
            began, times, self._began, self._met = self._began, self._met, None, 0
        if began is not None:
            log.info("database is back", seconds=round(time.monotonic() - began, 1), times=times)


DATABASE = Outage()
