"""The ledger: append-only lines, lots that expire, and a profile that caches the sums.

Invariants: `available_points = Σ lots.remaining = Σ transactions.amount` and `total_points = Σ earned`.
Every write holds the profile's row lock and first posts what has expired; reads compute it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

import wake
from loyalty import tiers
from loyalty.errors import BadPoints
from loyalty.referral_codes import new_code
from models.clinics import Clinic
from models.customers import Customer, LineLink
from models.loyalty import LoyaltyProfile, PointAllocation, PointLot, PointTransaction

WELCOME_POINTS = 100
LARGEST_AWARD = 1_000_000
LIFE_MONTHS = 12


@dataclass(frozen=True)
class Standing:
    """What a customer's points are worth at one moment, expiries included that no write has posted yet."""

    total: int
    available: int
    tier: tiers.Tier
    next_tier: tiers.Tier | None
    progress: int
    """Whole percent towards the next tier."""
    next_expiry: tuple[datetime, int] | None
    """The instant from which points are gone, and how many."""


def profile_of(session: Session, customer: Customer) -> LoyaltyProfile | None:
    return session.get(LoyaltyProfile, customer.id)


def welcome_points_of(clinic: Clinic) -> int:
    return int(clinic.settings.get("welcome_points", WELCOME_POINTS))


def create_loyalty_profile(session: Session, customer: Customer, now: datetime) -> LoyaltyProfile:
    """Make the customer a member, with the welcome points of the clinic, once; a member is returned as they are.

    Whoever was given a profile by an award before they joined receives the welcome points now.
    """
    profile = _open_profile(session, customer, now)
    points = welcome_points_of(customer.clinic)
    if customer.joined_at is None:
        customer.joined_at = now
    if points:
        _earn(session, profile, points, "", "welcome", now, key=f"welcome:{customer.id}")
    _want_menu(session, profile, now)
    return profile


def award_points(
    session: Session,
    customer: Customer,
    points: int,
    description: str,
    type: str = "earned",  # noqa: A002 - the word of the interface this function is known by
    workflow_id: str | None = None,
    *,
    now: datetime,
    source: str = "award",
    key: str | None = None,
    actor: str = "system",
) -> PointTransaction:
    """Give points and look at the tier again, all in the caller's transaction.

    `key` is the business key of the fact; the same key returns the first line and changes nothing.
    `workflow_id` is kept as a reference and is not a key. A customer who never joined gets a profile without the
    welcome points. Raises `BadPoints`.
    """
    if isinstance(points, bool) or not isinstance(points, int) or not 0 < points <= LARGEST_AWARD:
        raise BadPoints(points)
    profile = _open_profile(session, customer, now)
    return _earn(
        session, profile, points, description, source, now, key=key, reference=workflow_id, type_=type, actor=actor
    )


def standing(session: Session, profile: LoyaltyProfile, now: datetime) -> Standing:
    """Read-only: what the customer has at `now`."""
    lots = session.execute(
        select(PointLot.expires_at, func.sum(PointLot.remaining))
        .where(PointLot.customer_id == profile.customer_id, PointLot.remaining != 0, PointLot.expires_at.is_not(None))
        .group_by(PointLot.expires_at)
        .order_by(PointLot.expires_at)
    ).all()
    dated = [(expires_at, int(amount)) for expires_at, amount in lots if expires_at is not None]
    expired = sum(amount for expires_at, amount in dated if expires_at <= now)
    coming = next(((expires_at, amount) for expires_at, amount in dated if expires_at > now and amount > 0), None)
    steps = tiers.tiers_of(profile.customer.clinic)
    return Standing(
        total=profile.total_points,
        available=profile.available_points - expired,
        tier=tiers.tier_for(steps, profile.total_points),
        next_tier=tiers.next_tier(steps, profile.total_points),
        progress=int(tiers.progress(steps, profile.total_points)),
        next_expiry=coming,
    )


def history(
    session: Session, customer: Customer, *, before: UUID | None = None, limit: int = 8
) -> tuple[Sequence[PointTransaction], UUID | None]:
    """The newest lines first, and the id to continue `before`; None when there is nothing older.

    An id of another customer's line is no place in this history: it starts at the beginning.
    """
    query = select(PointTransaction).where(PointTransaction.customer_id == customer.id)
    if before is not None:
        mark = (
            select(PointTransaction.created_at, PointTransaction.id)
            .where(PointTransaction.id == before, PointTransaction.customer_id == customer.id)
            .subquery()
        )
        place = session.execute(select(mark)).one_or_none()
        if place is not None:
            query = query.where(tuple_(PointTransaction.created_at, PointTransaction.id) < tuple(place))
    newest_first = query.order_by(PointTransaction.created_at.desc(), PointTransaction.id.desc())
    lines = session.scalars(newest_first.limit(limit + 1)).all()
    return lines[:limit], lines[limit - 1].id if len(lines) > limit else None


def expiry_of(earned_at: datetime, clinic: Clinic) -> datetime:
    """The first instant of the month after the twelfth, in the clinic's zone."""
    zone = ZoneInfo(str(clinic.settings.get("timezone", "Asia/Bangkok")))
    months = int(clinic.settings.get("points_life_months", LIFE_MONTHS))
    local = earned_at.astimezone(zone)
    month = local.year * 12 + local.month - 1 + months + 1
    return datetime(month // 12, month % 12 + 1, 1, tzinfo=zone)


def settle(session: Session, profile: LoyaltyProfile, now: datetime) -> None:
    """Post this customer's expiries, one line per lot, under the profile's lock."""
    lots = session.scalars(
        select(PointLot)
        .where(PointLot.customer_id == profile.customer_id, PointLot.remaining > 0, PointLot.expires_at <= now)
        .order_by(PointLot.expires_at, PointLot.created_at, PointLot.id)
    ).all()
    for lot in lots:
        line = _write(
            session, profile, -lot.remaining, "", "expired", "expiry", lot.expires_at or now, key=f"expiry:{lot.id}"
        )
        session.flush()
        session.add(
            PointAllocation(clinic_id=lot.clinic_id, transaction_id=line.id, lot_id=lot.id, amount=lot.remaining)
        )
        profile.available_points -= lot.remaining
        lot.remaining = 0


def _open_profile(session: Session, customer: Customer, now: datetime) -> LoyaltyProfile:
    """The customer's profile under its row lock, made when there is none, with expiries posted."""
    profile = _locked(session, customer)
    while profile is None:
        session.flush()
        session.execute(
            insert(LoyaltyProfile)
            .values(
                customer_id=customer.id,
                clinic_id=customer.clinic_id,
                total_points=0,
                available_points=0,
                current_tier=tiers.tiers_of(customer.clinic)[0].name,
                tier_progress=0,
                total_spent=0,
                total_visits=0,
                referral_code=new_code(),
                created_at=now,
            )
            # Either somebody was quicker, or the code is taken: look, and try another code.
            .on_conflict_do_nothing()
        )
        profile = _locked(session, customer)
    settle(session, profile, now)
    return profile


def _locked(session: Session, customer: Customer) -> LoyaltyProfile | None:
    return session.scalars(
        select(LoyaltyProfile)
        .where(LoyaltyProfile.customer_id == customer.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def _earn(
    session: Session,
    profile: LoyaltyProfile,
    points: int,
    description: str,
    source: str,
    now: datetime,
    *,
    key: str | None,
    reference: str | None = None,
    type_: str = "earned",
    actor: str = "system",
) -> PointTransaction:
    if key is not None:
        first = session.scalars(
            select(PointTransaction).where(
                PointTransaction.clinic_id == profile.clinic_id, PointTransaction.idempotency_key == key
            )
        ).one_or_none()
        if first is not None:
            return first
    expires_at = expiry_of(now, profile.customer.clinic)
    line = _write(
        session, profile, points, description, type_, source, now,
        key=key, reference=reference, actor=actor, expires_at=expires_at,
    )  # fmt: skip
    session.flush()
    session.add(
        PointLot(
            clinic_id=profile.clinic_id,
            customer_id=profile.customer_id,
            transaction_id=line.id,
            remaining=points,
            expires_at=expires_at,
            created_at=now,
        )
    )
    profile.available_points += points
    if type_ == "earned":
        profile.total_points += points
        _look_at_tier(session, profile, now)
    return line


def _write(
    session: Session,
    profile: LoyaltyProfile,
    amount: int,
    description: str,
    type_: str,
    source: str,
    now: datetime,
    *,
    key: str | None = None,
    reference: str | None = None,
    actor: str = "system",
    expires_at: datetime | None = None,
    breakdown: Mapping[str, Any] | None = None,
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
        breakdown=dict(breakdown) if breakdown else None,
        actor=actor,
        created_at=now,
    )
    session.add(line)
    return line


def _look_at_tier(session: Session, profile: LoyaltyProfile, now: datetime) -> None:
    steps = tiers.tiers_of(profile.customer.clinic)
    tier = tiers.tier_for(steps, profile.total_points)
    profile.tier_progress = tiers.progress(steps, profile.total_points)
    if tier.name != profile.current_tier:
        profile.current_tier = tier.name
        _want_menu(session, profile, now)


def _want_menu(session: Session, profile: LoyaltyProfile, now: datetime) -> None:
    """A member's menu shows their tier; one who has not joined keeps the guest's, which offers joining."""
    if profile.customer.joined_at is None:
        return
    link = session.scalars(select(LineLink).where(LineLink.customer_id == profile.customer_id)).one_or_none()
    if link is not None:
        link.want(profile.current_tier, profile.customer.language or "th", now)
        wake.after(session, "menus")
