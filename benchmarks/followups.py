"""Planning and saying follow-ups, beside what PostgreSQL itself takes to write the same rows.

A rule that begins plans a reminder for each appointment ahead; the limit is the bare statement that inserts these rows
from the appointments. Then all that is due is said, without a network.
"""

import time
from typing import Any
from uuid import UUID

import followups.kinds  # noqa: F401 - fills the registry of kinds
from benchmarks.report import Row
from benchmarks.stage import Stage
from customers.clinics import new_clinic
from followups import plan, rules
from followups.rules import Draft
from models.clinics import Clinic
from runtime import database, limits
from runtime.clock import real
from runtime.keys import Vault

SIZES = (10_000, 100_000, 1_000_000)
GOAL = 0.5

_FILL = (
    """
    INSERT INTO customers (id, clinic_id, language_chosen, created_at)
    SELECT uuidv7(), %(clinic)s, false, %(now)s FROM generate_series(1, %(people)s)
    """,
    """
    INSERT INTO appointments (id, clinic_id, customer_id, source, external_id, state, starts_at, state_order,
                              told_state, details_order, told_at, by_link, moved_by_customer, created_at)
    SELECT uuidv7(), clinic_id, id, 'bench', id::text, 'booked', %(now)s + interval '2 days'
           + make_interval(mins => (row_number() OVER ())::int %% 100000), 1, 'booked', 1, %(now)s,
           false, false, %(now)s
    FROM customers WHERE clinic_id = %(clinic)s
    """,
    "ANALYZE customers, appointments",
)
_BARE = """
    INSERT INTO followup_executions (id, clinic_id, rule_id, rule_version, customer_id, anchor, about_id, purpose, step,
                                     status, due_at, not_after, held, created_at)
    SELECT gen_random_uuid(), clinic_id, %(rule)s, 1, customer_id, 'bare:' || id, id, 'transactional', 0, 'cancelled',
           starts_at - interval '1 day', starts_at, 0, %(now)s
    FROM appointments WHERE clinic_id = %(clinic)s
"""


def run(stage: Stage, sizes: tuple[int, ...] = SIZES) -> list[Row]:
    engine, sessions = database.connect(stage.settings, Vault.from_settings(stage.settings), limits.COMMAND)
    rows = [_planning(stage, sessions, people) for people in sizes]
    engine.dispose()
    return rows


def _planning(stage: Stage, sessions: Any, people: int) -> Row:
    now = real()
    with sessions.begin() as session:
        clinic = new_clinic(session, f"planning{people}", "Aura Clinic", now)
        draft = Draft(name="Reminder", channels=["line"], active=True)
        rule = rules.make(session, clinic, "appointment_reminder", draft, now)
        ids = {"clinic": clinic.id, "rule": rule.id}
    given = {**ids, "now": now, "people": people}
    for statement in _FILL:
        stage.database.execute(statement.encode(), given if "%(" in statement else None)
    began = time.perf_counter()
    while _step(sessions, ids["clinic"]):
        pass
    ours = time.perf_counter() - began
    planned = stage.one(
        "SELECT count(*) FROM followup_executions WHERE clinic_id = %s AND status = 'planned'", ids["clinic"]
    )
    assert planned == people, f"{planned:,} of {people:,} are planned"
    stage.database.execute("CHECKPOINT")
    began = time.perf_counter()
    stage.database.execute(_BARE.encode(), given)
    limit = time.perf_counter() - began
    print(f"followups: {people:,} planned in {ours:.1f} s, written bare in {limit:.1f} s")
    name = f"follow-ups, a rule begins with {people:,} appointments ahead"
    ratio = limit / ours
    return Row(
        name, f"{people / ours:,.0f} /s", f"{people / limit:,.0f} /s", f"{ratio:.2f}", f"≥ {GOAL:g}", ratio >= GOAL
    )


def _step(sessions: Any, clinic_id: UUID) -> bool:
    with sessions.begin() as session:
        clinic = session.get_one(Clinic, clinic_id)
        rule = plan.changed(session, clinic)
        if rule is not None:
            plan.anew(session, clinic, rule, real())
        return rule is not None
