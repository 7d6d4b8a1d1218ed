"""What goes wrong: kills, locks, cuts, hangs and floods, each with how long it lasts and whom it may concern."""

import contextlib
import random
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import psycopg
from psycopg import sql

from local.server import Running
from tests.fixtures.installation import Installation
from tests.fixtures.servers import libpq

AFTER_KILL = 5.0
"""Seconds for which a kill of PostgreSQL, of Redis or of a web server may concern everybody."""

Begin = Callable[[random.Random], contextlib.AbstractContextManager[str]]
Whom = Literal["everybody", "person", "called", "underway", "nobody"]
"""`person`: the one whose row is locked. `called`: those whose own call to LINE met the fault. `underway`: those who
had written and were not answered when it began: the process that was killed may have had their call."""


@dataclass(frozen=True)
class Trouble:
    """`begin` returns at once and is undone when its block ends, `lasts` seconds later."""

    name: str
    whom: Whom
    lasts: tuple[float, float]
    """The shortest and the longest."""
    begin: Begin
    """Yields the person it concerns, empty where it is not one."""
    kills: bool = False
    after: float = 0.0
    """How many seconds beyond its end it may concern them."""
    may: Callable[[], bool] = lambda: True
    """Whether it may begin."""


def troubles(product: Installation, customers: Mapping[str, UUID], doors: Sequence[str]) -> list[Trouble]:
    """All of them; the more often one stands here, the more often it comes. `customers`: person → customer's id.

    There are two web processes and two chat workers so that one may be lost: one is killed while its twin is at work.
    Where both are lost, whoever writes waits for the start of a process, which is no promise of the two.
    """
    webs = [name for name in product.processes.names if name.startswith("web")]
    chats = [name for name in product.processes.names if name.startswith("worker-chat")]
    open_, both = partial(_open, doors), partial(_at_work, product, chats)
    killed = [
        Trouble(f"kill {name}", "everybody", (0.5, 0.5), _process(product, name), True, AFTER_KILL, open_)
        for name in webs
    ]
    killed += [
        Trouble(f"kill {name}", "underway", (0.5, 0.5), _process(product, name), True, 0, both) for name in chats
    ]
    killed += [
        Trouble(f"kill {name}", "underway", (0.5, 0.5), _process(product, name), kills=True)
        for name in product.processes.names
        if name not in (*webs, *chats, "simulator")
    ]
    servers = [
        Trouble(f"kill {server.server.name}", "everybody", (0.5, 2.0), _server(server), kills=True, after=AFTER_KILL)
        for server in (product.postgres, product.valkey)
    ]
    hung = [
        Trouble("hang postgres", "everybody", (0.5, 3.0), _hung(product.postgres), after=AFTER_KILL),
        Trouble("hang valkey", "nobody", (2.0, 8.0), _hung(product.valkey)),
    ]
    locks = [
        *[Trouble("lock a person's profile", "person", (3.0, 20.0), _row(product, customers), after=2.0)] * 3,
        *[
            Trouble(f"lock table {table}", "everybody", (0.3, 2.0), _table(product, table), after=2.0)
            for table in ("inbox", "loyalty_profiles", "sends", "clinics")
        ],
    ]
    cuts = [Trouble("cut a connection", "nobody", (0.2, 0.2), _cut(product))] * 3
    line = [
        Trouble(f"LINE: {fault} × {times}", "called", (1.0, 6.0), _fault(product, fault, times), after=2.0)
        for fault, times in (("hang", 1), ("error_500", 3), ("timeout_after_accept", 1), ("refuse", 3))
    ]
    floods = [
        Trouble(f"flood of {count} {kind}", "nobody", (3.0, 10.0), _flood(door, count, sent))
        for door in doors for kind, count, sent in (("half bodies", 200, HALF_BODY), ("silent connections", 500, b""))
    ]  # fmt: skip
    return [*killed, *servers, *hung, *locks, *cuts, *line, *floods]


HALF_BODY = b"POST /webhooks/line/aura HTTP/1.1\r\nHost: door\r\nContent-Length: 100000\r\n\r\n{"


def _process(product: Installation, name: str) -> Begin:
    @contextlib.contextmanager
    def kill(_chance: random.Random) -> Iterator[str]:
        product.processes.kill(name)
        yield ""
        product.processes.start(name)

    return kill


def _open(doors: Sequence[str]) -> bool:
    """Whether all of them answer."""
    try:
        return all(httpx.get(f"{door}/healthz", timeout=1, trust_env=False).is_success for door in doors)
    except httpx.TransportError:
        return False


def _at_work(product: Installation, workers: Sequence[str]) -> bool:
    return all(map(product.processes.at_work, workers))


def _server(server: Running) -> Begin:
    @contextlib.contextmanager
    def kill(_chance: random.Random) -> Iterator[str]:
        server.kill()
        yield ""
        server.start()

    return kill


def _hung(server: Running) -> Begin:
    @contextlib.contextmanager
    def hang(_chance: random.Random) -> Iterator[str]:
        server.pause()
        try:
            yield ""
        finally:
            server.resume()

    return hang


def _row(product: Installation, customers: Mapping[str, UUID]) -> Begin:
    @contextlib.contextmanager
    def lock(chance: random.Random) -> Iterator[str]:
        person = chance.choice(sorted(customers))
        with psycopg.connect(libpq(product.database_url)) as other:
            other.execute("SELECT 1 FROM loyalty_profiles WHERE customer_id = %s FOR UPDATE", [customers[person]])
            yield person
            other.rollback()

    return lock


def _table(product: Installation, table: str) -> Begin:
    @contextlib.contextmanager
    def lock(_chance: random.Random) -> Iterator[str]:
        with psycopg.connect(libpq(product.database_url)) as other:
            other.execute("SET lock_timeout = '2s'")
            with contextlib.suppress(psycopg.errors.LockNotAvailable):  # then nobody was in anybody's way
                other.execute(sql.SQL("LOCK TABLE {}").format(sql.Identifier(table)))
            yield ""
            other.rollback()

    return lock


def _cut(product: Installation) -> Begin:
    @contextlib.contextmanager
    def cut(_chance: random.Random) -> Iterator[str]:
        with psycopg.connect(libpq(product.database_url), autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1"
            )
        yield ""

    return cut


def _fault(product: Installation, kind: str, times: int) -> Begin:
    @contextlib.contextmanager
    def order(_chance: random.Random) -> Iterator[str]:
        product.simulator.post("/sim/faults", json={"kind": kind, "on": "reply", "times": times, "ms": 8_000})
        yield ""
        product.simulator.delete("/sim/faults")

    return order


def _flood(door: str, count: int, sent: bytes) -> Begin:
    where = urlsplit(door)

    @contextlib.contextmanager
    def flood(_chance: random.Random) -> Iterator[str]:
        held: list[socket.socket] = []
        try:
            until = time.monotonic() + 2.0
            with contextlib.suppress(OSError):  # a server that is starting, or lets no more of them in
                while len(held) < count and time.monotonic() < until:
                    held.append(socket.create_connection((where.hostname, where.port), timeout=1.0))
                    held[-1].sendall(sent)
            yield ""
        finally:
            for line in held:
                line.close()

    return flood
