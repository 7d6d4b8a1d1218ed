"""What rides breaks no answer, costs nothing to whom nothing waits for, and is said once whoever says it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.orm import Session, sessionmaker

from channels.base import channels
from channels.line.channel import LineChannel
from channels.line.client import Line
from customers.people import new_customer
from followups import dispatch, due
from followups.kinds.post_treatment import PostTreatment
from models.clinics import Clinic
from models.followups import FollowupExecution
from tests.fixtures.clinic import NOW, At, Talk
from tests.followups.gate import OFFER, Gate
from tests.followups.rides.riding import HELLO, HOUR, MINUTE, PLANNED, SENT, deliveries, rode, rule, sends


class Broken(Exception):
    pass


def test_one_that_breaks_takes_no_answer_along_and_is_put_off(
    gate: Gate, talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = gate.due(rule(gate), NOW)
    gate.agree()
    whole = gate.due(rule(gate, OFFER), NOW + timedelta(seconds=1))
    talk.now = NOW + MINUTE

    def values(*_: object) -> dict[str, str]:
        raise Broken

    with monkeypatch.context() as breaking:
        breaking.setattr(PostTreatment, "values", values)
        assert rode(talk) == 1
    one = gate.one(broken)
    assert (gate.fate(broken), one.failing_since, gate.fate(whole)) == (("planned", "Broken"), talk.now, SENT)
    talk.now += HOUR
    assert rode(talk) == 0
    gate.pass_to(talk.now)
    assert (gate.fate(broken), sends(gate)) == (SENT, 1)


@contextmanager
def counted(session: Session) -> Iterator[list[str]]:
    said: list[str] = []
    event.listen(session.get_bind(), "before_cursor_execute", heard := lambda *given: said.append(given[2]))
    try:
        yield said
    finally:
        event.remove(session.get_bind(), "before_cursor_execute", heard)


def test_whom_nothing_waits_for_costs_no_statement(gate: Gate, talk: Talk) -> None:
    def statements() -> int:
        with counted(gate.session) as said:
            talk.say("ราคา")
        return len(said)

    statements()
    before = statements()
    gate.due(rule(gate), NOW + MINUTE)
    gate.due(rule(gate, priority="normal"), NOW)
    assert statements() == before


MANY = 20_000


def test_however_much_lies_ahead_an_answer_reads_what_is_its_customers(gate: Gate, talk: Talk) -> None:
    made, other = rule(gate), new_customer(gate.session, gate.clinic, NOW)
    gate.due(made, NOW + MINUTE)
    insert = """
        INSERT INTO followup_executions (id, clinic_id, rule_id, rule_version, customer_id, anchor, about_id, purpose,
            step, status, due_at, not_after, held, created_at)
        SELECT gen_random_uuid(), :clinic, :rule, 1, :who, n::text, :who, 'care', 0, :status, :now, :now, 0, :now
        FROM generate_series(1, :many) n
        """
    given = {"clinic": gate.clinic.id, "rule": made.id, "now": NOW, "many": MANY}
    for who, status in ((other.id, "planned"), (gate.customer.id, "skipped")):
        gate.session.execute(text(insert), {**given, "who": who, "status": status})
    gate.session.execute(text("ANALYZE followup_executions"))
    asked: list[tuple[str, Any]] = []
    event.listen(gate.session.get_bind(), "before_cursor_execute", heard := lambda *all_: asked.append(all_[2:4]))
    talk.say(HELLO)
    event.remove(gate.session.get_bind(), "before_cursor_execute", heard)
    ((statement, values),) = [one for one in asked if "followup_executions" in one[0]]
    plan = gate.session.connection().exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", values).scalar_one()
    assert read_by("followup_executions", plan[0]["Plan"]) == {"ix_followup_executions_open_customer": 1}


def read_by(table: str, node: dict[str, Any]) -> dict[str, float]:
    """The indexes of a table that a plan reads, and how many rows by each."""
    found = {name: rows for each in node.get("Plans", ()) for name, rows in read_by(table, each).items()}
    index = str(node.get("Index Name", ""))
    return found | ({index: node["Actual Rows"] * node["Actual Loops"]} if f"_{table}_" in index else {})


def worker(gate: Gate, now: datetime) -> int:
    return dispatch.step(replace(gate.runtime, clock=At(now)), gate.channels, gate.clinic.id)


def test_what_a_worker_is_saying_does_not_ride(gate: Gate, talk: Talk, sessions: sessionmaker[Session]) -> None:
    id_ = gate.due(rule(gate), NOW)
    with sessions() as other:
        batch = due.of(other, gate.clinic.id, NOW, most=due.BATCH)
        dispatch.say(other, gate.channels, batch, NOW)
        assert rode(talk) == 0
        gate.session.commit()
        other.commit()
    gate.session.expire_all()
    assert (gate.fate(id_), deliveries(gate, id_), sends(gate)) == (SENT, [("line", "queued", None)], 1)
    assert rode(talk) == 0


def test_what_rides_no_worker_says(gate: Gate, talk: Talk) -> None:
    id_ = gate.due(rule(gate), NOW)
    assert rode(talk) == 1
    assert worker(gate, NOW) == 0  # it is held, and nobody waits
    gate.session.commit()
    assert worker(gate, NOW) == 0
    gate.session.expire_all()
    assert (gate.fate(id_), sends(gate)) == (SENT, 0)


def test_an_answer_that_is_undone_leaves_it_to_the_worker(gate: Gate, talk: Talk) -> None:
    """As where the process is killed before its commit."""
    id_ = gate.due(rule(gate), NOW)
    assert rode(talk) == 1
    gate.session.rollback()
    gate.session.expire_all()
    assert (gate.fate(id_), deliveries(gate, id_)) == (PLANNED, [])
    assert worker(gate, NOW) == 1
    gate.session.expire_all()
    assert (gate.fate(id_), sends(gate)) == (SENT, 1)


def test_of_a_record_without_an_account_nothing_rides(gate: Gate, talk: Talk, clinic: Clinic) -> None:
    """Nothing waits for whom the clinic has never met."""
    gate.due(rule(gate), NOW)
    stranger = Talk(gate.session, clinic, talk.table, "U" + "e" * 32)
    stranger.channels = channels(LineChannel(Line()))
    stranger.say(HELLO)
    assert [one.status for one in gate.session.scalars(select(FollowupExecution))] == ["planned"]
