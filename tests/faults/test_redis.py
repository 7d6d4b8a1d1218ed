"""Redis carries wake-ups only: without it the door stays open, and what waited is answered once it is back."""

import time
from collections.abc import Callable

import pytest
from redis import Redis

from runtime.language import Language
from tests.fixtures.waiting import eventually
from tests.payloads import MALI, aim, load
from tests.stories.whole import Phone, Whole, held, words

TH = Language("th")
SWEEP = 15.0
"""The calendar's tick; a worker that lost its connection needs a moment more."""


def ask(whole: Whole, member: Phone) -> float:
    """Posts a question of the member, really signed; must be taken. The seconds it took."""
    body = aim(
        load("line/message-text.json"),
        destination=whole.destination,
        people={MALI: member.user_id},
        at=whole.now(),
    )
    began = time.monotonic()
    assert whole.post(body) == (200, "{}")
    return time.monotonic() - began


def answered(member: Phone, times: int, within: float) -> None:
    got = []

    def all_there() -> bool:
        member.whole.processes.start()  # as the supervisor does with a process that ended for want of Redis
        got.extend(member.read())
        return len(got) >= times

    eventually(all_there, within=within)
    member.whole.settled(within=within)
    assert len(got) + len(member.read()) == times
    assert words(got).count(held(TH, 100)) == times


@pytest.mark.parametrize(
    ("fail", "heal"),
    [
        (lambda whole: whole.app.valkey.stop(), lambda whole: whole.app.valkey.start()),
        (lambda whole: whole.app.valkey.kill(), lambda whole: whole.app.valkey.start()),
        (lambda whole: whole.app.valkey.pause(), lambda whole: whole.app.valkey.resume()),
    ],
    ids=["stopped", "killed", "hung"],
)
def test_events_wait_while_redis_is_away(
    whole: Whole, member: Phone, fail: Callable[[Whole], None], heal: Callable[[Whole], None]
) -> None:
    fail(whole)
    took = [ask(whole, member) for _ in range(5)]
    assert max(took) < 1.0
    heal(whole)
    answered(member, 5, within=2 * SWEEP)


def test_wiped_wake_ups_are_found_by_the_sweep(whole: Whole, member: Phone) -> None:
    whole.processes.stop("worker-chat")
    for _ in range(5):
        ask(whole, member)
    with Redis.from_url(whole.app.redis_url) as redis:
        redis.flushall()
    whole.processes.start("worker-chat")
    answered(member, 5, within=2 * SWEEP)
