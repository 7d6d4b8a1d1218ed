"""What a customer has at one moment, with the expiries and maturities that no write has posted yet. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Executable, bindparam, func, literal, select, union_all
from sqlalchemy.orm import Session

from loyalty import rolling, tiers
from models.clinic_settings import Tier, Tiers
from models.loyalty import LoyaltyProfile, PendingPoints, PointLot

Ahead = tuple[datetime, int, bool]
"""When, how many points, and whether they are held until then, else promised for then."""

# Built once: a customer who asks for their points waits for it.
_AHEAD: Executable = union_all(
    select(PointLot.expires_at.label("at"), func.sum(PointLot.remaining), literal(True))
    .where(PointLot.customer_id == bindparam("customer"), PointLot.remaining > 0, PointLot.expires_at.is_not(None))
    .group_by(PointLot.expires_at),
    select(PendingPoints.matures_at, PendingPoints.amount, literal(False)).where(
        PendingPoints.customer_id == bindparam("customer"), PendingPoints.state == "pending"
    ),
).order_by("at")
COLUMNS = f"""
    p.total_points, p.available_points, p.current_tier, ahead.at, ahead.points, ahead.held,
    CASE WHEN clinic.settings #>> '{{tiers,policy}}' = 'rolling_12_months'
         THEN ({rolling.COUNTED_SINCE.format(customer="p.customer_id", since=":since")}) END AS counted_since
"""
AHEAD = """
    LEFT JOIN LATERAL (
        SELECT array_agg(at ORDER BY at) AS at, array_agg(points ORDER BY at) AS points,
               array_agg(held ORDER BY at) AS held
        FROM (
            SELECT expires_at AS at, CAST(sum(remaining) AS bigint) AS points, true AS held FROM point_lots
            WHERE customer_id = p.customer_id AND remaining > 0 AND expires_at IS NOT NULL GROUP BY expires_at
            UNION ALL
            SELECT matures_at, amount, false FROM pending_points
            WHERE customer_id = p.customer_id AND state = 'pending'
        ) each
    ) ahead ON true
"""
"""With `COLUMNS` all of it in a statement that has a `clinic` and perhaps a profile `p`; `:since` is a year before."""


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


@dataclass(frozen=True)
class Stored:
    """What the tables say of a customer, as it was last written."""

    total: int
    available: int
    tier: str
    ahead: Sequence[Ahead]
    """By time."""
    counted_since: int | None
    """What has counted in the last twelve months, where these decide."""


def of(session: Session, profile: LoyaltyProfile, now: datetime) -> Standing:
    """Read-only: what the customer has at `now`."""
    session.flush()
    # Through the connection: columns alone need nothing of the session, which costs half as much again.
    rows = session.connection().execute(_AHEAD, {"customer": profile.customer_id}).all()
    clinic, since = profile.customer.clinic, None
    if rolling.applies(clinic):
        since = rolling.earned(session, profile.customer_id, rolling.year_before(now))
    ahead = [(at, int(points), held) for at, points, held in rows]
    stored = Stored(profile.total_points, profile.available_points, profile.current_tier, ahead, since)
    return reckon(clinic.settings.tiers, stored, now)


def reckon(chosen: Tiers, stored: Stored, now: datetime) -> Standing:
    """The same, of what is stored."""
    dated = [(at, points) for at, points, held in stored.ahead if held]
    promised = [(at, points) for at, points, held in stored.ahead if not held]
    expired = sum(points for expires_at, points in dated if expires_at <= now)
    matured = sum(points for matures_at, points in promised if matures_at <= now)
    total, balance = stored.total + matured, stored.available - expired + matured
    if stored.counted_since is None:
        status = tiers.lifetime_status(chosen.steps, total)
    else:
        held = next((step for step in chosen.steps if step.name == stored.tier), chosen.steps[0])
        status = tiers.rolling_status(chosen.steps, held, stored.counted_since + matured)
    return Standing(
        total=total,
        available=max(balance, 0),
        owed=max(-balance, 0),
        pending=sum(points for _, points in promised) - matured,
        tier=status.tier,
        next_tier=status.next_tier,
        progress=int(status.progress),
        next_expiry=next(((expires_at, points) for expires_at, points in dated if expires_at > now), None),
        deciding=status.deciding,
    )
