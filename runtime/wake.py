"""The one place that talks to RQ.

PostgreSQL carries the work; a wake-up only says "look now". It may be lost (every worker looks for itself anyway) and
may come twice (a drain that finds nothing ends). So a wake-up never raises: Redis being away must not cost a webhook
its 200.
"""

import math
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from prometheus_client import Counter
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue
from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

from runtime.bell import Bell, flag, stream
from runtime.reach import Reach
from runtime.registry import Registry
from runtime.timing import Timing

TIMEOUT_SECONDS = 0.3

_lost = Counter("aura_wakeups_lost", "Wake-ups that Redis did not take; a look finds their work", ["name"])

Drain = Callable[[str], object]
"""What a worker runs for a wake-up's name. RQ finds it by its dotted name, so it is a function of a module."""

wakeups: Registry[str] = Registry("wake-up")
"""Name → queue."""
wakeups.add("chat", "chat")
wakeups.add("send", "send")
wakeups.add("menus", "send")
wakeups.add("profiles", "send")
wakeups.add("calendar", "slow")
wakeups.add("followups", "slow")
LINGER = frozenset({"chat"})
"""Whose drains linger: it is alone on its queue, so nobody else waits for their end."""


def limit(name: str, timing: Timing) -> int:
    """Seconds after which RQ ends what a wake-up runs; only the slow queue has work that may take long."""
    return _whole(timing.daily_job if wakeups[name] == "slow" else timing.job)


class Waker:
    """Wakes drains through RQ. One per process; safe to share between threads."""

    def __init__(self, redis_url: str, drain: Drain, timing: Timing = Timing()) -> None:  # noqa: B008 - it is frozen
        self._drain, self._timing, self._redis_url = drain, timing, redis_url
        self._redis = Redis.from_url(
            redis_url,
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),
            health_check_interval=0,
        )
        self._alarms: dict[str, float] = {}
        self._gathered: dict[str, float] = {}
        self.reach = Reach(timing.wake_rest)
        self._owed: set[str] = set()
        self._owing = threading.Lock()

    def wake(self, name: str, *, force: bool = False) -> bool:
        """Have `name` drained soon. False when Redis was away: it is made up later. `force` ignores the flag."""
        queue = wakeups[name]
        if not self.reach.allows():
            self._owe(name)
            return False
        try:
            if self._first(name) or force:
                Queue(queue, connection=self._redis).enqueue(
                    self._drain,
                    name,
                    result_ttl=0,
                    failure_ttl=300,
                    ttl=_whole(self._timing.wake_life),
                    job_timeout=limit(name, self._timing),
                )
        except (RedisError, OSError) as error:
            self.reach.failed(error)
            self._owe(name)
            return False
        self.reach.heard()
        return True

    def gather(self, name: str) -> None:
        """The same for who would say it with each request: at once, and what comes within a pause together at its end,
        so that none is lost."""
        now, again = time.monotonic(), self._gathered.get(name, 0.0)
        if now < again:
            self.wake_in(name, again - now)
        else:
            self._gathered[name] = now + self._timing.wake_pause.total_seconds()
            self.wake(name)

    def _first(self, name: str) -> bool:
        """Whether nobody has been woken who has not begun yet. A drain that lingers hears of it in any case."""
        if name not in LINGER:
            return bool(self._redis.set(flag(name), 1, nx=True, px=self._timing.wake_flag))
        with self._redis.pipeline(transaction=False) as pipe:
            pipe.set(flag(name), 1, nx=True, px=self._timing.wake_flag)
            pipe.xadd(stream(name), {"": ""}, maxlen=1, approximate=False)
            return bool(pipe.execute()[0])

    def bell(self, name: str) -> Bell:
        """For the drain of this name in this process."""
        return Bell(self._redis_url, name, self._timing, self.reach)

    def ask(self) -> bool:
        """Whether Redis takes a word now, whatever the breaker says: for who has the time to wait for it."""
        try:
            self._redis.set("reach", 1, px=1_000)
        except (RedisError, OSError) as error:
            self.reach.failed(error)
            return False
        self.reach.heard()
        return True

    def answers(self) -> bool:
        """The same for who has not: while Redis is away one caller a rest waits, the others are told so at once."""
        return self.reach.allows() and self.ask()

    def wake_in(self, name: str, seconds: float) -> None:
        """The same, a little later; this process ending first leaves it to a look. One alarm a name is kept."""
        at = time.monotonic() + seconds
        kept = self._alarms.get(name)
        if kept is not None and kept <= at:
            return
        self._alarms[name] = at
        _later(seconds, self._ring, name, at)

    def _ring(self, name: str, at: float) -> None:
        if self._alarms.get(name) == at:
            del self._alarms[name]
            self.wake(name)

    def clear(self, name: str) -> None:
        """Called by a drain before it reads, so that work arriving meanwhile gets a wake-up of its own."""
        try:
            self._redis.delete(flag(name))
        except (RedisError, OSError) as error:
            self.reach.failed(error)

    def _owe(self, name: str) -> None:
        """A wake-up that was lost is made up after the rest: workers may not have noticed that Redis was away."""
        _lost.labels(name).inc()
        with self._owing:
            first = not self._owed
            self._owed.add(name)
        if first:
            _later(self._timing.wake_rest.total_seconds(), self._make_up)

    def _make_up(self) -> None:
        with self._owing:
            names, self._owed = self._owed, set()
        for name in sorted(names):
            self.wake(name, force=True)


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


def _later(seconds: float, call: Callable[..., object], *arguments: object) -> None:
    timer = threading.Timer(seconds, call, arguments)
    timer.daemon = True
    timer.start()


def _whole(duration: timedelta) -> int:
    """RQ counts in whole seconds."""
    return max(1, math.ceil(duration.total_seconds()))
