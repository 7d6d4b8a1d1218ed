"""A clinic with a million lots: the night in which all of them expire, and the check that every sum is a sum."""

import time
from typing import Any
from uuid import UUID

from benchmarks.report import Row
from benchmarks.stage import Stage
from customers.clinics import new_clinic
from loyalty import expiry, reconcile
from models.clinics import Clinic
from runtime import database, limits
from runtime.clock import real
from runtime.keys import Vault

LOTS = 1_000_000
LOTS_EACH = 10

_FILL = (
    b"""
    INSERT INTO customers (id, clinic_id, language_chosen, created_at)
    SELECT gen_random_uuid(), %(clinic)s, false, %(now)s FROM generate_series(1, %(people)s)
    """,
    b"""
    INSERT INTO loyalty_profiles (customer_id, clinic_id, total_points, available_points, current_tier, tier_progress,
                                  total_spent, total_visits, referral_code, due_at, created_at)
    SELECT id, clinic_id, 100 * %(each)s, 100 * %(each)s, 'silver', 0, 0, 0,
           'L' || row_number() OVER (), %(now)s - interval '1 hour', %(now)s
    FROM customers WHERE clinic_id = %(clinic)s
    """,
    b"""
    INSERT INTO point_transactions (id, customer_id, clinic_id, type, amount, counted, counts_at, occurred_at,
                                    source, actor, created_at, expires_at)
    SELECT gen_random_uuid(), c.id, c.clinic_id, 'earned', 100, 100, %(now)s - interval '400 days',
           %(now)s - interval '400 days', 'treatment', 'bench', %(now)s - interval '400 days',
           %(now)s - interval '1 hour'
    FROM customers c, generate_series(1, %(each)s) WHERE c.clinic_id = %(clinic)s
    """,
    b"""
    INSERT INTO point_lots (id, clinic_id, customer_id, transaction_id, remaining, expires_at, created_at)
    SELECT gen_random_uuid(), clinic_id, customer_id, id, amount, expires_at, created_at
    FROM point_transactions WHERE clinic_id = %(clinic)s
    """,
    b"ANALYZE customers, loyalty_profiles, point_transactions, point_lots",
)


def run(stage: Stage, lots: int = LOTS) -> list[Row]:
    """Two rows: seconds to reconcile, and lots that expire in a second."""
    engine, sessions = database.connect(stage.settings, Vault.from_settings(stage.settings), limits.COMMAND)
    with sessions.begin() as session:
        id_ = new_clinic(session, "large", "Aura Clinic", real()).id
    print(f"ledger: {lots:,} lots are being made")
    given = {"clinic": id_, "now": real(), "people": lots // LOTS_EACH, "each": LOTS_EACH}
    for statement in _FILL:
        stage.database.execute(statement, given if b"%(" in statement else None)
    rows = [_reconcile(stage, sessions, id_, lots), _expire(stage, sessions, id_, lots)]
    engine.dispose()
    return rows


def _reconcile(stage: Stage, sessions: Any, clinic: UUID, lines: int) -> Row:
    with sessions() as session:
        began = time.perf_counter()
        drifts = reconcile.check(session, session.get_one(Clinic, clinic))
        ours = time.perf_counter() - began
    assert not drifts, f"{len(drifts)} profiles have drifted"
    began = time.perf_counter()
    stage.one("SELECT sum(amount) FROM point_transactions WHERE clinic_id = %s", clinic)
    limit = time.perf_counter() - began
    print(f"ledger: {lines:,} lines reconciled in {ours:.1f} s without drift, summed in {limit:.1f} s")
    name = f"reconcile: {lines:,} lines and as many lots, no drift"
    return Row(name, f"{ours:.1f} s", f"{limit:.1f} s for one sum of the lines", f"{limit / ours:.2f}", "-", None)


def _expire(stage: Stage, sessions: Any, clinic: UUID, lots: int) -> Row:
    began, profiles, told = time.perf_counter(), 0, 0.1
    while True:
        with sessions.begin() as session:
            done = expiry.post_due(session, session.get_one(Clinic, clinic), real())
        if not done:
            break
        profiles += done
        if (share := profiles * LOTS_EACH / lots) >= told:
            print(f"ledger: {share:.0%} expired, {profiles * LOTS_EACH / (time.perf_counter() - began):,.0f} lots/s")
            told += 0.1
    ours = lots / (time.perf_counter() - began)
    stage.database.execute("CREATE TABLE bare (LIKE point_transactions INCLUDING ALL)")
    began = time.perf_counter()
    stage.database.execute(
        "INSERT INTO bare SELECT * FROM point_transactions WHERE clinic_id = %s AND type = 'expired'", (clinic,)
    )
    limit = lots / (time.perf_counter() - began)
    assert stage.one("SELECT count(*) FROM bare") == lots, "some lots did not expire, or twice"
    name = f"expiry: {lots:,} lots in batches of {expiry.BATCH:,} customers"
    return Row(name, f"{ours:,.0f} /s", f"{limit:,.0f} /s, one INSERT … SELECT", f"{ours / limit:.2f}", "-", None)
