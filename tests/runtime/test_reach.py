"""One word on Redis for a whole process: who tries it, and what is said of it."""

import threading
from datetime import timedelta

from redis.exceptions import TimeoutError as Late
from structlog.testing import capture_logs

from runtime.reach import Reach

REST = timedelta(seconds=0.05)


def test_while_it_is_away_one_of_many_tries_and_the_others_do_not_wait() -> None:
    reach = Reach(timedelta(seconds=30))
    assert all(reach.allows() for _ in range(5))
    reach.failed(Late())
    assert not any(reach.allows() for _ in range(5))
    reach = Reach(REST)
    reach.failed(Late())
    threading.Event().wait(REST.total_seconds())
    assert [reach.allows() for _ in range(5)] == [True] + [False] * 4


def test_its_loss_and_its_return_are_said_once_each() -> None:
    reach = Reach(REST)
    away = []
    with capture_logs() as said:
        for _ in range(3):
            reach.failed(Late())
            away.append(reach.away)
        for _ in range(3):
            reach.heard()
            away.append(reach.away)
    assert away == [True] * 3 + [False] * 3
    assert [line["event"] for line in said] == ["redis is away", "redis is back"]
