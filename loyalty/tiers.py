"""Tiers: decided by the points earned in all, so that spending never lowers one."""

from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from models.clinics import Clinic

NAMES = ("bronze", "silver", "gold", "platinum", "diamond")

_DEFAULTS: tuple[dict[str, object], ...] = (
    {"name": "bronze", "from": 0, "discount": 5, "multiplier": "1"},
    {"name": "silver", "from": 1_000, "discount": 8, "multiplier": "1.5"},
    {"name": "gold", "from": 3_000, "discount": 10, "multiplier": "2"},
    {"name": "platinum", "from": 7_000, "discount": 12, "multiplier": "2.5"},
    {"name": "diamond", "from": 15_000, "discount": 15, "multiplier": "3"},
)


@dataclass(frozen=True)
class Tier:
    """`threshold` in total points, `discount` in percent, `multiplier` of the points a treatment earns."""

    name: str
    threshold: int
    discount: int
    multiplier: Decimal


def tiers_of(clinic: Clinic) -> tuple[Tier, ...]:
    """The clinic's tiers, lowest first; those of the product where it has not set its own."""
    rows = clinic.settings.get("tiers") or _DEFAULTS
    tiers = (
        Tier(str(row["name"]), int(str(row["from"])), int(str(row["discount"])), Decimal(str(row["multiplier"])))
        for row in rows
    )
    return tuple(sorted(tiers, key=lambda tier: tier.threshold))


def tier_for(tiers: tuple[Tier, ...], total_points: int) -> Tier:
    reached = [tier for tier in tiers if tier.threshold <= total_points]
    return reached[-1] if reached else tiers[0]


def next_tier(tiers: tuple[Tier, ...], total_points: int) -> Tier | None:
    """The tier still to be reached, None at the top."""
    return next((tier for tier in tiers if tier.threshold > total_points), None)


def progress(tiers: tuple[Tier, ...], total_points: int) -> Decimal:
    """Percent of the way from this tier to the next, 0.00-100.00, rounded down; 100 at the top."""
    above = next_tier(tiers, total_points)
    if above is None:
        return Decimal(100)
    floor = tier_for(tiers, total_points).threshold
    share = Decimal(max(total_points - floor, 0) * 100) / (above.threshold - floor)
    return share.quantize(Decimal("0.01"), rounding=ROUND_DOWN)
