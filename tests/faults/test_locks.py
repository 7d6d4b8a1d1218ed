"""Somebody holds a table or a row, for longer than any limit: nobody is stuck for longer, and nobody stays so.

A tenth of the ten seconds, half minute and minute for which it was tried by hand (`LOCKED_FOR=10`).
"""

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

import psycopg
import pytest
from psycopg import sql

from tests.faults.acting import LATER, TH, answered, ask, pay, pids, web, webhook
from tests.fixtures.servers import libpq
from tests.fixtures.waiting import eventually
from tests.stories.whole import Phone, Whole, held, words

SCALE = float(os.environ.get("LOCKED_FOR", "1"))
PEOPLE = 10 if SCALE == 1 else 40
EACH_EVENT = 0.2
"""Seconds that one event of a person who has asked many times may take, one after the other."""
EACH = 2.0
"""Seconds within which everybody has an answer whom the lock does not concern."""
TABLES = [("inbox", 6.2), ("loyalty_profiles", 2.7), ("sends", 1.0), ("clinics", 2.7)]


@contextmanager
def holding(whole: Whole, statement: str, *values: object) -> Iterator[None]:
    """Somebody's transaction, outside of the product, that has said this and ends with the block."""
    with psycopg.connect(libpq(whole.app.database_url)) as other:
        other.execute(sql.SQL(statement), values)
        yield
        other.rollback()


def watched(whole: Whole) -> None:
    """Who watches over it is told soon, whatever is locked."""
    with web(whole) as client:
        for path, seconds in (("/healthz", 0.5), ("/readyz", 1.0), ("/metrics", 1.5)):
            began = time.monotonic()
            answer = client.get(path)
            assert (answer.status_code, time.monotonic() - began < seconds) == (200, True), (path, answer.text)
        assert "aura_database_up 1.0" in answer.text


@pytest.fixture
def people(whole: Whole) -> list[Phone]:
    """Members, of whom nobody is concerned by a lock on `member`."""
    phones = [whole.person("Mali") for _ in range(PEOPLE)]
    for phone in phones:
        phone.follow()
        phone.tap("join")
    return phones


@pytest.mark.parametrize(("table", "seconds"), TABLES)
def test_a_locked_table_stops_nobody_for_longer_than_it_is_locked(
    whole: Whole, member: Phone, table: str, seconds: float
) -> None:
    before, until, arrived = pids(whole), time.monotonic() + seconds * SCALE, whole.arrivals()
    took: list[tuple[int, float]] = []
    with holding(whole, f"LOCK TABLE {table}"):
        ask(member)
        while time.monotonic() < until:
            took.append(webhook(whole, member))
            watched(whole)
    assert {status for status, _ in took} <= {200, 503}
    assert max(seconds for _, seconds in took) < 1.3
    taken = sum(status == 200 for status, _ in took)
    if table in ("inbox", "clinics"):
        assert not taken
    # The first one was refused and comes again, unless it is locked for longer than LINE repeats it; else it was taken.
    ask(member)
    first = SCALE == 1 or taken > 0
    stored = eventually(partial(all_stored, whole, arrived, taken + 1 + first), within=LATER)
    whole.settled(within=LATER + EACH_EVENT * stored)
    got = member.read()
    assert words(got).count(held(TH, 100)) == len(got) == stored
    assert pids(whole) == before


def all_stored(whole: Whole, before: int, least: int) -> int:
    """How many events have come since, once it is as many as that."""
    stored = whole.arrivals() - before
    return stored if stored >= least else 0


ROWS = [
    ("loyalty_profiles", "SELECT FROM loyalty_profiles WHERE customer_id = %s FOR UPDATE"),
    ("customers", "SELECT FROM customers WHERE id = %s FOR UPDATE"),
    ("line_links", "SELECT FROM line_links WHERE customer_id = %s FOR UPDATE"),
    ("inbox", "SELECT FROM inbox WHERE customer_id = %s FOR UPDATE"),
]


def customer(whole: Whole, phone: Phone) -> object:
    newest = "SELECT customer_id AS id FROM line_links ORDER BY heard_at DESC NULLS LAST LIMIT 1"
    phone.say("แต้ม")
    return whole.rows(newest)[0]["id"]


def round_of(people: list[Phone]) -> float:
    """Each of them asks and is answered once; the seconds until the last of them has the answer."""
    began = time.monotonic()
    for phone in people:
        ask(phone)
    answered(people, within=30)
    return time.monotonic() - began


@pytest.mark.parametrize("row", [row for _, row in ROWS], ids=[table for table, _ in ROWS])
def test_a_locked_person_is_passed_over(whole: Whole, member: Phone, people: list[Phone], row: str) -> None:
    before, locked = pids(whole), customer(whole, member)
    usual = round_of(people)
    until = time.monotonic() + 2.7 * SCALE
    with holding(whole, row, locked):
        ask(member)
        took = [round_of(people)]
        while time.monotonic() < until:
            took.append(round_of(people))
        early = member.read()
    assert max(took) < max(EACH, 3 * usual), (usual, took)  # the machine may be busy with something else
    if not early:  # what is only pointed at may be answered at once
        answered([member], within=LATER)
    whole.settled()
    assert member.read() == []
    tried = whole.rows("SELECT max(attempts) AS n FROM inbox WHERE customer_id = %s", locked)
    assert tried == [{"n": 0}]
    assert pids(whole) == before


def test_a_locked_clinic_is_taken_up_again(whole: Whole, member: Phone) -> None:
    """Whatever is written points at the clinic's row, so all of that clinic wait; nothing of ours locks it so."""
    with holding(whole, "SELECT FROM clinics FOR UPDATE"):
        ask(member)
        took = [webhook(whole, member) for _ in range(3)]
        watched(whole)
    assert {status for status, _ in took} == {503}
    assert max(seconds for _, seconds in took) < 1.3
    answered([member], within=LATER)


def paid(whole: Whole, customer: str, number: int) -> float:
    """The seconds until it is taken, by a till that comes again when it is told to."""
    began = time.monotonic()
    eventually(lambda: pay(whole, customer, number)[0].status_code == 200, within=2 * EACH)
    return time.monotonic() - began


def test_payments_for_a_locked_profile_are_told_so_and_others_are_taken(whole: Whole, member: Phone) -> None:
    mine = str(customer(whole, member))
    other = whole.person("Mali")
    other.follow()
    other.tap("join")
    theirs = str(customer(whole, other))
    with ThreadPoolExecutor(16) as pool, holding(whole, ROWS[0][1], mine):
        locked = [pool.submit(pay, whole, mine, number) for number in range(12)]
        eventually(lambda: whole.rows("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'"))
        free = [pool.submit(paid, whole, theirs, number) for number in range(4)]
        told = [one.result() for one in locked]
        taken = [one.result() for one in free]
    assert {one.status_code for one, _ in told} == {503}
    assert {one.headers["Retry-After"] for one, _ in told} <= {"1", "2"}  # the gate's own, where no thread was free
    assert any("Somebody else holds" in one.json()["detail"] for one, _ in told)
    assert max(taken) < EACH
    again = [pay(whole, mine, number)[0].status_code for number in range(12)]
    assert again == [200] * 12
