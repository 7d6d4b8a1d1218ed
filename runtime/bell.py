"""The doorbell of a drain that lingers: for a moment after its work it waits for more, instead of ending.

A wake-up is an entry in a stream of one entry. While a drain waits, the flag that `wake` sets is held, so wake-ups come
here and cost no job; an RQ job that finds nothing costs three milliseconds and sixty commands. The flag lives no longer
than one wait: a drain that is stuck keeps nobody else from being woken. None of it is of value: Redis may be away.
"""

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from runtime.reach import Reach
from runtime.timing import Timing

ANSWER_SECONDS = 0.3
"""What Redis takes for an answer, beside what it is asked to wait."""


def stream(name: str) -> str:
    return f"bell:{name}"


def flag(name: str) -> str:
    return f"wake:{name}"


class Bell:
    """One of each process, for one thread at a time: its drain."""

    def __init__(self, redis_url: str, name: str, timing: Timing, reach: Reach) -> None:
        self._name, self._linger, self._reach = name, timing.linger, reach
        self._redis, self._patient = (
            Redis.from_url(
                redis_url,
                socket_timeout=seconds + ANSWER_SECONDS,
                socket_connect_timeout=ANSWER_SECONDS,
                retry=Retry(NoBackoff(), 0),
                health_check_interval=0,
            )
            for seconds in (0.0, timing.linger.total_seconds())
        )
        self._heard = b"0"

    def answer(self) -> None:
        """A drain begins to read, or reads for the last time: whoever rings from now on means work that came later."""
        try:
            with self._redis.pipeline(transaction=False) as pipe:
                pipe.delete(flag(self._name))
                pipe.xrevrange(stream(self._name), count=1)
                _, last = pipe.execute()
        except (RedisError, OSError) as error:
            self._reach.failed(error)
        else:
            self._heard = last[0][0] if last else b"0"

    def rung(self, seconds: float) -> bool:
        """Whether somebody rings within this time. When Redis is away nobody is heard: False at once."""
        if self._reach.away:
            return False
        try:
            with (self._patient if seconds else self._redis).pipeline(transaction=False) as pipe:
                if seconds:
                    pipe.set(flag(self._name), 1, px=self._linger)
                pipe.xread({stream(self._name): self._heard}, block=max(1, int(1000 * seconds)) if seconds else None)
                heard = pipe.execute()[-1]
        except (RedisError, OSError) as error:
            self._reach.failed(error)
            return False
        if heard:
            ((_, entries),) = heard
            self._heard = entries[-1][0]
        return bool(heard)
