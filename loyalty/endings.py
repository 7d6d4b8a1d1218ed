"""Lots whose time is over, of one profile or of many, in one statement."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

# A lot that was given points back after its end ends again, so its time belongs to the key.
_ENDED = """
    WITH lot AS (
        SELECT id, clinic_id, customer_id, remaining, expires_at,
               'expiry:' || id || ':' || floor(extract(epoch FROM expires_at))::bigint AS key
        FROM point_lots WHERE customer_id = ANY(:customers) AND remaining > 0 AND expires_at <= :now
    ), entry AS (
        INSERT INTO point_transactions
            (id, customer_id, clinic_id, type, amount, counted, counts_at, occurred_at, source, idempotency_key,
             actor, created_at, expires_at)
        SELECT gen_random_uuid(), customer_id, clinic_id, 'expired', -remaining, 0, expires_at, expires_at, 'expiry',
               key, 'system', :now, expires_at FROM lot
        RETURNING id, idempotency_key
    ), taken AS (
        INSERT INTO point_allocations (id, clinic_id, transaction_id, lot_id, amount)
        SELECT gen_random_uuid(), lot.clinic_id, entry.id, lot.id, lot.remaining
        FROM lot JOIN entry ON entry.idempotency_key = lot.key
    ), emptied AS (
        UPDATE point_lots SET remaining = 0 FROM lot WHERE point_lots.id = lot.id
    ), ended AS (
        SELECT customer.id AS customer_id, coalesce(gone.points, 0) AS points, least(
            (SELECT min(l.expires_at) FROM point_lots l
             WHERE l.customer_id = customer.id AND l.remaining > 0 AND l.expires_at > :now),
            (SELECT min(w.matures_at) FROM pending_points w
             WHERE w.customer_id = customer.id AND w.state = 'pending')) AS due_at
        FROM unnest(CAST(:customers AS uuid[])) customer (id)
        LEFT JOIN (SELECT customer_id, sum(remaining) AS points FROM lot GROUP BY customer_id) gone
            ON gone.customer_id = customer.id
    )
"""
_END = text(f"{_ENDED} SELECT customer_id, points, due_at FROM ended")  # noqa: S608 - the part is a constant of ours
_END_UNSEEN = text(
    f"""{_ENDED}
    UPDATE loyalty_profiles p SET available_points = p.available_points - ended.points, due_at = ended.due_at
    FROM ended WHERE p.customer_id = ended.customer_id
    """  # noqa: S608
)


def end(session: Session, customers: Collection[UUID], now: datetime) -> list[Row[Any]]:
    """Empty them, each with its entry; of each customer how many `points` are gone, and when something is `due_at`
    next. Under the locks of the profiles, whose sums are the caller's."""
    session.flush()
    return list(session.execute(_END, {"customers": list(customers), "now": now}))


def end_unseen(session: Session, customers: Collection[UUID], now: datetime) -> None:
    """The same with the sums, of profiles that are locked and that nobody has loaded: for whole batches."""
    session.flush()
    session.execute(_END_UNSEEN, {"customers": list(customers), "now": now})
