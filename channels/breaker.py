"""A circuit breaker: whether it is worth asking, of a provider or of one clinic's account there."""

import threading
import time
from datetime import timedelta

ANY_NUMBER = 1_000_000
TOLERATED = 2
"""Failures in a row that may still be the doing of what was sent: a body that breaks a provider stops nobody else."""


class Breaker:
    """*Closed* lets everything through; *open* nothing; *half-open*, after each rest anew, one call that probes.

    A probe does not wait for the one before it, which may hang: the first call that passes closes. The rest doubles
    up to `most` while probes fail. Safe to share between threads.
    """

    def __init__(self, rest: timedelta, most: timedelta) -> None:
        self._least, self._most = rest.total_seconds(), most.total_seconds()
        self._lock = threading.Lock()
        self._failures, self._rest, self._passed_at = 0, self._least, 0.0
        self._probe_at: float | None = None
        """While open: when the next call may probe."""

    @property
    def closed(self) -> bool:
        return self._probe_at is None

    @property
    def wait(self) -> float:
        """Seconds until something is let through."""
        probe_at = self._probe_at
        return 0.0 if probe_at is None else max(probe_at - time.monotonic(), 0.0)

    @property
    def room(self) -> int:
        """How many calls are let through now."""
        return ANY_NUMBER if self.closed else int(self.wait == 0)

    def begun(self) -> None:
        """A call goes out; of an open breaker it is the probe."""
        with self._lock:
            if self._probe_at is not None:
                self._probe_at = time.monotonic() + self._rest
                self._rest = min(2 * self._rest, self._most)

    def passed(self) -> None:
        with self._lock:
            self._failures, self._rest, self._passed_at, self._probe_at = 0, self._least, time.monotonic(), None

    def failed(self, began: float, *, certain: bool) -> None:
        """`began`: of the call, on the monotonic clock. `certain`: it cannot have been the doing of what was sent."""
        with self._lock:
            if began < self._passed_at:
                return  # another has passed since: this one hung in an outage that is over
            self._failures += 1
            if self._probe_at is None and (certain or self._failures > TOLERATED):
                self._probe_at = time.monotonic() + self._rest
