"""Wake-ups leave after the commit that makes their work visible, and never raise."""

import time

import pytest
from redis import Redis
from rq import Queue
from sqlalchemy.orm import Session, sessionmaker

from runtime import wake
from runtime.settings import Settings
from tests.fixtures.waiting import free_port
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
    assert limits == {"chat": 20, "send": 20, "menus": 20, "profiles": 20, "calendar": 600}
