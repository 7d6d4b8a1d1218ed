"""The list of what was planned and said: page by page, by key, and no dearer where there is much of it."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, event, func, select, text
from sqlalchemy.orm import Session, sessionmaker

from customers.people import new_customer
from followups import plan, rules
from followups.listed import LOOKED_AT, PAGE, Wanted, page
from followups.rules import Draft
from models.base import new_id
from models.clinics import Clinic
from models.customers import Customer
from models.followups import FollowupDelivery, FollowupExecution, FollowupRule
from runtime.work import Batch
from tests.fixtures.clinic import NOW, make_clinic
from tests.web.api.conftest import Caller, body_of

MANY = 100_000


@pytest.fixture
def listed(aura: Caller) -> Caller:
    return replace(aura, room="followup")


@pytest.fixture
def rule(session: Session, clinic: Clinic) -> FollowupRule:
    return rule_of(session, clinic)


def rule_of(session: Session, clinic: Clinic) -> FollowupRule:
    return rules.make(session, clinic, "post_treatment", Draft(name="After", channels=["line"]), NOW)


def planned(session: Session, rule: FollowupRule, customer: Customer, many: int, **changed: Any) -> list[str]:
    """Their ids, the newest last."""
    ids: list[UUID] = []
    for _ in range(many):
        given = {
            "rule_version": 1, "anchor": uuid4().hex, "about_id": customer.id, "purpose": "care", "status": "sent",
            "due_at": NOW, "not_after": NOW, "held": 0, "created_at": NOW,
        } | changed  # fmt: skip
        ids.append(new_id())
        session.add(
            FollowupExecution(id=ids[-1], clinic_id=rule.clinic_id, rule_id=rule.id, customer_id=customer.id, **given)
        )
    session.flush()
    return [str(one) for one in sorted(ids)]


def test_each_way_says_whether_it_was_in_an_answer(
    session: Session, listed: Caller, rule: FollowupRule, customer: Customer
) -> None:
    ids = planned(session, rule, customer, 2)
    for id_, event_id in zip(ids, (new_id(), None), strict=True):
        session.add(
            FollowupDelivery(
                clinic_id=rule.clinic_id, execution_id=UUID(id_), channel="line", state="sent", inbox_id=event_id,
                created_at=NOW,
            )
        )  # fmt: skip
    session.commit()
    shown = {one["id"]: one["deliveries"] for one in body_of(listed.get("executions"))["items"]}
    assert [[way["inAnswer"] for way in shown[id_]] for id_ in ids] == [[True], [False]]


def pages(listed: Caller, **query: str) -> Iterator[list[str]]:
    before: dict[str, str] = {}
    while True:
        page = body_of(listed.get("executions", **query, **before))
        yield [one["id"] for one in page["items"]]
        if page["next"] is None:
            return
        before = {"before": page["next"]}


def test_each_is_on_one_page_the_newest_first_though_all_were_planned_at_once(
    session: Session, listed: Caller, rule: FollowupRule, customer: Customer
) -> None:
    ids = planned(session, rule, customer, 2 * PAGE + 1)
    later = planned(session, rule, customer, 1, created_at=NOW + timedelta(hours=1))
    session.commit()
    found = list(pages(listed))
    assert [len(page) for page in found] == [PAGE, PAGE, 2]
    assert [one for page in found for one in page] == [*later, *reversed(ids)]


def test_a_page_that_ends_with_the_last_is_the_last(
    session: Session, listed: Caller, rule: FollowupRule, customer: Customer
) -> None:
    planned(session, rule, customer, PAGE)
    session.commit()
    assert [len(page) for page in pages(listed)] == [PAGE]


def test_what_is_planned_meanwhile_moves_no_page(
    session: Session, listed: Caller, rule: FollowupRule, customer: Customer
) -> None:
    ids = planned(session, rule, customer, PAGE + 3)
    session.commit()
    found = pages(listed)
    first = next(found)
    planned(session, rule, customer, 5, created_at=NOW + timedelta(hours=1))
    session.commit()
    assert [*first, *next(found)] == list(reversed(ids))


def test_what_is_asked_for_holds_on_every_page(
    session: Session, clinic: Clinic, listed: Caller, rule: FollowupRule, customer: Customer
) -> None:
    other, their = rule_of(session, clinic), new_customer(session, clinic, NOW)
    held = planned(session, rule, customer, PAGE + 1, status="skipped", reason="no_consent", workflow_id="wf-7")
    planned(session, rule, customer, 3, status="skipped", reason="opted_out", workflow_id="wf-8")
    planned(session, rule, customer, 3)
    of_other = planned(session, other, their, PAGE + 2)
    session.commit()
    asked: list[tuple[dict[str, str], list[str]]] = [
        ({"status": "skipped", "reason": "no_consent"}, held),
        ({"workflowId": "wf-7"}, held),
        ({"workflowId": "wf-7", "status": "skipped", "ruleId": str(rule.id), "customerId": str(customer.id)}, held),
        ({"ruleId": str(other.id)}, of_other),
        ({"customerId": str(their.id)}, of_other),
        ({"customerId": str(their.id), "status": "skipped"}, []),
    ]
    for query, ids in asked:
        found = list(pages(listed, **query))
        assert [one for page in found for one in page] == list(reversed(ids)), query


def test_another_clinic_s_are_never_shown_nor_a_place_to_go_on_from(
    session: Session, listed: Caller, rule: FollowupRule, customer: Customer
) -> None:
    luna = make_clinic(session, "luna")
    strange = rule_of(session, luna)
    (theirs,) = planned(session, strange, new_customer(session, luna, NOW), 1, workflow_id="wf-7")
    (ours,) = planned(session, rule, customer, 1)
    session.commit()
    assert list(pages(listed)) == [[ours]]
    assert list(pages(listed, ruleId=str(strange.id))) == [[]]
    assert list(pages(listed, workflowId="wf-7")) == [[]]
    assert body_of(listed.get("executions", before=theirs), 404)["code"] == "unknown_execution"
    assert body_of(listed.get("executions", before=str(uuid4())), 404)["code"] == "unknown_execution"


def rows_read(plan: dict[str, Any]) -> float:
    """Of the table and its indexes, those that were thrown away too."""
    own = 0.0
    if "Scan" in plan["Node Type"] and plan["Node Type"] != "Subquery Scan":
        own = (plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)) * plan["Actual Loops"]
    return own + sum(rows_read(below) for below in plan.get("Plans", ()))


@pytest.fixture
def plans(session: Session) -> Iterator[list[tuple[str, Any]]]:
    """What was asked of executions by anybody in this process."""
    asked: list[tuple[str, Any]] = []

    def hear(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if "FROM followup_executions" in statement and "LIMIT" in statement:
            asked.append((statement, values))

    event.listen(Engine, "before_cursor_execute", hear)
    yield asked
    event.remove(Engine, "before_cursor_execute", hear)


def test_of_what_one_statement_planned_each_is_on_one_page_and_a_page_reads_a_page(
    session: Session, clinic: Clinic, plans: list[tuple[str, Any]]
) -> None:
    """All of it has the same time, and ids that say nothing of an order."""
    tomorrow = NOW + timedelta(days=1)
    for _ in range(2_000):
        born = new_customer(session, clinic, NOW)
        born.birth_month_day, born.joined_at = f"{tomorrow:%m-%d}", NOW
    greets = rules.make(session, clinic, "birthday_special", Draft(name="Day", channels=["line"], active=True), NOW)
    plan.of_the_day(session, clinic, tomorrow, Batch(9))
    session.execute(text("ANALYZE followup_executions"))
    ids = set(session.scalars(select(FollowupExecution.id)))
    assert (len(ids), session.scalar(select(func.count(FollowupExecution.created_at.distinct())))) == (2_000, 1)
    for wanted in (Wanted(), Wanted(rule_id=greets.id), Wanted(status="planned")):
        seen: list[UUID] = []
        before: FollowupExecution | None = None
        plans.clear()
        while True:
            found, next_ = page(session, clinic.id, wanted, before)
            seen += [one.id for one in found]
            if next_ is None:
                break
            before = session.get_one(FollowupExecution, (next_, clinic.id))
        assert (len(seen), set(seen)) == (len(ids), ids), wanted
        assert len(plans) == len(ids) / PAGE
        read = [rows_read(explained(session, *asked)) for asked in list(plans)[:: len(plans) // 5]]
        assert max(read) <= PAGE + 1, wanted


def explained(session: Session, statement: str, values: Any) -> dict[str, Any]:
    asked = f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}"
    found = session.connection().exec_driver_sql(asked, values).scalar_one()
    plan: dict[str, Any] = (found if isinstance(found, list) else json.loads(found))[0]["Plan"]
    return plan


def test_of_a_hundred_thousand_a_page_reads_a_page(
    session: Session,
    sessions: sessionmaker[Session],
    clinic: Clinic,
    listed: Caller,
    rule: FollowupRule,
    customer: Customer,
    plans: list[tuple[str, Any]],
) -> None:
    """Most of one rule, a thousand planned at a time, half of them of one customer; few have failed."""
    other = rule_of(session, clinic)
    their = new_customer(session, clinic, NOW)
    planned(session, rule, customer, 3, status="failed", reason="send_failed", created_at=NOW - timedelta(days=9))
    session.commit()
    insert = text(
        """
        INSERT INTO followup_executions (id, clinic_id, rule_id, rule_version, customer_id, anchor, about_id, purpose,
            step, status, reason, due_at, not_after, held, created_at, workflow_id)
        SELECT gen_random_uuid(), :clinic, CASE WHEN n % 100 = 0 THEN :rule ELSE :other END, 1,
            CASE WHEN n % 2 = 0 THEN :one ELSE :two END, n::text, :one,
            'care', 0, CASE WHEN n % 10 = 0 THEN 'skipped' ELSE 'sent' END,
            CASE WHEN n % 10 = 0 THEN 'no_consent' END, :now, :now, 0, :now - (n / 1000) * interval '1 hour', 'wf-7'
        FROM generate_series(1, :many) n
        """
    )
    given = {
        "clinic": clinic.id,
        "rule": rule.id,
        "other": other.id,
        "one": customer.id,
        "two": their.id,
        "now": NOW,
        "many": MANY,
    }
    session.execute(insert, given)
    session.commit()
    session.execute(text("ANALYZE followup_executions"))
    session.commit()
    queries: list[dict[str, str]] = [
        {},
        {"status": "sent"},
        {"status": "skipped", "reason": "no_consent"},
        {"workflowId": "wf-7"},
        {"workflowId": "wf-7", "status": "failed"},
        {"ruleId": str(rule.id)},
        {"ruleId": str(other.id)},
        {"ruleId": str(rule.id), "status": "failed"},
        {"ruleId": str(other.id), "status": "failed"},
        {"ruleId": str(rule.id), "status": "skipped", "reason": "no_consent"},
        {"customerId": str(customer.id)},
        {"customerId": str(customer.id), "status": "failed"},
    ]
    read: dict[str, list[float]] = {}
    for query in queries:
        plans.clear()
        found = pages(listed, **query)
        for _ in range(3):
            if next(found, None) is None:
                break
        with sessions() as looking:
            for statement, values in list(plans):
                read.setdefault(str(query), []).append(rows_read(explained(looking, statement, values)))
    assert all(read.values())
    worst = {query: max(each) for query, each in read.items()}
    by_an_index = [str(query) for query in queries if len(query) == 1 or query.keys() == {"status", "reason"}]
    allowed = {query: 4 * PAGE if query in by_an_index else 3 * LOOKED_AT for query in worst}
    assert {query: rows for query, rows in worst.items() if rows > allowed[query]} == {}
