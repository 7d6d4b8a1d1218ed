"""Tiers: decided by points earned, in all or in the last twelve months, so that spending never lowers one."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_DOWN, Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from customers.line_accounts import menus_due
from loyalty import notifications, rolling
from models.clinic_settings import Tier
from models.clinics import Clinic
from models.loyalty import LoyaltyProfile


def tier_for(tiers: tuple[Tier, ...], total_points: int) -> Tier:
    reached = [tier for tier in tiers if tier.threshold <= total_points]
    return reached[-1] if reached else tiers[0]


def next_tier(tiers: tuple[Tier, ...], total_points: int) -> Tier | None:
    """The tier still to be reached, None at the top. What staff and refunds took may leave less than nothing."""
    least = max(total_points, tiers[0].threshold)
    return next((tier for tier in tiers if tier.threshold > least), None)


def progress(tiers: tuple[Tier, ...], total_points: int) -> Decimal:
    """Percent of the way from this tier to the next, 0.00-100.00, rounded down; 100 at the top."""
    above = next_tier(tiers, total_points)
    if above is None:
        return Decimal(100)
    floor = tier_for(tiers, total_points).threshold
    share = Decimal(max(total_points - floor, 0) * 100) / (above.threshold - floor)
    return share.quantize(Decimal("0.01"), rounding=ROUND_DOWN)


@dataclass(frozen=True)
class TierStatus:
    """Where a customer stands among the tiers; `deciding` are the points that count under the clinic's policy."""

    tier: Tier
    next_tier: Tier | None
    progress: Decimal
    deciding: int


def status(
    session: Session,
    profile: LoyaltyProfile,
    total_points: int,
    now: datetime,
    *,
    lost: int = 0,
    earned: int | None = None,
) -> TierStatus:
    """Where the customer stands with this total. Under `rolling_12_months` the tier held is kept until its review,
    unless it rested on points that were `lost` just now. `earned`: in the twelve months, where somebody has asked."""
    steps = profile.customer.clinic.settings.tiers.steps
    if not rolling.applies(profile.customer.clinic):
        return lifetime_status(steps, total_points)
    if earned is None:
        earned = rolling.earned(session, profile.customer_id, rolling.year_before(now))
    deciding = earned + total_points - profile.total_points  # what has matured and no write has posted
    held = next((step for step in steps if step.name == profile.current_tier), steps[0])
    return rolling_status(steps, held if not lost or deciding + lost < held.threshold else steps[0], deciding)


def lifetime_status(steps: tuple[Tier, ...], total_points: int) -> TierStatus:
    """Where somebody stands who has earned so much in all."""
    return TierStatus(
        tier_for(steps, total_points), next_tier(steps, total_points), progress(steps, total_points), total_points
    )


def rolling_status(steps: tuple[Tier, ...], kept: Tier, deciding: int) -> TierStatus:
    """Where somebody stands who keeps this tier until the next review and has earned so much in twelve months."""
    tier = max(tier_for(steps, deciding), kept, key=lambda step: step.threshold)
    level = max(deciding, tier.threshold)
    return TierStatus(tier, next_tier(steps, level), progress(steps, level), deciding)


def decides(clinic: Clinic, counts_at: datetime, now: datetime) -> bool:
    """Whether what counts at that time decides the tier now."""
    return not rolling.applies(clinic) or counts_at > rolling.year_before(now)


def reevaluate(session: Session, profile: LoyaltyProfile, now: datetime, *, lost: int = 0) -> None:
    """Set the tier that the points give, and tell of it.

    `lost`: points that counted and were taken back just now: a tier they gave is gone at once, whatever the policy.
    """
    found = status(session, profile, profile.total_points, now, lost=lost)
    held, profile.current_tier, profile.tier_progress = profile.current_tier, found.tier.name, found.progress
    tell(session, profile, held, now)


def tell(session: Session, profile: LoyaltyProfile, held: str, now: datetime) -> None:
    """After the tier was set: a rise above the one that was `held` is news, and both ways the menu follows."""
    if profile.current_tier == held:
        return
    names = [step.name for step in profile.customer.clinic.settings.tiers.steps]
    if held in names and names.index(profile.current_tier) > names.index(held):
        notifications.write(session, profile.customer, "tier_upgraded", now, data={"tier": profile.current_tier})
    menus_due(session, profile.customer)


def newly_seen(session: Session, profile: LoyaltyProfile, tier: Tier) -> bool:
    """The customer looks at the tier that they have: whether they have risen to it since they last looked. True once,
    in however many browsers; the first look of all only remembers it. It waits for nobody who holds the profile: the
    next look will see as much."""
    if profile.tier_seen == tier.name:
        return False
    session.flush()
    free = session.execute(
        select(LoyaltyProfile.tier_seen)
        .where(LoyaltyProfile.clinic_id == profile.clinic_id, LoyaltyProfile.customer_id == profile.customer_id)
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if free is None or free.tier_seen == tier.name:
        return False
    profile.tier_seen = tier.name
    session.flush()
    names = [step.name for step in profile.customer.clinic.settings.tiers.steps]
    return free.tier_seen in names and names.index(tier.name) > names.index(free.tier_seen)


def tier_name(name: str, t: Callable[..., str]) -> str:
    """The tier's name in the customer's language; a clinic's own tier keeps the name it was given."""
    names = {
        "bronze": t("Bronze"),
        "silver": t("Silver"),
        "gold": t("Gold"),
        "platinum": t("Platinum"),
        "diamond": t("Diamond"),
    }
    return names.get(name, name)
