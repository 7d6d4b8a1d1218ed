"""How often something may be asked in a minute. Counted in Redis; without Redis nobody is refused.

The counting is that of flask-limiter, used directly: the extension would hook into every request of the application,
also into LINE's webhook, which is never limited.
"""

import math
import time

import structlog
from limits import RateLimitItemPerMinute
from limits.storage import RedisStorage
from limits.strategies import FixedWindowRateLimiter
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

PER_MINUTE = 600
"""Requests of one API key."""
TIMEOUT_SECONDS = 0.3
BREAKER_SECONDS = 5.0
"""How long the circuit breaker stays open after a failure, so that a hung Redis costs one time-out, not one a request.
"""

log = structlog.get_logger(__name__)


class Rates:
    """One per process and purpose; safe to share between threads. Contacts nothing until it is used."""

    def __init__(self, redis_url: str, prefix: str) -> None:
        storage = RedisStorage(
            redis_url.replace("unix://", "redis+unix://", 1),
            key_prefix=prefix,
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),  # type: ignore[arg-type]  # handed to Redis as it is
        )
        self._limiter = FixedWindowRateLimiter(storage)
        self._open_until = 0.0

    def over(self, who: str, per_minute: int) -> int:
        """Counts one more: 0, or in how many seconds there may be another."""
        if time.monotonic() < self._open_until:
            return 0
        allowed = RateLimitItemPerMinute(per_minute)
        try:
            if self._limiter.hit(allowed, who):
                return 0
            reset = self._limiter.get_window_stats(allowed, who).reset_time
        except (RedisError, OSError) as error:
            self._open_until = time.monotonic() + BREAKER_SECONDS
            log.warning("requests are not counted", error=type(error).__name__)
            return 0
        return max(1, math.ceil(reset - time.time()))
