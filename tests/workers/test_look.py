"""A worker looks for itself, beside RQ's jobs and never at the same time."""

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from local.child import CHECKOUT, end, mortal, spawn
from local.plan import FLASK
from runtime.settings import Settings
from tests.fixtures.waiting import eventually
from tests.workers.test_serve import environment
from workers.alone import Alone
from workers.serve import OVERRUN

AWAY = {"DATABASE_URL": "postgresql+psycopg://nobody@127.0.0.1:1/none", "REDIS_URL": "redis://127.0.0.1:1/0"}


BROKEN = """
import sys, threading
from dataclasses import replace
from datetime import timedelta

from app import assemble
from runtime.settings import read
from workers import look

def hangs(context):
    threading.Event().wait()

def leaves(context):
    sys.exit("a thread that ends without an error")

context = assemble(read()).context
timing = replace(context.runtime.timing, job=timedelta(seconds=1))
look.drains = {"chat": DRAIN}
look.Look(replace(context, runtime=replace(context.runtime, timing=timing)), "chat").start()
threading.Event().wait()
"""


def test_a_job_that_finds_the_thread_draining_ends_and_its_name_stays() -> None:
    alone, inside, go = Alone(), threading.Event(), threading.Event()
    done: list[str] = []

    def slowly() -> int:
        inside.set()
        assert go.wait(10)
        return 1

    thread = threading.Thread(target=lambda: alone.look("chat", slowly))
    thread.start()
    assert inside.wait(10)
    assert alone.left == []
    assert alone.job("chat", lambda: done.append("job") or 1) == 0  # type: ignore[func-returns-value]
    go.set()
    thread.join(10)
    assert (done, alone.left) == ([], ["chat"])
    assert alone.look("chat", lambda: 7) == 7
    assert alone.left == []


def test_a_look_waits_for_the_job_and_what_fails_lets_go() -> None:
    alone, inside, go = Alone(), threading.Event(), threading.Event()
    order: list[str] = []

    def slowly() -> int:
        inside.set()
        assert go.wait(10)
        order.append("job")
        raise RuntimeError

    def job() -> None:
        with pytest.raises(RuntimeError):
            alone.job("menus", slowly)

    jobs = threading.Thread(target=job)
    jobs.start()
    assert inside.wait(10)
    looks = threading.Thread(target=lambda: alone.look("send", lambda: len(order)))
    looks.start()
    assert order == []
    go.set()
    for thread in (jobs, looks):
        thread.join(10)
        assert not thread.is_alive()
    assert alone.since("send") < 10 < alone.since("profiles")
    alone.ended()


@pytest.mark.parametrize("queue", ["chat", "send", "slow"])
def test_a_worker_without_database_and_redis_stays_and_ends_when_asked(
    settings: Settings, tmp_path: Path, queue: str
) -> None:
    log = tmp_path / "worker.log"
    with log.open("wb") as output:
        env = environment(settings, APP_ENV="production", PUBLIC_URL="https://aura.example", **AWAY)
        worker = spawn(mortal([*FLASK, "worker", queue]), env=env, output=output)
        try:
            eventually(lambda: log.read_text().count("database is away") >= 1, within=60)
            assert worker.poll() is None
            began = time.monotonic()
        finally:
            status = end(worker, within=10)
        assert (status, time.monotonic() - began < 5) == (0, True)
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line["error"] for line in lines if line["event"] == "redis is away"] == ["ConnectionError"]
    assert {line["event"] for line in lines} == {"worker ready", "redis is away", "database is away"}


@pytest.mark.parametrize(
    ("drain", "said"), [("hangs", "job ran out of time"), ("leaves", "looking thread died")], ids=["hangs", "leaves"]
)
def test_a_look_that_hangs_or_dies_ends_its_process(settings: Settings, drain: str, said: str) -> None:
    env = environment(settings, APP_ENV="production", PUBLIC_URL="https://aura.example", **AWAY)
    ended = subprocess.run(
        [sys.executable, "-c", BROKEN.replace("DRAIN", drain)],
        env=env,
        cwd=CHECKOUT,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == OVERRUN
    assert json.loads(ended.stderr.splitlines()[-1])["event"] == said
