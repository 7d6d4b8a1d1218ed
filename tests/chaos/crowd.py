"""The people of the chaos: they write at a steady rate whatever happens, and a till takes their money.

What they send goes as LINE sends it: signed, again after a refusal, some of it twice. Answers are read from the
simulator's log of LINE's API. All times are `time.time()`, as in that log.
"""

import base64
import hashlib
import hmac
import itertools
import json
import queue
import random
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg

from local.environment import API_KEY
from tests.fixtures.installation import Installation
from tests.fixtures.servers import libpq
from tests.fixtures.waiting import eventually
from tests.payloads import MALI, aim, load

PEOPLE = 200
REDELIVERY = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Seconds until what the product refused is sent again; LINE does not say its own."""
TWICE = 0.03
"""The share of webhooks that come twice."""
ASKED = ("points", "history", "rewards")
PAYMENT_EVERY = 0.5


@dataclass
class Said:
    """One tap of one person."""

    person: str
    token: str
    event_id: str
    at: float
    tries: int = 0
    stored: float | None = None
    """When a 200 came."""


@dataclass
class Answers:
    """What came back: of each reply token, the moments at which LINE accepted and refused it."""

    accepted: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    refused: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    faulted: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """When its call met a fault that was ordered of LINE, whether or not LINE did it all the same."""
    pushed: Counter[str] = field(default_factory=Counter)
    """Retry key → how often LINE took it as new."""


class Crowd:
    """Starts when it is made; `stop` ends it and returns when nothing of it is left in flight."""

    def __init__(self, product: Installation, doors: Sequence[str], rate: float, chance: random.Random) -> None:
        self.product, self.doors, self.rate, self._chance = product, doors, rate, chance
        self.said: list[Said] = []
        self.answers = Answers()
        self.paid: set[str] = set()
        """The till's own numbers of its receipts, each told until the product said yes."""
        self.answered_through = 0.0
        self._read = 0
        self._stopping, self._giving_up = threading.Event(), threading.Event()
        self._failures: queue.Queue[BaseException] = queue.Queue()
        self._http = httpx.Client(timeout=3.0, trust_env=False, limits=httpx.Limits(max_connections=64))
        self.destination = str(self._sim("GET", "state")["channels"][0]["bot_user_id"])
        self._secret = product.plan.env["LINE_CHANNEL_SECRET"].encode()
        self.customers: dict[str, UUID] = {}
        """Person → the customer's id."""
        self.people = [
            str(self._sim("POST", "people", {"name": "Mali", "language": "th"})["user_id"]) for _ in range(PEOPLE)
        ]
        self._pool = ThreadPoolExecutor(64, thread_name_prefix="chaos")
        self._threads = [
            threading.Thread(target=self._guarded, args=(each,)) for each in (self._talk, self._pay, self._listen)
        ]

    def join(self) -> None:
        """Everybody follows and becomes a member, in peace."""
        for person in self.people:
            self._sim("POST", f"people/{person}/follow", {})
        eventually(lambda: self._count("line_links") >= PEOPLE, within=120)
        joins = [self._event(person, "join") for person in self.people]
        self._know(joins)
        list(self._pool.map(lambda one: self._post(*one), joins))
        eventually(lambda: self._count("loyalty_profiles") >= PEOPLE, within=120)
        of = dict(self.rows("SELECT event_key, customer_id FROM inbox"))
        self.customers = {said.person: of[said.event_id] for said, _ in joins}

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """What the database says now, over a connection of this look alone: the server may have gone since."""
        with psycopg.connect(libpq(self.product.database_url), autocommit=True) as database:
            return database.execute(query.encode(), values).fetchall()

    def _count(self, table: str) -> int:
        return int(self.rows(f"SELECT count(*) FROM {table}")[0][0])

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def check(self) -> None:
        """Raises what ended one of the crowd's threads: a measurement without its people says nothing."""
        if not self._failures.empty():
            raise self._failures.get()

    def stop(self) -> None:
        """No more is said; what was said is delivered, and what was answered is read."""
        self._end()
        self.check()

    def give_up(self) -> None:
        """Ends it wherever it stands: something else has failed, and nobody will read its answers."""
        self._giving_up.set()
        self._end()

    def _end(self) -> None:
        self._stopping.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()
        self._pool.shutdown(wait=True)

    def read_answers(self) -> None:
        """Takes over what the log has gained since the last look."""
        now = time.time()
        for entry in self._sim("GET", "log", after=self._read)["entries"]:
            self._read = int(entry["n"])
            if entry["kind"] != "api":
                continue
            at = datetime.fromisoformat(entry["at"]).timestamp()
            if entry["path"] == "/v2/bot/message/reply":
                kept = self.answers.accepted if entry["status"] == 200 else self.answers.refused
                token = str((entry["body"] or {}).get("replyToken"))
                kept[token].append(at)
                if entry["fault"]:
                    self.answers.faulted[token].append(at)
            elif entry["path"] == "/v2/bot/message/push" and entry["status"] == 200:
                self.answers.pushed[entry["headers"].get("X-Line-Retry-Key", "")] += 1
        self.answered_through = now

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            self._failures.put(error)
            raise

    def _talk(self) -> None:
        """Taps arrive independently of each other, at `rate` a second; a second of them is prepared at a time."""
        due = time.time()
        while not self._stopping.is_set():
            batch = [
                self._event(self._chance.choice(self.people), self._chance.choice(ASKED)) for _ in range(int(self.rate))
            ]
            self._know(batch)
            for said, body in batch:
                due = max(due + self._chance.expovariate(self.rate), time.time() - 1)
                time.sleep(max(0.0, due - time.time()))
                said.at = time.time()
                self.said.append(said)
                self._pool.submit(self._guarded, partial(self._post, said, body))

    def _event(self, person: str, data: str) -> tuple[Said, bytes]:
        body = aim(
            load("line/postback.json"), destination=self.destination, people={MALI: person}, at=datetime.now(UTC)
        )
        event = body["events"][0]
        event["postback"]["data"] = data
        return Said(person, event["replyToken"], event["webhookEventId"], time.time()), json.dumps(body).encode()

    def _know(self, batch: Sequence[tuple[Said, bytes]]) -> None:
        self._sim("POST", "reply-tokens", {"tokens": {said.token: said.person for said, _ in batch}})

    def _post(self, said: Said, body: bytes) -> None:
        """Delivers one webhook until a 200 comes, by another door each time."""
        signature = base64.b64encode(hmac.digest(self._secret, body, hashlib.sha256)).decode()
        headers = {"Content-Type": "application/json", "X-Line-Signature": signature}
        copies = 2 if self._chance.random() < TWICE else 1
        while copies and not self._giving_up.is_set():
            door = self.doors[(hash(said.token) + said.tries) % len(self.doors)]
            wait = REDELIVERY[min(said.tries, len(REDELIVERY) - 1)]
            said.tries += 1
            try:
                status = self._http.post(f"{door}/webhooks/line/aura", content=body, headers=headers).status_code
            except httpx.TransportError:
                status = 0
            if status == 200:
                said.stored = said.stored or time.time()
                copies -= 1
            elif status not in (0, 408, 503):
                raise AssertionError(f"a webhook was answered {status}")
            else:
                time.sleep(wait)

    def _pay(self) -> None:
        """One receipt after the other; each is told again, with its key, until the product has it."""
        key = self.product.plan.env[API_KEY]
        while not self._stopping.wait(PAYMENT_EVERY):
            receipt, person = str(uuid4()), self._chance.choice(self.people)
            told = {
                "customerId": f"ext:line:{person}", "id": receipt, "source": "till", "serviceCode": "HydraFacial",
                "amount": str(self._chance.randint(100, 5_000)), "paidAt": datetime.now(UTC).isoformat(),
            }  # fmt: skip
            headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": receipt}
            for tries in itertools.takewhile(lambda _: not self._giving_up.is_set(), itertools.count()):
                door = self.doors[tries % len(self.doors)]
                try:
                    answer = self._http.post(f"{door}/api/loyalty/payments", json=told, headers=headers)
                except httpx.TransportError:
                    time.sleep(0.5)
                    continue
                if answer.is_success:
                    break
                if answer.status_code not in (409, 429, 503):
                    raise AssertionError(f"the till was answered {answer.status_code} {answer.text}")
                time.sleep(0.5)
            self.paid.add(receipt)

    def _listen(self) -> None:
        while not self._stopping.wait(1.0):
            self.read_answers()

    def _sim(self, method: str, path: str, body: Any = None, **query: object) -> dict[str, Any]:
        answer = self.product.simulator.request(
            method, f"/sim/{path}", json=body, params={k: str(v) for k, v in query.items()}
        )
        answer.raise_for_status()
        return dict(answer.json())
