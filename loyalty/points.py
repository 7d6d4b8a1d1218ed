"""Points as the rest of the product knows them: given, adjusted, read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Executable, bindparam, func, literal, select, tuple_, union_all
from sqlalchemy.orm import Session

from customers.line_accounts import menus_due
from loyalty import achievements, entries, ledger, notifications, tiers
from loyalty.entries import Cause
from loyalty.errors import BadPoints
from models.clinic_settings import Tier
from models.customers import Customer
from models.loyalty import EntryType, LoyaltyProfile, PendingPoints, PointLot, PointTransaction
from runtime.actors import SYSTEM

LARGEST = 1_000_000

# Built once: a customer who asks for their points waits for it.
_AHEAD: Executable = union_all(
    select(PointLot.expires_at.label("at"), func.sum(PointLot.remaining), literal(True))
    .where(PointLot.customer_id == bindparam("customer"), PointLot.remaining > 0, PointLot.expires_at.is_not(None))
    .group_by(PointLot.expires_at),
    select(PendingPoints.matures_at, PendingPoints.amount, literal(False)).where(
        PendingPoints.customer_id == bindparam("customer"), PendingPoints.state == "pending"
    ),
).order_by("at")
"""What is ahead of a customer's points: when, how many, and whether they are held (else promised)."""
GIVEN = ("earned", "adjusted")
"""The types of entries that add to total points, which `reconcile` counts."""


@dataclass(frozen=True)
class Standing:
    """What a customer has at one moment, with the expiries and maturities that no write has posted yet."""

    total: int
    available: int
    """To be spent, never below 0."""
    owed: int
    """What a refund has taken beyond what there was: the next points fill it first. 0 while any are available."""
    pending: int
    """Promised, and not yet to be spent."""
    tier: Tier
    next_tier: Tier | None
    progress: int
    """Whole percent towards the next tier."""
    next_expiry: tuple[datetime, int] | None
    """The instant from which points are gone, and how many."""
    deciding: int
    """The points that decide the tier: the total, or those of the last twelve months."""


def profile_of(session: Session, customer: Customer) -> LoyaltyProfile | None:
    return session.get(LoyaltyProfile, (customer.id, customer.clinic_id))


def create_loyalty_profile(session: Session, customer: Customer, now: datetime) -> LoyaltyProfile:
    """Make the customer a member, with the welcome points of the clinic, once; a member is returned as they are.

    Whoever was given a profile by an award before they joined receives the welcome points now.
    """
    profile = ledger.open_profile(session, customer, now)
    if customer.joined_at is None:
        customer.joined_at = now
    points = customer.clinic.settings.points.welcome
    if points and entries.by_person(session, profile, "welcome:{}") is None:
        ledger.earn(session, profile, points, Cause("welcome", key=f"welcome:{customer.id}"), now)
    menus_due(session, customer)
    return profile


def award_points(
    session: Session,
    customer: Customer,
    points: int,
    description: str,
    type: EntryType = "earned",  # noqa: A002 - the word of the interface this function is known by
    workflow_id: str | None = None,
    *,
    now: datetime,
    source: str = "award",
    key: str | None = None,
    actor: str = SYSTEM,
) -> PointTransaction:
    """Give points, look at tier and achievements again, write notices: all in the caller's transaction.

    `key` is the business key of the fact; the same key returns the first entry and changes nothing.
    `workflow_id` is kept as a reference and is not a key. A customer who never joined gets a profile without the
    welcome points. Raises `BadPoints`, `LimitReached`, and `ValueError` for a type that gives nothing.
    """
    if type not in GIVEN:
        raise ValueError(f"no points are given as {type!r}: use one of {', '.join(GIVEN)}")
    check_amount(points)
    profile = ledger.open_profile(session, customer, now)
    first = entries.by_key(session, profile, key)
    if first is not None:
        return first
    cause = Cause(source, key=key, reference=workflow_id, description=description, actor=actor)
    entry = ledger.earn(session, profile, points, cause, now, type_=type)
    notifications.write(session, customer, "points_earned", now, data={"points": points, "source": source})
    achievements.check(session, profile, now)
    return entry


def adjust_points(
    session: Session, customer: Customer, points: int, reason: str, *, now: datetime, actor: str, counts: bool = False
) -> PointTransaction:
    """A correction by staff, signed, with its reason. Only one marked `counts` touches total points and the tier.

    Raises `BadPoints` (also for an empty reason), `NotEnoughPoints` and `LimitReached`.
    """
    check_amount(points if isinstance(points, bool) or not isinstance(points, int) else abs(points))
    if not reason.strip():
        raise BadPoints("an adjustment without a reason")
    profile = ledger.open_profile(session, customer, now)
    cause = Cause("adjustment", description=reason, actor=actor)
    if points > 0:
        return ledger.earn(session, profile, points, cause, now, type_="adjusted", counts=counts)
    if counts and profile.total_points + points < 0:
        raise BadPoints(points)
    return ledger.spend(session, profile, -points, cause, now, type_="adjusted", counts=counts)


def check_amount(points: object) -> None:
    """Raises `BadPoints` unless it is a whole number that somebody can mean."""
    if isinstance(points, bool) or not isinstance(points, int) or not 0 < points <= LARGEST:
        raise BadPoints(points)


def standing(session: Session, profile: LoyaltyProfile, now: datetime) -> Standing:
    """Read-only: what the customer has at `now`."""
    session.flush()
    # By the connection: columns alone need nothing of the session, which costs half as much again.
    rows = session.connection().execute(_AHEAD, {"customer": profile.customer_id}).all()
    dated = [(at, int(amount)) for at, amount, held in rows if held]
    expired = sum(amount for expires_at, amount in dated if expires_at <= now)
    promised = [(at, int(amount)) for at, amount, held in rows if not held]
    matured = sum(amount for matures_at, amount in promised if matures_at <= now)
    total = profile.total_points + matured
    balance = profile.available_points - expired + matured
    status = tiers.status(session, profile, total, now)
    return Standing(
        total=total,
        available=max(balance, 0),
        owed=max(-balance, 0),
        pending=sum(amount for _, amount in promised) - matured,
        tier=status.tier,
        next_tier=status.next_tier,
        progress=int(status.progress),
        next_expiry=next(((expires_at, amount) for expires_at, amount in dated if expires_at > now), None),
        deciding=status.deciding,
    )


def history(
    session: Session, customer: Customer, *, before: UUID | None = None, limit: int = 8
) -> tuple[Sequence[PointTransaction], UUID | None]:
    """What happened last first, and the id to continue `before`; None when there is nothing older. What is told late
    stands where it happened, and moves no page.

    An id of another customer's entry is no place in this history: it starts at the beginning.
    """
    query = select(PointTransaction).where(PointTransaction.customer_id == customer.id, PointTransaction.amount != 0)
    if before is not None:
        place = session.execute(
            select(PointTransaction.occurred_at, PointTransaction.id).where(
                PointTransaction.id == before, PointTransaction.customer_id == customer.id
            )
        ).one_or_none()
        if place is not None:
            query = query.where(tuple_(PointTransaction.occurred_at, PointTransaction.id) < tuple(place))
    newest_first = query.order_by(PointTransaction.occurred_at.desc(), PointTransaction.id.desc())
    found = session.scalars(newest_first.limit(limit + 1)).all()
    return found[:limit], found[limit - 1].id if len(found) > limit else None
