"""Points that are promised and wait for their day. `ledger.settle` posts them when it has come."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from loyalty import entries
from models.loyalty import LoyaltyProfile, PendingPoints


def promise(
    session: Session,
    profile: LoyaltyProfile,
    points: int,
    source: str,
    matures_at: datetime,
    now: datetime,
    *,
    key: str,
    description: str = "",
    reference: str | None = None,
    breakdown: Mapping[str, Any] | None = None,
) -> PendingPoints:
    """Promise points under the profile's lock; the same `key` promises once."""
    first = session.scalars(
        select(PendingPoints).where(PendingPoints.clinic_id == profile.clinic_id, PendingPoints.idempotency_key == key)
    ).one_or_none()
    if first is not None:
        return first
    pending = PendingPoints(
        clinic_id=profile.clinic_id,
        customer_id=profile.customer_id,
        customer=profile.customer,
        amount=points,
        source=source,
        reference=reference,
        idempotency_key=key,
        description=description or None,
        breakdown=dict(breakdown) if breakdown else None,
        matures_at=matures_at,
        state="pending",
        created_at=now,
    )
    session.add(pending)
    session.flush()
    entries.be_due(profile, matures_at)
    return pending


def void(session: Session, pending: PendingPoints, reason: str) -> None:
    """Take the promise back, if it has not been kept yet."""
    if pending.state == "pending":
        pending.state, pending.reason = "void", reason
        session.flush()


def lower(session: Session, profile: LoyaltyProfile, key: str, points: int, reason: str) -> None:
    """Promise so many points less, under the profile's lock; a promise of nothing is void."""
    promised = session.scalars(
        select(PendingPoints)
        .where(
            PendingPoints.clinic_id == profile.clinic_id,
            PendingPoints.idempotency_key == key,
            PendingPoints.state == "pending",
        )
        .execution_options(populate_existing=True)
    ).one_or_none()
    if promised is not None and points < promised.amount:
        promised.amount -= points
    elif promised is not None:
        void(session, promised, reason)
