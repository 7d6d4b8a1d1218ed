"""What one customer may have, far below what the columns hold: more is a mistake, and it is said before it is written.

The limits stand at the doors: where points are given, promised, or come together. Points that were promised come, and
what a refund takes is taken, whatever the sums are.
"""

from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from loyalty.errors import LimitReached
from models.loyalty import LARGEST_ENTRY, LoyaltyProfile, PendingPoints

LARGEST_TOTAL = 1_000_000_000
"""Points of one customer, in all and available."""
LARGEST_SPENT = 1_000_000_000
"""Baht of one customer in all."""


def check_entry(points: int) -> None:
    """Raises `LimitReached` for more points than one entry moves."""
    if points > LARGEST_ENTRY:
        raise LimitReached("entry", LARGEST_ENTRY, points)


def check_points(profile: LoyaltyProfile, points: int) -> None:
    """Whether the customer may be given so many points more. Raises `LimitReached`."""
    check_entry(points)
    _check_total(max(profile.total_points, profile.available_points) + points)


def check_promise(session: Session, profile: LoyaltyProfile, points: int) -> None:
    """The same for points that come later, beside all that are promised already. Raises `LimitReached`."""
    session.flush()
    promised = session.scalar(
        select(func.coalesce(func.sum(PendingPoints.amount), 0)).where(
            PendingPoints.customer_id == profile.customer_id, PendingPoints.state == "pending"
        )
    )
    check_entry(points)
    _check_total(max(profile.total_points, profile.available_points) + int(promised or 0) + points)


def check_spent(profile: LoyaltyProfile, amount: Decimal) -> None:
    """Whether the customer may have paid so many baht more. Raises `LimitReached`."""
    if profile.total_spent + amount > LARGEST_SPENT:
        raise LimitReached("baht", LARGEST_SPENT, profile.total_spent + amount)


def check_together(one: LoyaltyProfile, other: LoyaltyProfile) -> None:
    """Whether one customer may have what these two have. Raises `LimitReached`."""
    _check_total(max(one.total_points + other.total_points, one.available_points + other.available_points))
    check_spent(one, other.total_spent)


def _check_total(points: int) -> None:
    if points > LARGEST_TOTAL:
        raise LimitReached("points", LARGEST_TOTAL, points)
