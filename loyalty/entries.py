"""Writing into the ledger: lines, lots, and what a line took from a lot. Only `ledger.py` and `merge.py` use it.

Each function keeps `available_points = Σ lots.remaining` by itself or says what the caller must add.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from models.loyalty import LoyaltyProfile, PointAllocation, PointLot, PointTransaction


def by_key(session: Session, profile: LoyaltyProfile, key: str | None) -> PointTransaction | None:
    """The line that this business key has written, if it has."""
    if key is None:
        return None
    return session.scalars(
        select(PointTransaction).where(
            PointTransaction.clinic_id == profile.clinic_id, PointTransaction.idempotency_key == key
        )
    ).one_or_none()


def write_line(
    session: Session,
    profile: LoyaltyProfile,
    amount: int,
    type_: str,
    source: str,
    now: datetime,
    *,
    description: str = "",
    key: str | None = None,
    reference: str | None = None,
    reverses: PointTransaction | None = None,
    actor: str = "system",
    breakdown: Mapping[str, Any] | None = None,
    expires_at: datetime | None = None,
) -> PointTransaction:
    line = PointTransaction(
        customer_id=profile.customer_id,
        clinic_id=profile.clinic_id,
        customer=profile.customer,
        type=type_,
        amount=amount,
        description=description or None,
        expires_at=expires_at,
        source=source,
        reference=reference,
        idempotency_key=key,
        reverses_id=reverses.id if reverses else None,
        breakdown=dict(breakdown) if breakdown else None,
        actor=actor,
        created_at=now,
    )
    session.add(line)
    # Lots and allocations refer to it, and nothing else orders their inserts.
    session.flush()
    return line


def open_lot(
    session: Session,
    profile: LoyaltyProfile,
    line: PointTransaction,
    points: int,
    expires_at: datetime | None,
    now: datetime,
) -> PointLot:
    lot = PointLot(
        clinic_id=profile.clinic_id,
        customer_id=profile.customer_id,
        transaction_id=line.id,
        remaining=points,
        expires_at=expires_at,
        created_at=now,
    )
    session.add(lot)
    be_due(profile, expires_at)
    return lot


def lots_of(session: Session, profile: LoyaltyProfile, which: ColumnElement[bool]) -> Sequence[PointLot]:
    """The profile's lots, first-expiring first, as they are now: this session may have seen them before the lock."""
    return session.scalars(
        select(PointLot)
        .where(PointLot.customer_id == profile.customer_id, which)
        .order_by(PointLot.expires_at.asc().nulls_last(), PointLot.created_at, PointLot.id)
        .execution_options(populate_existing=True)
    ).all()


def settle_debts(session: Session, profile: LoyaltyProfile, line: PointTransaction) -> None:
    """Points and debts that have come together by this line: the first-expiring pay."""
    if profile.debt:
        for lot in lots_of(session, profile, PointLot.remaining > 0):
            fill_debts(session, profile, line, lot)


def fill_debts(session: Session, profile: LoyaltyProfile, line: PointTransaction, lot: PointLot) -> None:
    """Points that come in pay what is owed first; the two never lie side by side."""
    if not profile.debt or lot.remaining <= 0:
        return
    for debt in lots_of(session, profile, PointLot.remaining < 0):
        amount = min(-debt.remaining, lot.remaining)
        if not amount:
            return
        debt.remaining += amount
        lot.remaining -= amount
        profile.debt -= amount
        allocate(session, line, debt, -amount)
        allocate(session, line, lot, amount)


def take_first_expiring(session: Session, profile: LoyaltyProfile, line: PointTransaction, points: int) -> None:
    if not points:
        return
    rest = points
    for lot in lots_of(session, profile, PointLot.remaining > 0):
        amount = min(lot.remaining, rest)
        take(session, profile, line, lot, amount)
        rest -= amount
        if not rest:
            return
    raise RuntimeError(f"profile {profile.customer_id}: the lots hold {rest} points less than the profile says")


def take(session: Session, profile: LoyaltyProfile, line: PointTransaction, lot: PointLot, amount: int) -> None:
    lot.remaining -= amount
    profile.available_points -= amount
    allocate(session, line, lot, amount)


def allocate(session: Session, line: PointTransaction, lot: PointLot, amount: int) -> None:
    """`amount` was taken from the lot by this line; negative when it was given to it."""
    session.add(PointAllocation(clinic_id=lot.clinic_id, transaction_id=line.id, lot_id=lot.id, amount=amount))


def be_due(profile: LoyaltyProfile, at: datetime | None) -> None:
    """Have `settle` look at this profile no later than `at`."""
    if at is not None and (profile.due_at is None or at < profile.due_at):
        profile.due_at = at
