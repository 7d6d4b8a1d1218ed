"""How often something may be asked or tried. Counted in Redis; without Redis nobody is refused.

The counting is that of flask-limiter, used directly: the extension would hook into every request of the application,
also into LINE's webhook, which is never limited.
"""

import math
import time
from collections.abc import Callable

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import RedisStorage
from limits.strategies import FixedWindowRateLimiter
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from runtime.reach import Reach
from runtime.wake import TIMEOUT_SECONDS

PER_MINUTE = 600
"""Requests of one API key."""


class Rates:
    """One per process and purpose; safe to share between threads. Contacts nothing until it is used.

    Its circuit breaker is that of the wake-ups: a hung Redis costs one time-out a rest, not one a request and user.
    """

    def __init__(self, redis_url: str, prefix: str, reach: Reach) -> None:
        storage = RedisStorage(
            redis_url.replace("unix://", "redis+unix://", 1),
            key_prefix=prefix,
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),  # type: ignore[arg-type]  # handed to Redis as it is
        )
        self._limiter = FixedWindowRateLimiter(storage)
        self._reach = reach

    def over(self, who: str, per_minute: int) -> int:
        """Counts one more: 0, or in how many seconds there may be another."""
        return self._asked(self._limiter.hit, who, RateLimitItemPerMinute(per_minute))

    def spent(self, who: str, *allowed: RateLimitItem) -> int:
        """Counts nothing: 0, or in how many seconds there may be another by all of these."""
        return max(self._asked(self._limiter.test, who, each) for each in allowed)

    def tried(self, who: str, *allowed: RateLimitItem) -> None:
        """Counts one more."""
        for each in allowed:
            self._asked(self._limiter.hit, who, each)

    def _asked(self, ask: Callable[[RateLimitItem, str], bool], who: str, allowed: RateLimitItem) -> int:
        if not self._reach.allows():
            return 0
        try:
            taken = ask(allowed, who)
            self._reach.heard()
            if taken:
                return 0
            reset = self._limiter.get_window_stats(allowed, who).reset_time
        except (RedisError, OSError) as error:
            self._reach.failed(error)
            return 0
        return max(1, math.ceil(reset - time.time()))
