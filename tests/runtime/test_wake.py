"""Wake-ups leave after the commit that makes their work visible, and never raise."""

import threading
import time
from datetime import timedelta

import pytest
from redis import Redis
from rq import Queue
from sqlalchemy.orm import Session, sessionmaker

from runtime import wake
from runtime.settings import Settings
from runtime.timing import Timing
from tests.fixtures.waiting import eventually, free_port
from workers.jobs import drain


@pytest.fixture
def redis(redis_url: str) -> Redis:
    return Redis.from_url(redis_url)


def jobs(redis: Redis, queue: str = "chat") -> int:
    return len(Queue(queue, connection=redis))


def test_a_commit_wakes_once_for_many(settings: Settings, redis: Redis) -> None:
    waker = wake.Waker(settings.redis_url, drain)
    assert [waker.wake("chat") for _ in range(3)] == [True] * 3
    assert jobs(redis) == 1
    waker.clear("chat")
    waker.wake("chat")
    assert jobs(redis) == 2


def test_what_is_gathered_is_said_at_once_and_then_together(settings: Settings, redis: Redis) -> None:
    waker = wake.Waker(settings.redis_url, drain, Timing(wake_pause=timedelta(seconds=0.3)))
    waker.gather("chat")
    assert jobs(redis) == 1
    waker.clear("chat")  # a drain has begun, and sees nothing of what comes now
    for _ in range(50):
        waker.gather("chat")
    assert jobs(redis) == 1
    eventually(lambda: jobs(redis) == 2, within=5)
    assert redis.get("wake:chat") == b"1"


def test_of_many_who_gather_none_is_lost(settings: Settings, redis: Redis) -> None:
    waker = wake.Waker(settings.redis_url, drain, Timing(wake_pause=timedelta(milliseconds=2)))
    said, seen = [0] * 4, [0] * 4

    def say(who: int) -> None:
        for _ in range(300):
            said[who] += 1
            waker.gather("chat")
            time.sleep(0.001)

    threads = [threading.Thread(target=say, args=(who,)) for who in range(4)]
    for thread in threads:
        thread.start()

    def looked() -> bool:
        """As a drain: it looks only when it is woken, and takes the flag away first."""
        if jobs(redis):
            redis.delete(Queue("chat", connection=redis).key)
            waker.clear("chat")
            seen[:] = said
        return seen == [300] * 4

    eventually(looked, within=30)


def test_the_sweep_does_not_mind_the_flag(settings: Settings, redis: Redis) -> None:
    waker = wake.Waker(settings.redis_url, drain)
    waker.wake("chat")
    waker.wake("chat", force=True)
    assert jobs(redis) == 2


def test_it_leaves_with_the_commit_and_not_with_a_savepoint_or_a_rollback(
    settings: Settings, redis: Redis, sessions: sessionmaker[Session]
) -> None:
    own = sessionmaker(sessions.kw["bind"], info={})
    wake.follow(own, wake.Waker(settings.redis_url, drain))
    with own() as session:
        session.begin()
        wake.after(session, "chat")
        with session.begin_nested():
            pass
        assert jobs(redis) == 0
        savepoint = session.begin_nested()
        savepoint.rollback()
        session.commit()
        assert jobs(redis) == 1
    with own() as session:
        session.begin()
        wake.after(session, "send")
        session.rollback()
        session.commit()
    assert jobs(redis, "send") == 0


def test_redis_away_is_told_and_never_raised() -> None:
    waker = wake.Waker(f"redis://127.0.0.1:{free_port()}/0", drain)
    started = time.monotonic()
    assert not any(waker.wake("chat") for _ in range(100))
    waker.clear("chat")
    assert time.monotonic() - started < 2


def test_only_known_drains_can_be_woken(session: Session) -> None:
    with pytest.raises(LookupError, match="nobody"):
        wake.after(session, "nobody")


def test_what_may_take_long_is_given_the_time(settings: Settings, redis: Redis) -> None:
    waker = wake.Waker(settings.redis_url, drain)
    for name in wake.wakeups:
        waker.wake(name)
    limits = {
        job.args[0]: job.timeout for queue in ("chat", "send", "slow") for job in Queue(queue, connection=redis).jobs
    }
    assert limits == {"chat": 20, "send": 20, "menus": 20, "profiles": 20, "calendar": 600, "followups": 600}
