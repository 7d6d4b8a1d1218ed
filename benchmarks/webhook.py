"""Signed POST → stored → 200, against a bare Flask view on the same server behind the same gate.

Signature, one INSERT, one flag that says there is work: the product seals and finds its clinic besides. A bare WSGI
function without the gate is shown beside it: what Flask and the gate cost whoever uses them.
"""

from benchmarks.load import sustained
from benchmarks.people import crowd
from benchmarks.report import Round, Row, numbered, rates
from benchmarks.stage import Stage

REQUESTS = 2_000
ROUNDS = 5
WARM_UP = 300


def run(stage: Stage, people: list[str]) -> list[Row]:
    """Nobody works on what is stored: this is the web server's own pace."""
    web = stage.start_web()
    (view, view_port), (function, function_port) = stage.start_bare(), stage.start_bare(gate=False)
    rounds, beside = [], []
    for number in numbered(ROUNDS):
        count = REQUESTS if number else WARM_UP
        ours, bare, least = (_measure(stage, port, people, count) for port in (stage.port, view_port, function_port))
        if number:
            rounds.append(Round(ours, bare))
            beside.append(Round(ours, least))
            print(f"webhook {number}/{ROUNDS}: {ours:,.0f}/s, bare Flask {bare:,.0f}/s, bare WSGI {least:,.0f}/s")
    for child in (function, view, web):
        stage.stop(child)
    return [
        rates("webhook: signed POST → stored → 200", rounds, "/s", 0.8),
        rates("the same, against a WSGI function without Flask and gate", beside, "/s", None),
    ]


def _measure(stage: Stage, port: int, people: list[str], count: int) -> float:
    stage.empty()
    stage.redis.flushdb()
    rate = sustained(port, crowd(people, count, port))
    stored = stage.one("SELECT count(*) FROM inbox")
    assert stored == count, f"{count} events sent, {stored} stored"
    return rate
