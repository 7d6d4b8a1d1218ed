"""Signed POST → stored → 200, against a bare route on the same server."""

from benchmarks.load import sustained
from benchmarks.people import SECRET, SLUG, Request, crowd
from benchmarks.report import Round, Row, numbered, rates
from benchmarks.stage import Stage

REQUESTS = 2_000
ROUNDS = 5
WARM_UP = 300


def run(stage: Stage, people: list[str]) -> list[Row]:
    """Nobody works on what is stored: this is the web server's own pace."""
    web = stage.start_web()
    clinic = stage.one("SELECT id FROM clinics WHERE slug = %s", SLUG)
    bare = stage.start_bare({"BENCH_SECRET": SECRET, "BENCH_CLINIC": str(clinic), "BENCH_DSN": stage.dsn})
    rounds, flagged = [], []
    for number in numbered(ROUNDS):
        count = REQUESTS if number else WARM_UP
        ours = _measure(stage, stage.port, crowd(people, count, stage.port))
        limit = _measure(stage, stage.bare_port, crowd(people, count, stage.bare_port))
        flag = _measure(stage, stage.bare_port, [_flag(one) for one in crowd(people, count, stage.bare_port)])
        if number:
            rounds.append(Round(ours, limit))
            flagged.append(Round(ours, flag))
            print(f"webhook {number}/{ROUNDS}: {ours:,.0f}/s, bare {limit:,.0f}/s, bare with a flag {flag:,.0f}/s")
    stage.stop(bare)
    stage.stop(web)
    return [
        rates("webhook: signed POST → stored → 200", rounds, "/s", 0.8),
        rates("the same, the bare route setting a flag instead of enqueuing", flagged, "/s", None),
    ]


def _measure(stage: Stage, port: int, requests: list[Request]) -> float:
    stage.empty()
    stage.redis.flushdb()
    rate = sustained(port, requests)
    stored = stage.one("SELECT count(*) FROM inbox")
    assert stored == len(requests), f"{len(requests)} events sent, {stored} stored"
    return rate


def _flag(request: Request) -> Request:
    return Request(request.token, request.wire.replace(b"POST /webhooks", b"POST /flag", 1))
