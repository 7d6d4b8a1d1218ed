"""A job that fails is one line, as everything else is."""

import json
import logging

import pytest
import structlog
from redis import Redis
from rq import Queue

from runtime import logs
from runtime.reach import Reach
from runtime.timing import Timing
from tests.workers.failing import TYPED, fails
from workers.serve import make_worker


def test_a_job_that_fails_is_told_by_type_and_place(redis_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = structlog.get_config()
    handlers, level = list(logging.getLogger().handlers), logging.getLogger().level
    logs.configure(development=False)
    try:
        with Redis.from_url(redis_url) as redis:
            Queue("chat", connection=redis).enqueue(fails)
        make_worker("chat", redis_url, Timing(), Reach(Timing().wake_rest)).work(burst=True, logging_level="WARNING")
    finally:
        logging.getLogger().handlers, logging.getLogger().level = handlers, level
        structlog.configure(**before)
    said = capsys.readouterr()
    assert TYPED not in said.err + said.out
    lines = [json.loads(line) for line in said.err.splitlines()]
    (failed,) = [line for line in lines if line["event"] == "job failed"]
    assert (failed["error"], failed["where"]) == ("ValueError", "tests/workers/failing.py:11")
