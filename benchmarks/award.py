"""Points given with all their rules, against a ledger of six statements written by hand.

Ours locks the profile, posts what is due, writes entry, lot, sums and notice, and looks at tier and achievements again.
The limit locks the profile, writes entry, lot, sums and notice without asking for anything, and commits: prepared, on
one connection to the same database, in the same round, for a clinic of its own. Afterwards both ledgers must agree.
"""

import time
from typing import Any
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from benchmarks.people import SLUG, settle_in
from benchmarks.report import Round, Row, numbered, rates
from benchmarks.stage import Stage
from loyalty import points, reconcile
from loyalty.defaults import achievements
from models.base import new_id
from models.clinics import Clinic
from models.customers import Customer
from runtime import database, limits
from runtime.clock import real
from runtime.keys import Vault

ROUNDS = 7
AWARDS = 200
POINTS = 10
GOAL = 0.5
BY_HAND = "bench-by-hand"

_LOCK = (
    "SELECT available_points, total_points, due_at FROM loyalty_profiles WHERE customer_id = %(customer)s FOR UPDATE"
)
_ENTRY = """
    INSERT INTO point_transactions (id, customer_id, clinic_id, type, amount, counted, counts_at, occurred_at, source,
                                    expires_at, actor, created_at)
    VALUES (%(entry)s, %(customer)s, %(clinic)s, 'earned', %(points)s, %(points)s, %(now)s, %(now)s, 'award',
            %(expires)s, 'bench', %(now)s)
"""
_LOT = """
    INSERT INTO point_lots (id, clinic_id, customer_id, transaction_id, remaining, expires_at, created_at)
    VALUES (%(lot)s, %(clinic)s, %(customer)s, %(entry)s, %(points)s, %(expires)s, %(now)s)
"""
_SUMS = """
    UPDATE loyalty_profiles SET available_points = available_points + %(points)s,
        total_points = total_points + %(points)s, tier_progress = %(progress)s
    WHERE customer_id = %(customer)s
"""
_NOTICE = """
    INSERT INTO notifications (id, clinic_id, customer_id, kind, purpose, data, due_at, state, created_at)
    VALUES (%(notice)s, %(clinic)s, %(customer)s, 'points_earned', 'transactional', %(data)s, %(now)s, 'open', %(now)s)
"""


def run(stage: Stage) -> list[Row]:
    """One row: awards a second, one after the other. Both know already whom they give to."""
    settle_in(stage.settings, BY_HAND, AWARDS)
    engine, sessions = database.connect(stage.settings, Vault.from_settings(stage.settings), limits.WEB)
    with sessions() as session, psycopg.connect(stage.dsn) as connection:
        people, others = _people(session, SLUG), _people(session, BY_HAND)
        achievements.seed(session, people[0].clinic)
        session.commit()
        before = _given(stage, people)
        given = [(_ours(session, people), _by_hand(connection, others)) for _ in numbered(ROUNDS)]
        assert _given(stage, people) - before == len(given) * AWARDS * POINTS, "not all points are there"
        for one in (people[0].clinic, others[0].clinic):
            drifted = reconcile.check(session, one)
            assert not drifted, f"{one.slug}: {drifted}"
    engine.dispose()
    rounds = [Round(*each) for each in given[1:]]
    return [rates("award: points with all rules, one after the other", rounds, "/s", GOAL)]


def _people(session: Session, slug: str) -> list[Customer]:
    chosen = select(Customer).join(Customer.clinic).where(Clinic.slug == slug).order_by(Customer.id).limit(AWARDS)
    return list(session.scalars(chosen.options(joinedload(Customer.clinic))))


def _given(stage: Stage, people: list[Customer]) -> int:
    ids: list[UUID] = [one.id for one in people]
    return int(stage.one("SELECT sum(total_points) FROM loyalty_profiles WHERE customer_id = ANY(%s)", ids))


def _ours(session: Session, people: list[Customer]) -> float:
    began = time.perf_counter()
    for customer in people:
        points.award_points(session, customer, POINTS, "HydraFacial", now=real(), actor="bench")
        session.commit()
    return len(people) / (time.perf_counter() - began)


def _by_hand(connection: psycopg.Connection[Any], people: list[Customer]) -> float:
    began = time.perf_counter()
    with connection.cursor() as cursor:
        for customer in people:
            given = {"customer": customer.id, "clinic": customer.clinic_id, "points": POINTS, "now": real()}
            given |= {"entry": new_id(), "lot": new_id(), "notice": new_id(), "progress": 10}
            held = cursor.execute(_LOCK, given, prepare=True).fetchall()[0]
            given |= {"expires": held[2], "data": Jsonb({"points": POINTS, "source": "award"})}
            for statement in (_ENTRY, _LOT, _SUMS, _NOTICE):
                cursor.execute(statement, given, prepare=True)
            connection.commit()
    return len(people) / (time.perf_counter() - began)
