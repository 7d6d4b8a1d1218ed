"""A drain that lingers hears each wake-up, and nobody enqueues a job for it meanwhile."""

import threading
import time
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from redis import Redis
from rq import Queue

from runtime.timing import Timing
from runtime.wake import Waker
from tests.fixtures.waiting import eventually, free_port
from workers.jobs import drain

TIMING = replace(Timing(), linger=timedelta(seconds=5))


@pytest.fixture
def waker(redis_url: str) -> Waker:
    return Waker(redis_url, drain, TIMING)


@pytest.fixture
def queue(redis_url: str) -> Queue:
    return Queue("chat", connection=Redis.from_url(redis_url))


def listening(waker: Waker, heard: list[bool], redis_url: str) -> threading.Thread:
    """Somebody who waits for the bell, and has begun to."""
    bell = waker.bell("chat")
    bell.answer()
    thread = threading.Thread(target=lambda: heard.append(bell.rung(5)))
    thread.start()
    with Redis.from_url(redis_url) as redis:
        eventually(partial(redis.exists, "wake:chat"))
    return thread


def test_who_waits_hears_and_no_job_is_made(waker: Waker, queue: Queue, redis_url: str) -> None:
    heard: list[bool] = []
    threads = [listening(waker, heard, redis_url) for _ in range(2)]
    began = time.monotonic()
    assert waker.wake("chat")
    for thread in threads:
        thread.join(10)
    assert heard == [True, True], "each process's drain hears"
    assert time.monotonic() - began < 2
    assert queue.count == 0


def test_after_the_last_look_a_wake_up_is_a_job_again(waker: Waker, queue: Queue) -> None:
    bell = waker.bell("chat")
    bell.answer()
    assert not bell.rung(0.001)
    assert waker.wake("chat")
    assert (queue.count, bell.rung(0)) == (0, True)
    bell.answer()
    assert waker.wake("chat")
    assert queue.count == 1


def test_what_rang_before_it_was_answered_is_heard_no_more(waker: Waker) -> None:
    bell = waker.bell("chat")
    assert waker.wake("chat")
    assert bell.rung(0)
    assert not bell.rung(0)
    assert waker.wake("chat")
    bell.answer()
    assert not bell.rung(0)
    for _ in range(3):
        waker.wake("chat")
    assert [bell.rung(0) for _ in range(2)] == [True, False], "many rings are one"


def test_a_drain_that_is_stuck_keeps_nobody_from_being_woken(redis_url: str, queue: Queue) -> None:
    waker = Waker(redis_url, drain, replace(TIMING, linger=timedelta(milliseconds=50)))
    bell = waker.bell("chat")
    bell.answer()
    bell.rung(0.001)
    eventually(lambda: waker.wake("chat") and queue.count)


def test_without_redis_nobody_is_heard_and_nobody_waits() -> None:
    waker = Waker(f"redis://127.0.0.1:{free_port()}", drain, TIMING)
    bell = waker.bell("chat")
    began = time.monotonic()
    bell.answer()
    assert not bell.rung(5)
    assert time.monotonic() - began < 2
    assert waker.reach.away
