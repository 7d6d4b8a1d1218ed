"""What the database and the model must agree in."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from models.loyalty import LoyaltyProfile, PendingPoints, PointLot, PointTransaction
from tests.loyalty.reference_model import FOREVER, Purse

EVERYTHING = text(
    """
    SELECT t.customer_id, t.type, t.source, t.amount, t.created_at, t.expires_at, t.occurred_at, a.amount AS taken,
           t.counted, t.counts_at, l.remaining, l.expires_at AS ends,
           coalesce(origin.idempotency_key, origin.id::text) AS origin,
           p.available_points, p.total_points, p.debt, p.current_tier, p.due_at
    FROM point_transactions t
    JOIN loyalty_profiles p ON p.customer_id = t.customer_id
    LEFT JOIN point_allocations a ON a.transaction_id = t.id
    LEFT JOIN point_lots l ON l.id = a.lot_id
    LEFT JOIN point_transactions origin ON origin.id = l.transaction_id
    WHERE t.clinic_id = :clinic ORDER BY 1, 2, 4, 5, 7, 8, 9, 10, 11, 12, 13
    """
)
"""All that a clinic's ledger says, without the ids that differ each time it is said."""


def agree(session: Session, purses: Mapping[UUID, Purse]) -> None:
    """Customer by customer: sums, lots, promises, and the two things that must never be."""
    profiles = {
        profile.customer_id: profile
        for profile in session.scalars(select(LoyaltyProfile).where(LoyaltyProfile.customer_id.in_(purses)))
    }
    line, lot, promise = PointTransaction, PointLot, PendingPoints
    # A merge writes a line a lot, and the model one in all: so sums of what happened at one time.
    moved, counted = (
        _by_customer(session, purses, select(line.customer_id, at, func.sum(amount)).group_by(line.customer_id, at))
        for at, amount in ((line.occurred_at, line.amount), (line.counts_at, line.counted))
    )
    lots = _by_customer(
        session, purses, select(lot.customer_id, lot.remaining, lot.expires_at).where(lot.remaining != 0)
    )
    promises = _by_customer(
        session,
        purses,
        select(promise.customer_id, promise.matures_at, promise.amount).where(promise.state == "pending"),
    )
    for id_, purse in purses.items():
        assert sorted(lots[id_], key=_order) == sorted(
            ((lot.left, lot.ends) for lot in purse.lots if lot.left), key=_order
        )
        assert sorted(promises[id_]) == sorted((promise.at, promise.points) for promise in purse.promises)
        assert _summed(moved[id_]) == _summed(purse.lines)
        assert _summed(counted[id_]) == _summed(purse.counted)
        assert sum(amount for _, amount in _summed(moved[id_])) == purse.available
        if id_ in profiles:
            _same(profiles[id_], purse)


def _by_customer(session: Session, purses: Mapping[UUID, Purse], query: Any) -> dict[UUID, list[tuple[Any, ...]]]:
    found: dict[UUID, list[tuple[Any, ...]]] = defaultdict(list)
    for id_, *values in session.execute(query.where(query.selected_columns.customer_id.in_(purses))):
        found[id_].append(tuple(values))
    return found


def _summed(lines: Iterable[tuple[Any, ...]]) -> list[tuple[datetime, int]]:
    """(time, points) of each time at which any were moved or counted."""
    sums: dict[datetime, int] = defaultdict(int)
    for at, amount in lines:
        sums[at] += int(amount)
    return sorted((at, amount) for at, amount in sums.items() if amount)


def _same(profile: LoyaltyProfile, purse: Purse) -> None:
    cached = (profile.available_points, profile.total_points, profile.debt, profile.current_tier)
    assert cached == (purse.available, purse.total, purse.debt, purse.tier[1])
    assert profile.total_spent * 100 == purse.spent
    assert not purse.debt or not purse.full, "points beside a debt"
    due = [lot.ends for lot in purse.full if lot.ends] + [promise.at for promise in purse.promises]
    assert not due or (profile.due_at is not None and profile.due_at <= min(due))


def _order(lot: tuple[Any, ...]) -> Any:
    return lot[0], lot[1] or FOREVER
