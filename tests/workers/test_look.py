"""A worker looks for itself, beside RQ's jobs and never at the same time."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import Aura
from local.child import CHECKOUT, end, mortal, spawn
from local.plan import FLASK
from runtime.settings import Settings
from tests.fixtures.waiting import eventually
from tests.workers.test_inbox import arrived
from tests.workers.test_serve import environment
from workers.alone import Alone
from workers.jobs import drains
from workers.look import Look
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


class SlowLine(BaseHTTPRequestHandler):
    """Takes a message, and says so when it is let."""

    let = threading.Event()
    came = threading.Event()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        if self.path.startswith("/v2/bot/message"):
            self.came.set()
            assert self.let.wait(60)
        said = b'{"token_type": "Bearer", "access_token": "t", "expires_in": 900}'  # none of it disturbs a message
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_said: object) -> None: ...


def test_what_lands_late_is_recorded_by_its_own_process(
    settings: Settings, session: Session, make_aura: Callable[..., Aura]
) -> None:
    """Nobody takes the jobs of its queue here, as if another worker had them."""
    line = ThreadingHTTPServer(("127.0.0.1", 0), SlowLine)
    threading.Thread(target=line.serve_forever, daemon=True).start()
    there = settings.model_copy(update={"line_api_base": f"http://127.0.0.1:{line.server_port}"})
    own = make_aura(there).context
    seldom = replace(own.runtime, timing=replace(own.runtime.timing, tick=timedelta(hours=1)))
    context = replace(own, runtime=seldom)
    look = Look(context, "chat")
    look.start()
    eventually(lambda: context.alone.since("chat") < 60)
    context.alone.ended()  # the thread's first look: it would do what is left while it is at it, in the job's place
    arrived(session, timedelta(0))
    assert context.alone.job("chat", partial(drains["chat"], context)) == 1
    assert SlowLine.came.wait(10)
    states = "SELECT string_agg(state, ',') FROM replies"
    assert session.scalar(text(states)) == "open"
    session.rollback()
    SlowLine.let.set()
    eventually(lambda: (session.rollback(), session.scalar(text(states)))[1] == "sent", within=3)  # type: ignore[func-returns-value]
    context.stopping.set()
    look.end()
    line.shutdown()
    line.server_close()


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
