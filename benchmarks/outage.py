"""LINE is away for a while, and customers go on writing: how soon those are answered who wait when it is back."""

import statistics
import threading
import time

from benchmarks.load import arriving
from benchmarks.people import crowd
from benchmarks.report import Row
from benchmarks.stage import Stage, until

RATE = 8.0
"""Customers a second."""
LASTS = (1.0, 10.0, 60.0)
LEAD_SECONDS = 2.0
"""With LINE there, before and after."""
HOW = ("silent", "gone", "broken")
GOAL_SECONDS = 2.0
OPEN = (
    "SELECT (SELECT count(*) FROM inbox WHERE state <> 'done') + (SELECT count(*) FROM replies WHERE state = 'open')"
    " + (SELECT count(*) FROM sends WHERE state = 'queued')"
)


def run(stage: Stage, people: list[str], workers: int) -> list[Row]:
    web, chat = stage.start_web(), [stage.start_chat() for _ in range(workers)]
    send = stage.start("send", "flask", "--app", "app", "worker", "send")
    rows = [_away(stage, people, how, seconds) for seconds in LASTS for how in HOW]
    for child in (*chat, send, web):
        stage.stop(child)
    return rows


def _away(stage: Stage, people: list[str], how: str, seconds: float) -> Row:
    stage.empty()
    stage.database.execute("TRUNCATE sends CASCADE")
    stage.line.forget()
    requests = crowd(people, int(RATE * (seconds + 2 * LEAD_SECONDS)), stage.port)
    offsets = [number / RATE for number in range(len(requests))]
    asking = threading.Thread(target=arriving, args=(stage.port, requests, offsets))
    began = time.monotonic()
    asking.start()
    time.sleep(LEAD_SECONDS)
    stage.line.leaves(how)
    time.sleep(began + LEAD_SECONDS + seconds - time.monotonic())
    back = stage.line.returns()
    waiting = stage.one("SELECT count(*) FROM replies WHERE state = 'open'")
    asking.join()
    until(lambda: not stage.one(OPEN), "every answer", 120.0)
    asked = {request.token: began + offset for request, offset in zip(requests, offsets, strict=True)}
    late = [at - back for at, token in stage.line.arrivals() if at > back and asked.get(token, 0.0) < back]
    lost = stage.one("SELECT count(*) FROM replies WHERE state = 'failed'")
    print(f"outage of {seconds:g} s, {how}: {waiting} wait; out after {statistics.median(late):.1f}, {max(late):.1f} s")
    return Row(
        f"LINE {how} for {seconds:g} s: what waits is out, after its return",
        f"half {statistics.median(late):.1f} s, all {max(late):.1f} s",
        f"{len(late)} waited, {lost} of unknown outcome",
        "-",
        f"≤ {GOAL_SECONDS:g} s",
        max(late) <= GOAL_SECONDS,
    )
