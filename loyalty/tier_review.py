"""The monthly review under `rolling_12_months`: on the first of a month, one step down at most, warned three times."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from customers import journey
from customers.line_accounts import menus_due
from loyalty import notifications, rolling, tiers
from models.clinics import Clinic
from models.customers import Customer
from models.loyalty import LoyaltyProfile, NotificationData

BATCH = 200
WARN_DAYS = (7, 30, 60)
WARN_AT = time(10, 0)
WARN_FOR = timedelta(hours=11)

# One statement for a clinic: what each tier asks is joined in, so that nobody above their tier is even looked at.
_BELOW = f"""
    SELECT p.customer_id, step.threshold, earned.points FROM loyalty_profiles p
    JOIN unnest(CAST(:names AS text[]), CAST(:thresholds AS int[])) step (name, threshold) ON step.name = p.current_tier
    CROSS JOIN LATERAL ({rolling.COUNTED.format(customer="p.customer_id")}) earned (points)
    WHERE p.clinic_id = :clinic AND p.current_tier <> :lowest AND earned.points < step.threshold
      AND NOT EXISTS (SELECT 1 FROM customer_journey_events e WHERE e.clinic_id = p.clinic_id
                      AND e.key = 'tier_review:' || p.customer_id || ':' || :review)
    ORDER BY p.customer_id LIMIT :limit
"""  # noqa: S608 - the parts are constants of ours
_LOWER, _WARN = text(f"{_BELOW} FOR UPDATE OF p SKIP LOCKED"), text(_BELOW)


def review(session: Session, clinic: Clinic, day: date, now: datetime, limit: int = BATCH) -> int:
    """Lower one batch of those who no longer hold their tier; how many, 0 when nobody is left or on other days."""
    if day.day != 1 or not rolling.applies(clinic):
        return 0
    steps = clinic.settings.tiers.steps
    names = [step.name for step in steps]
    below = _below(session, clinic, day, limit, lower=True)
    for row in below:
        profile = session.get_one(LoyaltyProfile, (row.customer_id, clinic.id), populate_existing=True)
        profile.current_tier = names[names.index(profile.current_tier) - 1]
        profile.tier_progress = tiers.status(session, profile, profile.total_points, now).progress
        notifications.write(session, profile.customer, "tier_lowered", now, data={"tier": profile.current_tier})
        menus_due(session, profile.customer)
        key = f"tier_review:{profile.customer_id}:{day.isoformat()}"
        journey.write(session, profile.customer, "tier_lowered", now, key=key, data={"tier": profile.current_tier})
    session.flush()
    return len(below)


def warn(session: Session, clinic: Clinic, day: date) -> None:
    """Write the notices to members who would be lowered 60, 30 and 7 days from now, due at ten."""
    if not rolling.applies(clinic):
        return
    names = [step.name for step in clinic.settings.tiers.steps]
    due_at = datetime.combine(day, WARN_AT, clinic.settings.voice.zone)
    told: set[UUID] = set()  # the nearest review is news enough for a day
    for days in WARN_DAYS:
        coming = day + timedelta(days=days)
        if coming.day != 1:
            continue
        for row in _below(session, clinic, coming, None, lower=False):
            customer = session.get_one(Customer, (row.customer_id, clinic.id))
            if customer.joined_at is None or customer.data_key is None or customer.id in told:
                continue
            told.add(customer.id)
            tier = session.get_one(LoyaltyProfile, (row.customer_id, clinic.id)).current_tier
            news: NotificationData = {
                "tier": tier,
                "below": names[names.index(tier) - 1],
                "missing": row.threshold - int(row.points),
                "on": coming.isoformat(),
            }
            key, not_after = f"tier_at_risk:{customer.id}:{coming}:{days}", due_at + WARN_FOR
            notifications.write(
                session, customer, "tier_at_risk", due_at, data=news, key=key, due_at=due_at, not_after=not_after
            )


def _below(session: Session, clinic: Clinic, day: date, limit: int | None, *, lower: bool) -> Sequence[Row[Any]]:
    """Who has earned less than their tier asks in the twelve months before `day`, and was not reviewed for it."""
    steps = clinic.settings.tiers.steps
    session.flush()
    return session.execute(
        _LOWER if lower else _WARN,
        {
            "clinic": clinic.id,
            "names": [step.name for step in steps],
            "thresholds": [step.threshold for step in steps],
            "lowest": steps[0].name,
            "since": rolling.year_before(datetime.combine(day, time(), clinic.settings.voice.zone)),
            "review": day.isoformat(),
            "limit": limit,
        },
    ).all()
