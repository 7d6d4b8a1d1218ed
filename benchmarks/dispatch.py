"""Saying follow-ups: reminders that are due go through every gate, are worded, sealed and written; then they are sent.

Beside it, in the same rounds: the least that PostgreSQL can be told to claim and settle the same rows with; a client
that only sends the same bodies; and one RQ job a message, as a forking worker runs it.
"""

import multiprocessing
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from multiprocessing.synchronize import Event
from typing import Any
from uuid import UUID

from rq import Queue
from sqlalchemy.orm import Session, sessionmaker

import followups.kinds  # noqa: F401 - fills the registry of kinds
from benchmarks.people import settle_in
from benchmarks.push import push
from benchmarks.report import Round, Row, numbered, percentile, rates
from benchmarks.stage import Stage
from channels.base import Channels, channels
from channels.calls import IN_FLIGHT_OF_A_CLINIC, Calls, Lane
from channels.line.channel import LineChannel
from channels.line.client import Line
from channels.outbox import Ended, Outbox
from followups import dispatch, due, fates, leaving, rules
from followups.rules import Draft
from models.clinics import Clinic
from runtime import database, limits
from runtime.clock import real
from runtime.context import Runtime
from runtime.keys import Vault
from runtime.settings import Settings
from runtime.timing import Timing
from runtime.wake import Waker

SLUG, PEOPLE, ROUNDS, JOBS = "dispatch", 1_000, 5, 150
GOAL, SENT_GOAL, RQ_GOAL, LATE_GOAL = 5_000, 0.4, 10.0, 1.0
AHEAD = 1_000_000
BODY = 1_400
"""Bytes of a reminder as it is sent."""

_DUE = (
    "DELETE FROM deliveries WHERE clinic_id = %(clinic)s",
    "DELETE FROM followup_executions WHERE clinic_id = %(clinic)s AND due_at < %(now)s",
    "DELETE FROM sends WHERE clinic_id = %(clinic)s",
    "DELETE FROM appointments WHERE clinic_id = %(clinic)s",
    """
    INSERT INTO appointments (id, clinic_id, customer_id, source, external_id, state, starts_at, state_order,
                              told_state, details_order, told_at, by_link, moved_by_customer, created_at)
    SELECT uuidv7(), clinic_id, id, 'bench', id::text, 'booked', %(now)s + interval '1 day', 1, 'booked', 1,
           %(now)s - interval '5 days', false, false, %(now)s
    FROM customers WHERE clinic_id = %(clinic)s
    """,
    """
    INSERT INTO followup_executions (id, clinic_id, rule_id, rule_version, customer_id, anchor, about_id, purpose, step,
                                     status, due_at, not_after, held, created_at)
    SELECT uuidv7(), clinic_id, %(rule)s, 1, customer_id, 'due:' || id, id, 'transactional', 0, 'planned',
           %(now)s - interval '1 minute', starts_at, 0, %(now)s
    FROM appointments WHERE clinic_id = %(clinic)s
    """,
    "ANALYZE customers, appointments, followup_executions, sends, deliveries",
)
_FUTURE = """
    INSERT INTO followup_executions (id, clinic_id, rule_id, rule_version, customer_id, anchor, about_id, purpose, step,
                                     status, due_at, not_after, held, created_at)
    SELECT uuidv7(), clinic_id, %(rule)s, 1, id, 'ahead:' || n, id, 'transactional', 0, 'planned',
           %(now)s + interval '1 day' + n * interval '2 seconds', %(now)s + interval '90 days', 0, %(now)s
    FROM (SELECT id, clinic_id, row_number() OVER () AS place FROM customers WHERE clinic_id = %(clinic)s) customer,
         generate_series(1, %(each)s) part, LATERAL (SELECT (part - 1) * %(people)s + place AS n) number
"""
_CLAIM = """
    SELECT one.id, one.customer_id FROM followup_executions one
    JOIN customers ON customers.id = one.customer_id AND customers.clinic_id = one.clinic_id
    WHERE one.clinic_id = %(clinic)s AND one.status = 'planned' AND one.due_at <= %(now)s
    ORDER BY one.due_at LIMIT %(most)s FOR NO KEY UPDATE OF one, customers SKIP LOCKED
"""
_WRITE = (
    """
    INSERT INTO sends (id, clinic_id, customer_id, channel, recipient_sealed, body_sealed, reason, state, due_at,
                       attempts, created_at)
    SELECT id, %(clinic)s, customer_id, 'line', %(address)s, %(body)s, 'appointment_reminder', 'queued', now(), 0, now()
    FROM unnest(%(ids)s::uuid[], %(customers)s::uuid[]) each (id, customer_id)
    """,
    """
    INSERT INTO deliveries (id, clinic_id, execution_id, channel, send_id, state, created_at)
    SELECT uuidv7(), %(clinic)s, id, 'line', id, 'queued', now() FROM unnest(%(ids)s::uuid[]) each (id)
    """,
    """
    UPDATE followup_executions SET status = 'sent', settled_at = now(), said_index = 'x'
    WHERE clinic_id = %(clinic)s AND id = ANY(%(ids)s)
    """,
)


@dataclass(frozen=True)
class Noon:
    """Business time: midday of the clinic, so that no hour is quiet, and as fast as the machine's."""

    ahead: timedelta

    def now(self, session: Session) -> datetime:  # noqa: ARG002 - as the product's clock
        return real() + self.ahead


@dataclass(frozen=True)
class Sayer:
    """One process that says what is due."""

    sessions: sessionmaker[Session]
    runtime: Any
    channels: Channels
    clinic: UUID

    def say(self) -> int:
        """All that is due; how many that were."""
        said = 0
        while taken := dispatch.step(self.runtime, self.channels, self.clinic):
            said += taken
        return said


@dataclass(frozen=True)
class House(Sayer):
    stage: Stage
    rule: UUID

    def fill(self) -> None:
        given = {"clinic": self.clinic, "rule": self.rule, "now": self.runtime.clock.now(None)}
        for statement in _DUE:
            self.stage.database.execute(statement.encode(), given if "%(" in statement else None)


def run(stage: Stage, *, large: bool) -> list[Row]:
    house, close = _house(stage)
    rows = [*_claimed(house), *_delivered(house)]
    if large:
        rows.append(_late(house))
    close()
    return rows


def _house(stage: Stage) -> tuple[House, Callable[[], None]]:
    settle_in(stage.settings, SLUG, PEOPLE)
    now = real()
    noon = Noon(now.astimezone(UTC).replace(hour=5, minute=0, second=0) - now)
    clinic_id = stage.one("SELECT id FROM clinics WHERE slug = %s", SLUG)
    sayer, close = _sayer(stage.settings, clinic_id, noon)
    with sayer.sessions.begin() as session:
        draft = Draft(name="Reminder", channels=["line"], active=True)
        rule = rules.make(session, session.get_one(Clinic, clinic_id), "appointment_reminder", draft, now).id
    return House(sayer.sessions, sayer.runtime, sayer.channels, clinic_id, stage, rule), close


def _sayer(settings: Settings, clinic_id: UUID, noon: Noon) -> tuple[Sayer, Callable[[], None]]:
    vault = Vault.from_settings(settings)
    engine, sessions = database.connect(settings, vault, limits.COMMAND)
    runtime = Runtime(settings, vault, sessions, noon, Waker(settings.redis_url, print), Timing())  # type: ignore[arg-type] # its clock
    line = channels(LineChannel(Line(settings.line_api_base)))
    return Sayer(sessions, runtime, line, clinic_id), engine.dispose


def _claimed(house: House) -> list[Row]:
    """Claimed, judged and written, without a network."""
    rounds, busy = [], []
    for number in numbered(ROUNDS):
        house.fill()
        began, processor = time.perf_counter(), time.process_time()
        assert house.say() == PEOPLE
        ours, used = time.perf_counter() - began, time.process_time() - processor
        written = house.stage.one("SELECT count(*) FROM sends WHERE clinic_id = %s", house.clinic)
        assert written == PEOPLE, f"{written} of {PEOPLE} are written"
        house.fill()
        began = time.perf_counter()
        _bare(house)
        limit = time.perf_counter() - began
        if number:
            rounds.append(Round(PEOPLE / ours, PEOPLE / limit))
            busy.append(used / PEOPLE * 1000)
            print(
                f"dispatch {number}/{ROUNDS}: {PEOPLE / ours:,.0f}/s, bare {PEOPLE / limit:,.0f}/s, {busy[-1]:.2f} ms"
            )
    said = rates("follow-ups, claimed, judged and written", rounds, "/s", None)
    median = statistics.median(one.ours for one in rounds)
    goal = Row(said.name, said.ours, said.limit, said.ratio, f"≥ {GOAL:,}/s", median >= GOAL)
    each = Row("its own processor time, each", f"{statistics.median(busy):.2f} ms", "-", "-", "-", None)
    return [goal, each]


def _bare(house: House) -> None:
    given: dict[str, Any] = {"clinic": house.clinic, "now": house.runtime.clock.now(None), "most": due.BATCH}
    sealed = {"address": os.urandom(61), "body": os.urandom(BODY)}
    while True:
        with house.stage.database.transaction():
            found = house.stage.database.execute(_CLAIM.encode(), given).fetchall()
            mine = {"ids": [row[0] for row in found], "customers": [row[1] for row in found]}
            for statement in _WRITE if found else ():
                house.stage.database.execute(statement.encode(), {**given, **sealed, **mine})
        if not found:
            return


def _delivered(house: House) -> list[Row]:
    """From what is due to what LINE has taken, by the product's two workers, the one that says and the one that sends;
    against a client that only sends, and one RQ job a message."""
    rounds, jobs = [], []
    for number in numbered(ROUNDS - 2):
        house.fill()
        house.stage.line.forget()
        ours = _carried(house)
        arrived = house.stage.line.count()
        assert arrived == PEOPLE, f"{arrived} of {PEOPLE} have arrived"
        limit, job = _sent_bare(house.stage.line.port), _sent_by_jobs(house.stage)
        if number:
            rounds.append(Round(PEOPLE / ours, limit))
            jobs.append(Round(PEOPLE / ours, job))
            print(f"delivered {number}: {PEOPLE / ours:,.0f}/s, a raw client {limit:,.0f}/s, RQ jobs {job:,.1f}/s")
    return [
        rates("follow-ups, from due to LINE", rounds, "/s", SENT_GOAL),
        rates("the same beside one RQ job a message", jobs, "/s", RQ_GOAL),
    ]


def _carried(house: House) -> float:
    """Seconds, from where both are ready."""
    other = multiprocessing.get_context("spawn")
    ready, go, said = other.Event(), other.Event(), other.Event()
    given = house.stage.settings, house.clinic, house.runtime.clock, ready, go, said
    saying = other.Process(target=_say_elsewhere, args=given)
    saying.start()
    assert ready.wait(60), "the process that says did not begin"
    began = time.perf_counter()
    go.set()
    _send(house, lambda: not said.is_set() and saying.is_alive())
    took = time.perf_counter() - began
    saying.join(10)
    assert saying.exitcode == 0, f"the process that says ended with {saying.exitcode}"
    return took


def _say_elsewhere(settings: Settings, clinic_id: UUID, noon: Noon, ready: Event, go: Event, said: Event) -> None:
    sayer, close = _sayer(settings, clinic_id, noon)
    ready.set()
    assert go.wait(60), "nobody said go"
    sayer.say()
    said.set()
    close()


def _send(house: House, more: Callable[[], bool]) -> None:
    """Until nothing is left, and no more can come."""
    clock = house.runtime.clock

    def settled(session: Session, ended: Sequence[Ended]) -> None:
        fates.settled(session, [one.send for one in ended], clock.now(session))

    why_not = partial(leaving.why_not, clock.now, house.channels)
    timing = Timing()
    outbox = Outbox(house.sessions, house.channels, Calls(timing), timing, Lane(lambda: None), settled, why_not)
    coming = True
    while coming or outbox.lane.in_flight:
        coming = more()  # asked before the look: what was said until then is seen by it
        taken = outbox.step(house.clinic)
        coming = coming or taken > 0
        if outbox.record(0.02) == 0 and not taken and not outbox.lane.in_flight:
            time.sleep(0.01)


def _sent_bare(port: int) -> float:
    body = b"{" + b" " * BODY + b"}"
    with ThreadPoolExecutor(IN_FLIGHT_OF_A_CLINIC) as pool:
        began = time.perf_counter()
        for _ in pool.map(partial(push, port), [body] * PEOPLE):
            pass
        return PEOPLE / (time.perf_counter() - began)


def _sent_by_jobs(stage: Stage) -> float:
    """Messages a second: the worker's start is not counted, its fork for each job is."""
    queue = Queue("bench-push", connection=stage.redis)
    body = b"{" + b" " * BODY + b"}"
    for _ in range(JOBS):
        queue.enqueue(push, stage.line.port, body)
    before = stage.line.count()
    command = [sys.executable, "-m", "rq.cli", "worker", "--burst", "--quiet", "--url", stage.settings.redis_url]
    with subprocess.Popen([*command, "bench-push"]) as worker:
        while stage.line.count() == before and worker.poll() is None:
            time.sleep(0.01)
        began, first = time.perf_counter(), stage.line.count()
        worker.wait()
    return (stage.line.count() - first) / (time.perf_counter() - began)


def _late(house: House) -> Row:
    """How long after it was due each of some rows is claimed, while a million lie ahead."""
    house.fill()
    given = {"clinic": house.clinic, "rule": house.rule, "now": house.runtime.clock.now(None), "people": PEOPLE}
    print(f"dispatch: {AHEAD:,} rows are put ahead")
    house.stage.database.execute(_FUTURE.encode(), {**given, "each": AHEAD // PEOPLE})
    house.stage.database.execute(b"ANALYZE followup_executions")
    start, many = house.runtime.clock.now(None) + timedelta(seconds=1), PEOPLE
    house.stage.database.execute(
        b"UPDATE followup_executions one SET due_at = %s + place * interval '20 milliseconds' FROM (SELECT id,"
        b" row_number() OVER () AS place FROM followup_executions WHERE clinic_id = %s AND anchor LIKE 'due:%%') each"
        b" WHERE one.id = each.id",
        (start, house.clinic),
    )
    done, until = 0, time.monotonic() + 120
    while done < many and time.monotonic() < until:
        waits: list[float] = []
        done += dispatch.step(house.runtime, house.channels, house.clinic, waits.append)
        time.sleep(min(waits, default=0.0))
    late = _waits(house)
    p99 = percentile(late, 0.99)
    print(f"dispatch: due to claimed, median {statistics.median(late) * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms")
    return Row(
        f"follow-ups, due → claimed with {AHEAD:,} ahead", f"p99 {p99 * 1000:.0f} ms",
        f"median {statistics.median(late) * 1000:.0f} ms", "-", f"p99 ≤ {LATE_GOAL:g} s", p99 <= LATE_GOAL,
    )  # fmt: skip


def _waits(house: House) -> Sequence[float]:
    """Seconds, by the database's time in the transaction that has claimed it."""
    rows = house.stage.database.execute(
        b"SELECT extract(epoch FROM sends.created_at + %s - one.due_at) FROM followup_executions one"
        b" JOIN deliveries ON deliveries.execution_id = one.id JOIN sends ON sends.id = deliveries.send_id"
        b" WHERE one.clinic_id = %s AND one.anchor LIKE 'due:%%' AND one.status = 'sent'",
        (house.runtime.clock.ahead, house.clinic),
    ).fetchall()
    assert len(rows) == PEOPLE, f"{len(rows)} of {PEOPLE} are said"
    return [float(row[0]) for row in rows]
