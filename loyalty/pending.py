"""Points that are promised and wait for their day. `ledger.settle` posts them when it has come."""

from datetime import datetime

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
