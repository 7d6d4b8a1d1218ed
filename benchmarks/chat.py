"""Event → answer at LINE's endpoint: how many a second, and how long a customer waits at half of that."""

import random
import statistics

from rq import Queue, Worker

from benchmarks.load import arriving, sustained
from benchmarks.people import Request, crowd
from benchmarks.report import Round, Row, numbered, percentile, rates
from benchmarks.stage import Stage, until
from benchmarks.trace import capture, replay
from runtime.wake import Waker
from workers.jobs import drain

EVENTS = 600
ROUNDS = 5
LATENCY_SECONDS = 20.0

_COLUMNS = (
    "id, clinic_id, source, event_key, actor_index, type, message_id, occurred_at, raw_sealed, state, due_at, holds, "
    "attempts"
)


def run(stage: Stage, people: list[str]) -> list[Row]:
    """The backlog comes in through the real webhook, with nobody there to answer yet."""
    stage.empty()
    web = stage.start_web()
    backlog = crowd(people, EVENTS, stage.port)
    tokens = {request.token for request in backlog}
    sustained(stage.port, backlog)
    stage.redis.flushdb()
    stage.database.execute("CREATE TABLE backlog AS SELECT * FROM inbox")
    # Twice: the first time also makes each customer's conversation, which later events find.
    for _ in range(2):
        _restore(stage)
        answered = capture(stage.settings, EVENTS)
    stage.line.exactly_once(tokens)
    worker = stage.start_chat()
    waker = Waker(stage.settings.redis_url, drain)
    rounds, alone = [], []
    for number in numbered(ROUNDS):
        _restore(stage)
        waker.wake("chat", force=True)
        ours = _rate(stage, tokens)
        _restore(stage)
        times = replay(answered, stage.dsn, stage.line.port)
        limit = _rate(stage, tokens)
        if number:
            rounds.append(Round(ours, limit))
            alone += times
            print(f"chat {number}/{ROUNDS}: {ours:,.0f}/s, pieces alone {limit:,.0f}/s")
    stage.database.execute("DROP TABLE backlog")
    typical = statistics.median(len(one.statements) for one in answered)
    later = statistics.median(one.later for one in answered)
    print(f"chat: {typical:g} statements in the event's transaction, {later:g} after it")
    rate = statistics.median(one.ours for one in rounds)
    waiting = _latency(stage, people, rate / 2, statistics.median(alone))
    stage.stop(worker)
    stage.stop(web)
    return [rates(f"chat: event → answer at LINE's endpoint, {EVENTS} waiting customers", rounds, "/s", 0.5), waiting]


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


def _rate(stage: Stage, tokens: set[str]) -> float:
    """Answers a second from the first to the last at the endpoint, when all have come, each once, and are settled."""
    settle(stage, len(tokens))
    arrivals = stage.line.exactly_once(tokens)
    return (len(arrivals) - 1) / (arrivals[-1][0] - arrivals[0][0])


def settle(stage: Stage, count: int, within: float = 60.0) -> None:
    """Waits until this many answers came; then no event may be anything but done."""
    until(lambda: stage.line.count() >= count, f"{count} answers", within)
    unsettled = stage.one("SELECT count(*) FROM inbox WHERE state <> 'done'")
    assert not unsettled, f"{unsettled} events are not done"


def _latency(stage: Stage, people: list[str], rate: float, alone: float) -> Row:
    """Customers come independently of each other, at half the sustained rate, through the real webhook."""
    chance = random.Random(7)
    offsets = [chance.expovariate(rate)]
    while offsets[-1] < LATENCY_SECONDS:
        offsets.append(offsets[-1] + chance.expovariate(rate))
    stage.empty()
    stage.line.forget()
    _warm(stage, crowd(people, 50, stage.port))
    requests = crowd(people, len(offsets), stage.port)
    left = arriving(stage.port, requests, offsets)
    settle(stage, len(requests))
    came = {token: at for at, token in stage.line.exactly_once({request.token for request in requests})}
    waits = [1000 * (came[request.token] - at) for request, at in zip(requests, left, strict=True)]
    median, slow = statistics.median(waits), percentile(waits, 0.99)
    print(f"chat: {len(waits)} customers at {rate:,.0f}/s, worst {max(waits):,.0f} ms")
    return Row(
        f"chat: webhook POST → answer at LINE's endpoint, at half load ({rate:,.0f}/s)",
        f"median {median:,.0f} ms, p99 {slow:,.0f} ms",
        f"pieces alone {1000 * alone:,.1f} ms",
        f"{1000 * alone / median:.2f}",
        "median < 50 ms, p99 < 250 ms",
        median < 50 and slow < 250,
    )


def _warm(stage: Stage, requests: list[Request]) -> None:
    sustained(stage.port, requests, connections=2)
    settle(stage, len(requests))
    stage.empty()
    stage.line.forget()
