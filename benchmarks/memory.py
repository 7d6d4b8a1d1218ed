"""Whether the processes grow: resident size of web server and chat worker while events pass through both."""

import statistics
import time
from dataclasses import dataclass

from benchmarks.chat import settle
from benchmarks.load import sustained
from benchmarks.people import crowd
from benchmarks.report import Row
from benchmarks.stage import Stage, family, resident, until

FIRST = 5_000
"""Before this many events caches still fill."""
STEP = 500
GOAL = 64
"""Bytes an event: what is not kept for good would be more."""


@dataclass(frozen=True)
class Sample:
    events: int
    web: int
    chat: int


def run(stage: Stage, people: list[str], events: int, within: float) -> list[Row]:
    """Both processes are started fresh. At most `STEP` events wait at a time, so that the two keep pace."""
    stage.empty()
    stage.line.forget()
    stage.redis.flushdb()
    web, worker = stage.start_web(), stage.start_chat()
    samples: list[Sample] = []
    began = time.monotonic()
    for done in range(STEP, events + 1, STEP):
        requests = crowd(people, STEP, stage.port)
        sustained(stage.port, requests)
        settle(stage, STEP)
        stage.line.exactly_once({request.token for request in requests})
        stage.line.forget()
        samples.append(Sample(done, resident(family(web.pid)), resident(family(worker.pid))))
        if done % 2_500 == 0:
            last = samples[-1]
            print(f"memory {done:,}/{events:,}: web {_mb(last.web)}, chat {_mb(last.chat)}")
        spent = time.monotonic() - began
        if spent > within and done >= FIRST + 4 * STEP:
            print(f"memory: stopped after {spent:.0f} s")
            break
        if spent > 2 * within:
            raise TimeoutError(f"{done:,} events took {spent:.0f} s: this machine is too busy to measure on")
    until(lambda: not stage.one("SELECT count(*) FROM replies WHERE state = 'open'"), "settled answers")
    stage.stop(worker)
    stage.stop(web)
    counted = [sample for sample in samples if sample.events >= FIRST]
    return [
        _row("web", [(sample.events, sample.web) for sample in counted]),
        _row("chat worker", [(sample.events, sample.chat) for sample in counted]),
    ]


def _row(name: str, sizes: list[tuple[int, int]]) -> Row:
    slope = statistics.linear_regression(*zip(*sizes, strict=True)).slope if len(sizes) > 2 else 0.0
    return Row(
        f"memory: {name}, event {sizes[0][0]:,} → {sizes[-1][0]:,}",
        f"{_mb(sizes[0][1])} → {_mb(sizes[-1][1])}, {slope:+,.0f} bytes an event",
        "0 bytes an event",
        "-",
        f"≤ {GOAL} bytes an event",
        slope <= GOAL,
    )


def _mb(size: int) -> str:
    return f"{size / 2**20:.1f} MB"
