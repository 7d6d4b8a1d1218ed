"""How often one key may ask. Counted in Redis; without Redis nobody is refused.

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

from web.http.problems import Problem

PER_MINUTE = 600
TIMEOUT_SECONDS = 0.3
BREAKER_SECONDS = 5.0
"""How long the circuit breaker stays open after a failure, so that a hung Redis costs one time-out, not one a request.
"""

log = structlog.get_logger(__name__)


class Rates:
    """One per process; safe to share between threads. Contacts nothing until it is used."""

    def __init__(self, redis_url: str) -> None:
        storage = RedisStorage(
            redis_url.replace("unix://", "redis+unix://", 1),
            key_prefix="api-rate",
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),  # type: ignore[arg-type]  # handed to Redis as it is
        )
        self._limiter = FixedWindowRateLimiter(storage)
        self._open_until = 0.0

    def count(self, who: str) -> None:
        """One more request. Raises `Problem` (too_many_requests)."""
        if time.monotonic() < self._open_until:
            return
        allowed = RateLimitItemPerMinute(PER_MINUTE)
        try:
            if self._limiter.hit(allowed, who):
                return
            reset = self._limiter.get_window_stats(allowed, who).reset_time
        except (RedisError, OSError) as error:
            self._open_until = time.monotonic() + BREAKER_SECONDS
            log.warning("requests are not counted", error=type(error).__name__)
            return
        wait = max(1, math.ceil(reset - time.time()))
        raise Problem(
            "too_many_requests",
            f"More than {PER_MINUTE} requests in a minute.",
            headers={"Retry-After": str(wait)},
            retryAfter=wait,
        )
