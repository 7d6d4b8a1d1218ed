"""A worker dies in the middle of its work, again and again: everybody is answered, nobody twice."""

import contextlib
from collections import Counter
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from redis import Redis
from rq import Worker
from rq.worker import WorkerStatus

from tests.fixtures.waiting import eventually
from tests.payloads import MALI, Body, aim, load
from tests.stories.whole import Phone, Whole

PEOPLE = 40
KILLS = 4
PATIENCE = 90.0
"""A lease of 8 s and a sweep of 15 s may follow each other for the answers that a dead worker held."""


def morning(whole: Whole, phone: Phone, at: datetime) -> Body:
    """Five events of one person, one request: follows, joins, taps again, asks for points and for the history."""
    steps = [
        ("follow", ""),
        ("postback", "join"),
        ("postback", "join"),
        ("postback", "points"),
        ("postback", "history"),
    ]
    events: list[Any] = []
    for number, (name, data) in enumerate(steps):
        when = at + timedelta(milliseconds=number)
        body = aim(load(f"line/{name}.json"), destination=whole.destination, people={MALI: phone.user_id}, at=when)
        if data:
            body["events"][0]["postback"]["data"] = data
        events += body["events"]
    return {"destination": whole.destination, "events": events}


class Crowd:
    """Forty people, five events each, and what must have become of them in the end."""

    def __init__(self, whole: Whole) -> None:
        self.whole = whole
        whole.settled()
        self.people = [whole.person("Mali") for _ in range(PEOPLE)]
        self.mornings = [morning(whole, phone, whole.now()) for phone in self.people]
        self.tokens = {event["replyToken"] for body in self.mornings for event in body["events"]}
        self.events = len(self.tokens)
        self.entry = whole.last_entry()
        self.arrival = int(whole.rows("SELECT coalesce(max(arrival), 0) AS n FROM inbox")[0]["n"])
        assert self.events == 5 * PEOPLE

    def post(self, part: int = 0, parts: int = 1) -> None:
        """Posts one of `parts` equal parts of it."""
        for body in self.mornings[part * PEOPLE // parts : (part + 1) * PEOPLE // parts]:
            assert self.whole.post(body)[0] == 200

    def count(self) -> int:
        query = "SELECT count(*) AS n FROM inbox WHERE arrival > %s AND state <> 'new'"
        return int(self.whole.rows(query, self.arrival)[0]["n"])

    def handled(self, enough: int) -> bool:
        return self.count() >= enough

    def all_answered_once(self) -> None:
        rows = self.whole.rows
        states = "SELECT state, count(*) AS n FROM inbox WHERE arrival > %s GROUP BY state"
        assert rows(states, self.arrival) == [{"state": "done", "n": self.events}]
        joined = (
            "SELECT profile.total_points AS points, (SELECT count(*) FROM point_transactions line WHERE"
            " line.customer_id = profile.customer_id) AS lines FROM loyalty_profiles profile"
            " WHERE profile.customer_id IN (SELECT customer_id FROM inbox WHERE arrival > %s)"
        )
        assert rows(joined, self.arrival) == [{"points": 100, "lines": 1}] * PEOPLE
        replies = self.whole.calls("/v2/bot/message/reply", after=self.entry)
        accepted = Counter(call["body"]["replyToken"] for call in replies if call["status"] == 200)
        assert set(accepted) == self.tokens
        assert set(accepted.values()) == {1}
        assert self.whole.calls("/v2/bot/message/push", after=self.entry) == []
        for phone in self.people:
            # Greeting; welcome and the question about offers; "already a member"; points; history.
            assert len(phone.read()) == 6


@pytest.fixture
def crowd(whole: Whole) -> Crowd:
    return Crowd(whole)


def ready(whole: Whole, name: str) -> bool:
    return "worker ready" in whole.processes.log(name)


def busy(whole: Whole, names: list[str]) -> str:
    """One of these workers that is at work this moment; empty if none is."""
    with Redis.from_url(whole.app.redis_url) as redis:
        working = {worker.pid for worker in Worker.all(connection=redis) if worker.get_state() == WorkerStatus.BUSY}
    return next((name for name in names if whole.processes.pid(name) in working), "")


def test_two_hundred_events_survive_killed_workers(whole: Whole, crowd: Crowd) -> None:
    with contextlib.ExitStack() as stack:
        # Started before, because a reply token lives a minute and five starts in a row take half of it.
        workers = ["worker-chat", *(stack.enter_context(whole.processes.another("worker-chat")) for _ in range(KILLS))]
        for name in workers:
            eventually(partial(ready, whole, name), within=PATIENCE)
        unfinished = []
        for kill in range(KILLS):
            crowd.post(kill, KILLS + 1)
            victim = eventually(partial(busy, whole, workers), within=PATIENCE, every=0.001)
            whole.processes.kill(victim)
            workers.remove(victim)
            unfinished.append((kill + 1) * crowd.events // (KILLS + 1) - crowd.count())
        assert any(unfinished), "no worker was killed before its work was done"
        crowd.post(KILLS, KILLS + 1)
        whole.settled(within=PATIENCE)
    crowd.all_answered_once()


def test_two_workers_share_the_work_and_one_of_them_dies(whole: Whole, crowd: Crowd) -> None:
    whole.processes.kill("worker-chat")
    with whole.processes.another("worker-chat") as double:
        whole.processes.start("worker-chat")
        crowd.post()
        eventually(partial(crowd.handled, crowd.events // 2), within=PATIENCE, every=0.002)
        whole.processes.kill(double)
        whole.settled(within=PATIENCE)
    crowd.all_answered_once()
