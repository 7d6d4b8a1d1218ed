"""The database is away, hangs, can only be read or lets nobody in: LINE and the till are told to come again, and do.

What has come in is kept, and it goes on by itself, in the processes that there were.
"""

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.faults.acting import LATER, TH, ask, pids, tell, web, webhook
from tests.fixtures.servers import libpq
from tests.fixtures.waiting import eventually
from tests.stories.whole import Phone, Whole, held, words

AWAY = 3.0
"""Seconds."""
SAID = 3
"""Times that one process may say that the database is away: one outage may be met as two."""
Outage = Callable[[Whole], contextlib.AbstractContextManager[None]]


@contextmanager
def stopped(whole: Whole) -> Iterator[None]:
    whole.app.postgres.stop()
    yield
    whole.app.postgres.start()


@contextmanager
def killed(whole: Whole) -> Iterator[None]:
    with psycopg.connect(libpq(whole.app.database_url), autocommit=True) as administrator:
        administrator.execute("CHECKPOINT")  # the tests' server does not wait for its disk when it commits
    whole.app.postgres.kill()
    yield
    whole.app.postgres.start()


@contextmanager
def hung(whole: Whole) -> Iterator[None]:
    """Every process of it: the postmaster's own group would leave those running that have a connection."""
    assert whole.app.postgres.process
    first = whole.app.postgres.process.pid
    os.kill(first, signal.SIGSTOP)
    others = [int(pid) for pid in Path(f"/proc/{first}/task/{first}/children").read_text().split()]
    for pid in others:
        os.kill(pid, signal.SIGSTOP)
    yield
    for pid in (*others, first):
        os.kill(pid, signal.SIGCONT)


@contextmanager
def read_only(whole: Whole) -> Iterator[None]:
    with psycopg.connect(libpq(whole.app.database_url), autocommit=True) as administrator:
        administrator.execute("ALTER SYSTEM SET default_transaction_read_only = on")
        administrator.execute("SELECT pg_reload_conf()")
        yield
        administrator.execute("ALTER SYSTEM RESET default_transaction_read_only")
        administrator.execute("SELECT pg_reload_conf()")


@contextmanager
def full(whole: Whole) -> Iterator[None]:
    """Others have all of its connections, ours included."""
    ours = True
    with contextlib.ExitStack() as stack:
        while ours:
            with contextlib.suppress(psycopg.OperationalError):
                while True:
                    stack.enter_context(psycopg.connect(libpq(whole.app.database_url), autocommit=True))
            ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE starts_with(application_name, 'aura')"
            ours = bool(whole.rows(ended))
        yield


def said(whole: Whole) -> dict[str, int]:
    return {name: whole.processes.log(name).count("database is away") for name in whole.processes.names}


@pytest.mark.parametrize("outage", [stopped, killed, hung, read_only, full])
def test_nothing_is_lost_while_the_database_is_away(whole: Whole, member: Phone, outage: Outage) -> None:
    before, said_before = pids(whole), said(whole)
    took, ready = [], []
    with outage(whole):
        ask(member)
        until = time.monotonic() + AWAY
        while time.monotonic() < until:
            took.append(webhook(whole, member))
            with web(whole) as client:
                assert client.get("/healthz").status_code == 200
                began = time.monotonic()
                ready.append((client.get("/readyz").status_code, time.monotonic() - began))
        refused, waited = tell(whole)
    assert {status for status, _ in took} == {503}
    assert max(seconds for _, seconds in took) < 1.3
    assert {status for status, _ in ready} == {503}
    assert max(seconds for _, seconds in ready) < 1.5
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "2")
    assert waited < 6
    eventually(lambda: webhook(whole, member)[0] == 200, within=LATER)
    answered_twice(whole, member)
    assert tell(whole)[0].status_code in (200, 201)
    assert pids(whole) == before
    assert all(times - said_before[name] <= SAID for name, times in said(whole).items()), said(whole)


def answered_twice(whole: Whole, member: Phone) -> None:
    """What was asked before and brought again by LINE, and what was asked when it was back."""
    got = []

    def both() -> bool:
        got.extend(member.read())
        return len(got) >= 2

    eventually(both, within=2 * LATER)
    whole.settled()
    got += member.read()
    assert words(got).count(held(TH, 100)) == len(got) == 2
