"""The one place that talks to RQ.

PostgreSQL carries the work; a wake-up only says "look now". It may be lost (the sweep looks anyway) and may come twice
(a drain that finds nothing ends). So a wake-up never raises: Redis being away must not cost a webhook its 200.
"""

import threading
import time
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

FLAG_MS = 5_000
"""A flag set by a process that died before it enqueued keeps others from waking this long at most."""
BREAKER_SECONDS = 5.0
"""After a failure wake-ups are skipped this long, so that a hung Redis costs one time-out, not one a request."""
TIMEOUT_SECONDS = 0.3
JOB_TTL_SECONDS = 60
"""A wake-up nobody took in this time is worthless: the sweep has woken again."""

log = structlog.get_logger(__name__)
_lost = Counter("aura_wakeups_lost", "Wake-ups that Redis did not take; the sweep finds their work", ["name"])

wakeups: Registry[tuple[str, str]] = Registry("wake-up")
"""Name → queue and the dotted path of the drain."""
wakeups.add("chat", ("chat", "workers.jobs.drain_inbox"))
wakeups.add("send", ("send", "workers.jobs.drain_sends"))
wakeups.add("menus", ("send", "workers.jobs.link_menus"))
wakeups.add("profiles", ("send", "workers.jobs.fetch_profiles"))


class Waker:
    """Wakes drains through RQ. One per process; safe to share between threads."""

    def __init__(self, redis_url: str) -> None:
        self._redis = Redis.from_url(
            redis_url,
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),
            health_check_interval=0,
        )
        self._closed_until = 0.0

    def wake(self, name: str, *, force: bool = False) -> bool:
        """Have `name` drained soon. False when Redis was away. `force` ignores the flag, as the sweep does."""
        queue, path = wakeups[name]
        if time.monotonic() < self._closed_until:
            _lost.labels(name).inc()
            return False
        try:
            if force or self._redis.set(f"wake:{name}", 1, nx=True, px=FLAG_MS):
                Queue(queue, connection=self._redis).enqueue(
                    path, result_ttl=0, failure_ttl=300, ttl=JOB_TTL_SECONDS, job_timeout=20
                )
        except (RedisError, OSError) as error:
            self._closed_until = time.monotonic() + BREAKER_SECONDS
            _lost.labels(name).inc()
            log.warning("wake-up lost", name=name, error=type(error).__name__)
            return False
        return True

    def wake_in(self, name: str, seconds: float) -> None:
        """The same, a little later; this process ending first leaves it to the sweep."""
        timer = threading.Timer(seconds, self.wake, (name,))
        timer.daemon = True
        timer.start()

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
