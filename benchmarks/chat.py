"""Event → answer at LINE's endpoint: how many a second, how long a customer waits, and what it costs the processor."""

import random
import statistics
import subprocess

from rq import Queue, Worker

from benchmarks import by_hand
from benchmarks.load import arriving, sustained
from benchmarks.people import SLUG, Request, crowd
from benchmarks.report import Round, Row, numbered, percentile, rates
from benchmarks.stage import Stage, processor, until
from runtime.wake import Waker
from workers.jobs import drain

EVENTS = 600
ROUNDS = 5
SLOW_MS = 50
"""What LINE's own endpoint takes."""
BUSY_RATE, QUIET_RATE = 80.0, 5.0
"""Customers a second, fixed: at a share of what a machine can do, a faster program would be asked for more."""
LATENCY_SECONDS = 20.0
BEFORE_MS = {"sustained": 6.9, "quiet": 13.4}
"""Of processor for one event at commit e6ed929, on the machine of docs/performance.md at a load of 10 on two cores."""

_COLUMNS = (
    "id, clinic_id, source, event_key, actor_index, type, message_id, occurred_at, raw_sealed, state, due_at, holds, "
    "attempts"
)


def run(stage: Stage, people: list[str]) -> list[Row]:
    """The backlog comes in through the real webhook, with nobody there to answer yet."""
    stage.empty()
    web = stage.start_web()
    backlog = crowd(people, EVENTS, stage.port)
    sustained(stage.port, backlog)
    stage.redis.flushdb()
    stage.database.execute("CREATE TABLE backlog AS SELECT * FROM inbox")
    stage.empty()  # a worker that starts looks at once, and would answer what is to be answered later
    worker = stage.start_chat()
    rows = [*_sustained(stage, worker, backlog), _behind_a_slow_door(stage, backlog)]
    stage.database.execute("DROP TABLE backlog")
    rows += [_waiting(stage, worker, people, rate) for rate in (BUSY_RATE, QUIET_RATE)]
    stage.stop(worker)
    stage.stop(web)
    return rows


def _sustained(stage: Stage, worker: subprocess.Popen[bytes], backlog: list[Request]) -> list[Row]:
    tokens = {request.key: request.token for request in backlog}
    rounds, costs = [], []
    for number in numbered(ROUNDS):
        ours, cost = _drained(stage, worker, backlog)
        clinic_id = stage.one("SELECT id FROM clinics WHERE slug = %s", SLUG)
        size = stage.one("SELECT avg(octet_length(body_sealed))::int FROM replies")
        _restore(stage)
        by_hand.answer_all(stage.dsn, stage.line.port, clinic_id, tokens, size)
        limit = _rate(stage, backlog)
        if number:
            rounds.append(Round(ours, limit))
            costs.append(cost)
            print(f"chat {number}/{ROUNDS}: {ours:,.0f}/s at {cost:.2f} ms each, by hand {limit:,.0f}/s")
    return [
        rates(f"chat: event → answer at LINE's endpoint, {EVENTS} waiting customers", rounds, "/s", 1.0),
        _cost("chat: processor time an event, sustained", costs, BEFORE_MS["sustained"], 0.3),
    ]


def _behind_a_slow_door(stage: Stage, backlog: list[Request]) -> Row:
    stage.line.takes(SLOW_MS)
    rates_ = [_drained(stage, None, backlog)[0] for _ in range(3)]
    stage.line.takes(0)
    rate = statistics.median(rates_)
    return Row(
        f"chat: one worker, LINE's endpoint takes {SLOW_MS} ms",
        f"{rate:,.0f} [{min(rates_):,.0f} - {max(rates_):,.0f}] /s",
        f"one call after the other {1000 / SLOW_MS:,.0f}/s",
        f"{rate * SLOW_MS / 1000:.1f}",
        "≥ 150/s",
        rate >= 150,
    )


def _drained(stage: Stage, worker: subprocess.Popen[bytes] | None, backlog: list[Request]) -> tuple[float, float]:
    """The worker answers everything; answers a second, and milliseconds of processor for each."""
    _restore(stage)
    before = processor(worker.pid) if worker else 0.0
    Waker(stage.settings.redis_url, drain).wake("chat", force=True)
    rate = _rate(stage, backlog)
    return rate, 1000 * (processor(worker.pid) - before) / len(backlog) if worker else 0.0


def _cost(name: str, costs: list[float], before: float, goal: float) -> Row:
    cost = statistics.median(costs)
    ratio = cost / before
    return Row(
        name,
        f"{cost:.2f} [{min(costs):.2f} - {max(costs):.2f}] ms",
        f"e6ed929: {before} ms",
        f"{ratio:.2f}",
        f"≤ {goal:g}",
        ratio <= goal,
    )


def _restore(stage: Stage) -> None:
    """The same events wait again; nothing was answered, and no worker is about to look."""
    _rest(stage)
    stage.empty()
    stage.line.forget()
    stage.database.execute(
        # Received now: an event that has waited for a minute is not answered by its token any more.
        f"INSERT INTO inbox ({_COLUMNS}, received_at) SELECT {_COLUMNS}, now() FROM backlog ORDER BY arrival".encode()
    )
    stage.database.execute("ANALYZE inbox, replies")


def _rest(stage: Stage) -> None:
    """Waits until the worker is idle and stays so: a drain that found much has woken a second one."""
    queue, quiet = Queue("chat", connection=stage.redis), 0

    def resting() -> bool:
        nonlocal quiet
        idle = all(worker.get_state() == "idle" for worker in Worker.all(connection=stage.redis))
        quiet = quiet + 1 if idle and queue.is_empty() else 0
        return quiet >= 5

    until(resting, "an idle worker")


def _rate(stage: Stage, backlog: list[Request]) -> float:
    """Answers a second from the first to the last at the endpoint, when all have come, each once, and are settled."""
    settle(stage, len(backlog))
    arrivals = stage.line.exactly_once({request.token for request in backlog})
    return (len(arrivals) - 1) / (arrivals[-1][0] - arrivals[0][0])


def settle(stage: Stage, count: int, within: float = 60.0) -> None:
    """Waits until this many answers came; then every event is done and every answer recorded."""
    until(lambda: stage.line.count() >= count, f"{count} answers", within)
    open_ = "SELECT (SELECT count(*) FROM inbox WHERE state <> 'done') + count(*) FROM replies WHERE state <> 'sent'"
    until(lambda: not stage.one(open_), "every answer's record", within)


def _waiting(stage: Stage, worker: subprocess.Popen[bytes], people: list[str], rate: float) -> Row:
    """Customers come independently of each other, through the real webhook."""
    chance = random.Random(7)
    offsets = [chance.expovariate(rate)]
    while offsets[-1] < LATENCY_SECONDS:
        offsets.append(offsets[-1] + chance.expovariate(rate))
    stage.empty()
    stage.line.forget()
    _warm(stage, crowd(people, 50, stage.port))
    _rest(stage)
    requests, before = crowd(people, len(offsets), stage.port), processor(worker.pid)
    left = arriving(stage.port, requests, offsets)
    settle(stage, len(requests))
    cost = 1000 * (processor(worker.pid) - before) / len(requests)
    came = {token: at for at, token in stage.line.exactly_once({request.token for request in requests})}
    waits = [1000 * (came[request.token] - at) for request, at in zip(requests, left, strict=True)]
    median, slow = statistics.median(waits), percentile(waits, 0.99)
    print(f"chat: {len(waits)} customers at {rate:,.0f}/s, worst {max(waits):,.0f} ms, {cost:.2f} ms each")
    if rate == QUIET_RATE:
        return _cost(f"chat: processor time an event, {rate:,.0f} a second", [cost], BEFORE_MS["quiet"], 0.6)
    return Row(
        f"chat: webhook POST → answer at LINE's endpoint, {rate:,.0f} customers a second",
        f"median {median:,.0f} ms, p99 {slow:,.0f} ms",
        f"{cost:.2f} ms of processor each",
        "-",
        "median < 30 ms, p99 < 100 ms",
        median < 30 and slow < 100,
    )


def _warm(stage: Stage, requests: list[Request]) -> None:
    sustained(stage.port, requests, connections=2)
    settle(stage, len(requests))
    stage.empty()
    stage.line.forget()
