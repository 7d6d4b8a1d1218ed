"""Workers are killed at every moment of their work: in LINE each follow-up arrives once, none twice, none is lost."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from followups import planner
from local.child import CHECKOUT
from models.clinics import Clinic
from models.customers import LineLink
from runtime.context import Runtime
from runtime.settings import Settings
from tests.fixtures.clinic import NOW, At
from tests.fixtures.running import RunningSimulator
from tests.followups.post import DAY, Post

AT = NOW + 3 * DAY
"""11:30 in Bangkok."""
MINUTE = timedelta(minutes=1)
STEPS = 14
"""Fewer moments would not be all: claim, judging, what is written, the send, its lease, the calls, their ends. Where
both calls end at once their ends are recorded in one transaction, which is two moments less."""


@dataclass
class Worker:
    process: "subprocess.Popen[str]"

    def order(self, at: datetime, *, dies_after: int = 0, batch: int = 200) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"at": at.isoformat(), "dies_after": dies_after, "batch": batch}) + "\n")
        self.process.stdin.flush()

    def ended(self) -> tuple[bool, list[str]]:
        """Whether it was killed, and the moments that it lived through."""
        assert self.process.stdout is not None
        told: dict[str, Any] = json.loads(self.process.stdout.readline())
        return told["killed"], told["moments"]


@pytest.fixture
def post(session: Session, runtime: Runtime, clinic: Clinic, simulator: RunningSimulator) -> Post:
    made = Post(session, runtime, clinic, simulator)
    made.rule("appointment_reminder")
    return made


@pytest.fixture
def workers(settings: Settings, post: Post) -> Iterator[Callable[[], Worker]]:
    access = [post.simulator.channel_id, post.simulator.channel_secret]
    needed = {
        "app_env": "development", "database_url": settings.database_url, "redis_url": settings.redis_url,
        "secret_keys": settings.secret_keys.get_secret_value(), "index_key": settings.index_key.get_secret_value(),
        "line_api_base": post.simulator.url,
    }  # fmt: skip
    given = {"settings": needed, "clinic": str(post.clinic.id), "slug": post.clinic.slug, "access": access}
    with ExitStack() as kept:

        def start() -> Worker:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.followups.dying"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=CHECKOUT,
            )  # fmt: skip
            kept.enter_context(process)
            kept.callback(process.kill)
            assert process.stdin is not None
            process.stdin.write(json.dumps(given) + "\n")
            return Worker(process)

        yield start


def booked(post: Post, people: list[LineLink], number: int) -> datetime:
    """Everybody is to be reminded then, with words of their own time."""
    at = AT + number * MINUTE
    for link in people:
        post.tell(link, f"{link.customer_id}-{number}", "booked", at, NOW)
    while planner.step(replace(post.runtime, clock=At(NOW)), post.clinic.id):
        pass
    return at - DAY


def test_whenever_it_is_killed_each_arrives_once(post: Post, workers: Callable[[], Worker]) -> None:
    people, worker = [post.friend("Mali"), post.friend("Ken")], workers()
    number, killed, died_at = 0, True, list[str]()
    while killed:
        number += 1
        due = booked(post, people, number)
        worker.order(due, dies_after=number)
        killed, moments = worker.ended()
        died_at.append(moments[-1])
        post.say(due)
        post.leave(due)
        assert [len(post.arrived(link)) for link in people] == [number] * 2, (number, moments)
        assert post.fates() == [("sent", None)] * 2 * number, (number, moments)
        assert {state for state, _ in post.sends()} == {"sent"}, (number, moments)
    assert number > STEPS
    assert {
        "WITH oldest AS",
        "before it is written",
        "INSERT INTO sends",
        "before the commit",
        "after the commit",
    } <= set(died_at)
    assert {"before the call", "after the call"} <= set(died_at)


@pytest.mark.parametrize("dies_after", [0, 4, 9])
def test_two_at_once_say_it_once(post: Post, workers: Callable[[], Worker], dies_after: int) -> None:
    """One of them is killed, or none."""
    people = [post.friend() for _ in range(20)]
    first, second = workers(), workers()
    due = booked(post, people, 1)
    first.order(due, batch=2, dies_after=dies_after)
    second.order(due, batch=2)
    (killed, moments), (unharmed, _) = first.ended(), second.ended()
    assert (killed, unharmed) == (len(moments) == dies_after, False)
    post.say(due)
    post.leave(due)
    assert [len(post.arrived(link)) for link in people] == [1] * len(people)
    assert post.fates() == [("sent", None)] * len(people)
