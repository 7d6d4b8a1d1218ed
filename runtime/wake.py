"""The one place that talks to RQ.

PostgreSQL carries the work; a wake-up only says "look now". It may be lost (the sweep looks anyway) and may come twice
(a drain that finds nothing ends). So a wake-up never raises: Redis being away must not cost a webhook its 200.
"""

import math
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import structlog
from prometheus_client import Counter
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue
from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

from runtime.registry import Registry
from runtime.timing import Timing

TIMEOUT_SECONDS = 0.3

log = structlog.get_logger(__name__)
_lost = Counter("aura_wakeups_lost", "Wake-ups that Redis did not take; the sweep finds their work", ["name"])

Drain = Callable[[str], object]
"""What a worker runs for a wake-up's name. RQ finds it by its dotted name, so it is a function of a module."""

wakeups: Registry[str] = Registry("wake-up")
"""Name → queue."""
wakeups.add("chat", "chat")
wakeups.add("send", "send")
wakeups.add("menus", "send")
wakeups.add("profiles", "send")
wakeups.add("calendar", "slow")


def limit(name: str, timing: Timing) -> int:
    """Seconds after which RQ ends what a wake-up runs; only the slow queue has work that may take long."""
    return _whole(timing.daily_job if wakeups[name] == "slow" else timing.job)


class Waker:
    """Wakes drains through RQ. One per process; safe to share between threads."""

    def __init__(self, redis_url: str, drain: Drain, timing: Timing = Timing()) -> None:  # noqa: B008 - it is frozen
        self._drain, self._timing = drain, timing
        self._redis = Redis.from_url(
            redis_url,
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),
            health_check_interval=0,
        )
        self._alarms: dict[str, float] = {}
        self._open_until = 0.0
        """Of the circuit breaker: until then nothing is tried."""

    def wake(self, name: str, *, force: bool = False) -> bool:
        """Have `name` drained soon. False when Redis was away. `force` ignores the flag, as the sweep does."""
        queue = wakeups[name]
        if time.monotonic() < self._open_until:
            _lost.labels(name).inc()
            return False
        try:
            if force or self._redis.set(f"wake:{name}", 1, nx=True, px=self._timing.wake_flag):
                Queue(queue, connection=self._redis).enqueue(
                    self._drain,
                    name,
                    result_ttl=0,
                    failure_ttl=300,
                    ttl=_whole(self._timing.wake_life),
                    job_timeout=limit(name, self._timing),
                )
        except (RedisError, OSError) as error:
            self._open_until = time.monotonic() + self._timing.wake_rest.total_seconds()
            _lost.labels(name).inc()
            log.warning("wake-up lost", name=name, error=type(error).__name__)
            return False
        return True

    def wake_in(self, name: str, seconds: float) -> None:
        """The same, a little later; this process ending first leaves it to the sweep. One alarm a name is kept."""
        at = time.monotonic() + seconds
        kept = self._alarms.get(name)
        if kept is not None and kept <= at:
            return
        self._alarms[name] = at
        timer = threading.Timer(seconds, self._ring, (name, at))
        timer.daemon = True
        timer.start()

    def _ring(self, name: str, at: float) -> None:
        if self._alarms.get(name) == at:
            del self._alarms[name]
            self.wake(name)

    def clear(self, name: str) -> None:
        """Called by a drain before it reads, so that work arriving meanwhile gets a wake-up of its own."""
        try:
            self._redis.delete(f"wake:{name}")
        except (RedisError, OSError) as error:
            log.warning("wake flag not cleared", name=name, error=type(error).__name__)


def after(session: Session, name: str) -> None:
    """Wake `name` once this session has committed; never before, and not on rollback."""
    if name not in wakeups:
        raise LookupError(f"no wake-up {name!r}")
    session.info.setdefault("wakeups", set()).add(name)


def follow(factory: Any, waker: Waker) -> None:
    """Have the sessions of this factory send their wake-ups when they commit."""

    @event.listens_for(factory, "after_commit")
    def _leave(session: Session) -> None:
        if session.in_nested_transaction():  # a savepoint: nobody else sees the rows yet
            return
        for name in sorted(session.info.pop("wakeups", ())):
            waker.wake(name)

    @event.listens_for(factory, "after_soft_rollback")
    def _forget(session: Session, previous: SessionTransaction) -> None:
        if previous.nested:  # what was noted before the savepoint still holds, and waking for nothing does no harm
            return
        session.info.pop("wakeups", None)


def _whole(duration: timedelta) -> int:
    """RQ counts in whole seconds."""
    return max(1, math.ceil(duration.total_seconds()))
