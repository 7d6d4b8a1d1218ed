"""Looking ahead of a rule in a clinic of a million: who would be spoken to in the next 30 days, and who not.

As the API answers it, with the limits of its connections: how many come into question, the first page, and one from the
midst. Beside it what PostgreSQL takes to read the clinic's customers once.
"""

import time
from datetime import datetime
from typing import Any
from uuid import UUID

import followups.kinds  # noqa: F401 - fills the registry of kinds
from benchmarks import crowd
from benchmarks.report import Row
from benchmarks.stage import Stage
from channels.base import channels
from channels.line.channel import LineChannel
from channels.line.client import Line
from customers.clinics import new_clinic
from followups import forecast, rules
from followups.rules import Draft
from loyalty.defaults import rewards
from models.clinics import Clinic
from models.followups import FollowupRule
from runtime import database, limits
from runtime.clock import real
from runtime.keys import Vault

PEOPLE = 1_000_000
KINDS = (
    "appointment_reminder",
    "payment_reminder",
    "post_treatment",
    "upsell_opportunity",
    "birthday_special",
    "inactive_reactivation",
)
PAGE = 50
WITHIN = forecast.LOOKED_FOR.total_seconds()
"""Seconds for what the API asks of one answer: the count, and the page."""

_MORE = (
    # One in ten has an appointment in the next 45 days, everybody had one.
    """
    INSERT INTO appointments (id, clinic_id, customer_id, source, external_id, state, told_state, starts_at,
                              state_order, details_order, told_at, by_link, moved_by_customer, created_at)
    SELECT uuidv7(), clinic_id, id, 'bench', id || '-' || side, CASE side WHEN 1 THEN 'booked' ELSE 'completed' END,
           'booked', CASE side WHEN 1 THEN %(now)s + make_interval(mins => (n * 7919 %% 64800)::int)
                                ELSE %(now)s - make_interval(mins => (n * 7919 %% 518400)::int) END,
           1, 1, %(now)s, false, false, %(now)s
    FROM (SELECT id, clinic_id, row_number() OVER (ORDER BY id) AS n FROM customers WHERE clinic_id = %(clinic)s) c,
         generate_series(0, 1) side
    WHERE side = 0 OR n %% 10 = 0
    """,
    # Two visits more for everybody who had one, thirty days apart, and something done at each.
    """
    INSERT INTO visits (id, clinic_id, customer_id, visited_at, created_at)
    SELECT uuidv7(), clinic_id, customer_id, visited_at - make_interval(days => 30 * times), visited_at
    FROM visits, generate_series(1, 2) times WHERE clinic_id = %(clinic)s
    """,
    """
    INSERT INTO treatments (id, clinic_id, customer_id, visit_id, source, external_id, state, performed_at,
                            service_code, state_order, details_order, told_at, created_at)
    SELECT uuidv7(), clinic_id, customer_id, id, 'bench', id::text, 'performed', visited_at, 'hydrafacial', 1, 1,
           visited_at, visited_at
    FROM visits WHERE clinic_id = %(clinic)s
    """,
    """
    INSERT INTO invoices (id, clinic_id, customer_id, source, external_id, state, told_state, amount, told_paid, paid,
                          refunded, due_on, state_order, amount_order, due_order, service_order, told_at, created_at)
    SELECT uuidv7(), clinic_id, id, 'bench', id::text, 'open', 'open', 1000, 0, 0, 0, %(day)s::date + (n %% 60)::int,
           1, 1, 1, 1, %(now)s, %(now)s
    FROM (SELECT id, clinic_id, row_number() OVER (ORDER BY id) AS n FROM customers WHERE clinic_id = %(clinic)s) c
    WHERE n %% 20 = 0
    """,
)


def run(stage: Stage, people: int = PEOPLE) -> list[Row]:
    now = real()
    engine, sessions = database.connect(stage.settings, Vault.from_settings(stage.settings), limits.WEB)
    with sessions.begin() as session:
        clinic = new_clinic(session, "ahead", "Aura Clinic", now)
        rewards.seed(session, clinic)  # of which the crowd has some
        drafts = {kind: Draft(name=kind, channels=["line"], active=False) for kind in KINDS}
        made = {kind: rules.make(session, clinic, kind, draft, now) for kind, draft in drafts.items()}
        session.flush()
        ids, clinic_id = {kind: rule.id for kind, rule in made.items()}, clinic.id
    fill(stage, clinic_id, people, now)
    began = time.perf_counter()
    stage.one("SELECT count(*) FROM (SELECT * FROM customers WHERE clinic_id = %s ORDER BY id) c", clinic_id)
    limit = time.perf_counter() - began
    midst = stage.one(
        "SELECT id FROM customers WHERE clinic_id = %s ORDER BY id OFFSET %s LIMIT 1", clinic_id, people // 2
    )
    _looked(sessions, clinic_id, KINDS[0], ids[KINDS[0]], midst, limit)  # as a process that has answered before
    rows = [_looked(sessions, clinic_id, kind, rule, midst, limit) for kind, rule in ids.items()]
    engine.dispose()
    return rows


def fill(stage: Stage, clinic_id: UUID, people: int, now: datetime) -> None:
    began = time.perf_counter()
    crowd.fill(stage.database, clinic_id, people, now, now.date())
    given = {"clinic": clinic_id, "now": now, "day": now.date()}
    with stage.database.transaction():
        stage.database.execute("SET LOCAL session_replication_role = replica")
        for statement in _MORE:
            stage.database.execute(statement.encode(), given)
    stage.database.execute("VACUUM ANALYZE")
    print(f"forecast: {people:,} customers made in {time.perf_counter() - began:.0f} s")


def _looked(sessions: Any, clinic_id: UUID, kind: str, rule_id: UUID, midst: UUID, limit: float) -> Row:
    line, now, took = channels(LineChannel(Line())), real(), []
    with sessions() as session:
        clinic, rule = session.get_one(Clinic, clinic_id), session.get_one(FollowupRule, (rule_id, clinic_id))
        began = time.perf_counter()
        many = forecast.many(session, clinic, rule, now)
        took.append(time.perf_counter() - began)
        for after in (None, midst):
            began = time.perf_counter()
            found = forecast.page(session, line, clinic, rule, now, after=after, most=PAGE)
            took.append(time.perf_counter() - began)
            assert len(found.items) == PAGE, f"{kind}: {len(found.items)} of {PAGE}"
    ours = "count {:.2f} s, first page {:.2f} s, from the midst {:.2f} s".format(*took)
    print(f"forecast: {kind}, {many:,}: {ours}")
    name = f"looking 30 days ahead among a million, `{kind}`"
    met = max(took) < WITHIN
    return Row(name, ours, f"{limit:.2f} s", f"{limit / max(took):.2f}", f"each < {WITHIN:g} s", met)
