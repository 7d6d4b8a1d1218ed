"""Points given with all their rules, against a ledger of three statements written by hand.

Ours locks the profile, posts what is due, writes line, lot and notice, looks at tier and achievements again. The limit
locks a row, inserts a line, updates the sum and commits, on the same database and one connection, in the same round.
"""

import time
from typing import Any

import psycopg
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from benchmarks.report import Round, Row, numbered, rates
from benchmarks.stage import Stage
from loyalty import points
from loyalty.defaults import achievements
from models.base import new_id
from models.customers import Customer
from runtime import database, limits
from runtime.clock import real
from runtime.keys import Vault

ROUNDS = 7
AWARDS = 200
GOAL = 0.4

_LOCK = b"SELECT available_points, total_points FROM loyalty_profiles WHERE customer_id = %s FOR UPDATE"
_INSERT = b"""
    INSERT INTO point_transactions (id, customer_id, clinic_id, type, amount, counted, counts_at, occurred_at, source,
                                    actor, created_at)
    VALUES (%s, %s, %s, 'earned', 10, 10, %s, %s, 'award', 'bench', %s)
"""
_UPDATE = b"UPDATE loyalty_profiles SET available_points = %s, total_points = %s WHERE customer_id = %s"


def run(stage: Stage) -> list[Row]:
    """One row: awards a second, one after the other. Both know already whom they give to."""
    engine, sessions = database.connect(stage.settings, Vault.from_settings(stage.settings), limits.WEB)
    with sessions() as session, psycopg.connect(stage.dsn) as connection:
        people = list(session.scalars(select(Customer).options(joinedload(Customer.clinic)).limit(AWARDS)))
        achievements.seed(session, people[0].clinic)
        session.commit()
        rounds = [Round(_ours(session, people), _by_hand(connection, people)) for _ in numbered(ROUNDS)][1:]
    engine.dispose()
    return [rates("award: points with all rules, one after the other", rounds, "/s", GOAL)]


def _ours(session: Session, people: list[Customer]) -> float:
    began = time.perf_counter()
    for customer in people:
        points.award_points(session, customer, 10, "HydraFacial", now=real(), actor="bench")
        session.commit()
    return len(people) / (time.perf_counter() - began)


def _by_hand(connection: psycopg.Connection[Any], people: list[Customer]) -> float:
    began = time.perf_counter()
    with connection.cursor() as cursor:
        for customer in people:
            cursor.execute(_LOCK, (customer.id,))
            held = cursor.fetchone()
            assert held is not None
            cursor.execute(_INSERT, (new_id(), customer.id, customer.clinic_id, *(real(),) * 3))
            cursor.execute(_UPDATE, (held[0] + 10, held[1] + 10, customer.id))
            connection.commit()
    return len(people) / (time.perf_counter() - began)
