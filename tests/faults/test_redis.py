"""Redis carries wake-ups only: whatever becomes of it, answers go on, nobody restarts, and nothing is doubled."""

import contextlib
import re
import statistics
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import httpx
import pytest
from redis import Redis
from redis.exceptions import RedisError
from rq import Worker

from runtime.language import Language
from tests.fixtures.installation import Installation
from tests.fixtures.waiting import eventually
from tests.payloads import MALI, aim, load
from tests.stories.whole import Phone, Whole, held, words

TH = Language("th")
MESSAGES = 20
EVERY = 0.2
"""Seconds between two of them."""
MEDIAN = 2.0
ENDS = 3.0
"""Seconds from SIGTERM: one answer of a hung Redis, and the interpreter's own end."""
PASSWORD = "another one"
WORKERS = ("worker-chat", "worker-send", "worker-slow")
PRODUCT = ("web", *WORKERS)


@contextlib.contextmanager
def commands(whole: Whole, **options: str) -> Iterator[Redis]:
    with Redis.from_url(whole.app.redis_url, **options) as redis:
        yield redis


@dataclass(frozen=True)
class Fault:
    """What becomes of Redis, how it is mended, and whether it takes nothing meanwhile."""

    begin: Callable[[Whole], None]
    mend: Callable[[Whole], None]
    away: bool = True


def fill(whole: Whole) -> None:
    with commands(whole) as redis:
        redis.config_set("maxmemory", 1)


def give_memory(whole: Whole) -> None:
    with commands(whole) as redis:
        redis.config_set("maxmemory", 0)


def lock_out(whole: Whole) -> None:
    """Who is connected stays so whatever the password; so they are thrown out."""
    with commands(whole) as redis:
        redis.config_set("requirepass", PASSWORD)
        redis.client_kill_filter(_type="normal", skipme=True)


def let_in(whole: Whole) -> None:
    with commands(whole, password=PASSWORD) as redis:
        redis.config_set("requirepass", "")


def wipe(whole: Whole) -> None:
    with commands(whole) as redis:
        redis.flushall()


def restart(whole: Whole) -> None:
    whole.app.valkey.kill()
    whole.app.valkey.start()


FAULTS = {
    "stopped": Fault(lambda whole: whole.app.valkey.stop(), lambda whole: whole.app.valkey.start()),
    "hung": Fault(lambda whole: whole.app.valkey.pause(), lambda whole: whole.app.valkey.resume()),
    "full": Fault(fill, give_memory),
    "locked": Fault(lock_out, let_in),
    "wiped": Fault(wipe, lambda _: None, away=False),
    "restarted": Fault(restart, lambda _: None, away=False),
}


class Talk:
    """A member who asks again and again, and how long each answer took: one person's come in their order."""

    def __init__(self, member: Phone) -> None:
        self.member, self.whole = member, member.whole
        self.waiting: deque[float] = deque()
        self.asked = 0
        self.took: list[float] = []
        self.answers: list[dict[str, object]] = []

    def ask(self) -> None:
        """Posts a question, really signed; it must be taken within a second."""
        body = aim(
            load("line/message-text.json"),
            destination=self.whole.destination,
            people={MALI: self.member.user_id},
            at=self.whole.now(),
        )
        began = time.monotonic()
        self.waiting.append(began)
        self.asked += 1
        assert self.whole.post(body) == (200, "{}")
        assert time.monotonic() - began < 1.0

    def listen(self) -> bool:
        """Whether every question is answered."""
        for answer in self.member.read():
            self.answers.append(answer)
            self.took.append(time.monotonic() - self.waiting.popleft())
        return not self.waiting

    def go_on(self, times: int = MESSAGES) -> list[float]:
        """Asks so many times, one after the other whether answered or not; how long these answers took."""
        first = len(self.took)
        for _ in range(times):
            self.ask()
            pause = time.monotonic() + EVERY
            while time.monotonic() < pause:
                self.listen()
        eventually(self.listen, within=20)
        return self.took[first:]

    def once_each(self) -> None:
        self.whole.settled()
        self.listen()
        assert len(self.answers) == self.asked
        assert words(self.answers).count(held(TH, 100)) == self.asked


@pytest.fixture(scope="module")
def _undivided(_installation: Installation) -> Iterator[None]:
    _installation.healthy()
    with _installation.processes.told(*PRODUCT, TIMING_DIVISOR="1"):
        yield


@pytest.fixture
def talk(_undivided: None, whole: Whole, member: Phone) -> Iterator[Talk]:
    """Processes with the product's own times: what is said in seconds is measured in seconds."""
    eventually(lambda: at_work(whole) >= set(WORKERS), within=30)
    yield Talk(member)
    give_back(whole)


def give_back(whole: Whole) -> None:
    """A test that failed in its fault leaves a Redis that others can use."""
    whole.app.valkey.resume()
    if whole.app.valkey.process is None:
        whole.app.valkey.start()
    for mend in (let_in, give_memory):
        with contextlib.suppress(RedisError):  # whoever is not locked out cannot be let in
            mend(whole)


def at_work(whole: Whole) -> set[str]:
    """The workers whose loop of RQ's runs, as Redis knows it."""
    with commands(whole) as redis:
        known = {worker.pid for worker in Worker.all(connection=redis)}
    return {name for name in WORKERS if whole.processes.pid(name) in known}


def said(whole: Whole, name: str, after: int) -> list[str]:
    """What the process has logged of Redis since: `away` or `back`."""
    return re.findall("redis is (away|back)", whole.processes.log(name)[after:])


@pytest.mark.parametrize("fault", FAULTS.values(), ids=list(FAULTS))
def test_answers_go_on_whatever_becomes_of_redis(
    whole: Whole, talk: Talk, fault: Fault, record_property: Callable[[str, object], None]
) -> None:
    before = {name: whole.processes.pid(name) for name in PRODUCT}
    logged = {name: len(whole.processes.log(name)) for name in PRODUCT}
    talk.go_on(3)
    fault.begin(whole)
    took = talk.go_on()
    record_property("median and longest", (statistics.median(took), max(took)))
    assert statistics.median(took) <= MEDIAN
    ready = httpx.get(f"{whole.app.url}/readyz", trust_env=False)
    assert (ready.status_code, ready.json()["redis"]) == (200, "away" if fault.away else "ok")
    fault.mend(whole)
    took = talk.go_on(10)
    record_property("afterwards", (statistics.median(took), max(took)))
    assert statistics.median(took) <= MEDIAN
    eventually(lambda: at_work(whole) == set(WORKERS), within=20)
    talk.once_each()
    assert all(whole.processes.alive(name) for name in PRODUCT)
    assert before == {name: whole.processes.pid(name) for name in PRODUCT}
    if fault.away:
        # The web tries it again every five seconds, and may have nobody to try it for.
        eventually(lambda: all(said(whole, name, logged[name]) == ["away", "back"] for name in PRODUCT))


@pytest.mark.parametrize("name", [name for name, fault in FAULTS.items() if fault.away])
def test_a_worker_ends_and_begins_whatever_has_become_of_redis(whole: Whole, talk: Talk, name: str) -> None:
    FAULTS[name].begin(whole)
    talk.go_on(5)  # until nobody can have missed that it is away
    began = time.monotonic()
    assert whole.processes.stop("worker-chat") == {"worker-chat": 0}
    assert time.monotonic() - began < ENDS
    whole.processes.start("worker-chat")
    talk.ask()
    eventually(talk.listen, within=20)  # the process begins
    assert statistics.median(talk.go_on(5)) <= MEDIAN
    FAULTS[name].mend(whole)
    eventually(lambda: "worker-chat" in at_work(whole), within=20)
    talk.go_on(3)
    talk.once_each()


def test_wiped_wake_ups_are_found_by_a_look(whole: Whole, member: Phone) -> None:
    talk = Talk(member)
    whole.processes.stop("worker-chat")
    for _ in range(5):
        talk.ask()
    wipe(whole)
    whole.processes.start("worker-chat")
    eventually(talk.listen, within=30)
    talk.once_each()
