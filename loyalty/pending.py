"""Points that are promised and wait for their day. `ledger.post_due` posts them when it has come."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from loyalty import entries, limits
from loyalty.booking import News
from loyalty.earning import Earning
from loyalty.entries import Cause
from models.loyalty import LoyaltyProfile, NotificationData, PendingPoints


def promise(
    session: Session, profile: LoyaltyProfile, points: int, cause: Cause, matures_at: datetime, now: datetime
) -> PendingPoints:
    """Promise points under the profile's lock; the same key promises once.

    Raises `LimitReached`, and `ValueError` without a key.
    """
    if cause.key is None:
        raise ValueError("a promise is kept once, so its cause needs a key")
    first = session.scalars(
        select(PendingPoints).where(
            PendingPoints.clinic_id == profile.clinic_id, PendingPoints.idempotency_key == cause.key
        )
    ).one_or_none()
    if first is not None:
        return first
    limits.check_promise(session, profile, points)
    pending = PendingPoints(
        clinic_id=profile.clinic_id,
        customer_id=profile.customer_id,
        customer=profile.customer,
        amount=points,
        source=cause.source,
        reference=cause.reference,
        idempotency_key=cause.key,
        description=cause.description or None,
        breakdown=cause.breakdown or None,
        matures_at=matures_at,
        state="pending",
        created_at=now,
    )
    session.add(pending)
    session.flush()
    entries.schedule(profile, matures_at)
    return pending


def matured(session: Session, customers: Collection[UUID], now: datetime) -> Sequence[PendingPoints]:
    """The promises of these customers whose day has come, under the locks of their profiles, by that day."""
    return session.scalars(
        select(PendingPoints)
        .where(
            PendingPoints.customer_id.in_(customers),
            PendingPoints.state == "pending",
            PendingPoints.matures_at <= now,
        )
        .order_by(PendingPoints.matures_at, PendingPoints.id)
        .execution_options(populate_existing=True)
    ).all()


def kept(pending: PendingPoints, profile: LoyaltyProfile) -> Earning:
    """What the promise becomes."""
    cause = Cause(
        pending.source,
        key=pending.idempotency_key,
        reference=pending.reference,
        description=pending.description or "",
        breakdown=pending.breakdown,
    )
    told: NotificationData = {"points": pending.amount}
    if pending.reference is not None:
        told["payment"] = pending.reference
    news = News("points_matured", told)
    return Earning(profile, pending.amount, cause, pending.matures_at, news)


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
