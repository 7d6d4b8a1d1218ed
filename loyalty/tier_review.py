"""The monthly review under `rolling_12_months`: on the first of a month, one step down at most, warned three times."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, TextClause, text
from sqlalchemy.orm import Session

from customers import journey
from customers.line_accounts import menus_due
from loyalty import notifications, rolling, tiers
from models.clinics import Clinic
from models.customers import Customer
from models.loyalty import LoyaltyProfile, NotificationData
from runtime.work import Batch

BATCH = 200
WARN_DAYS = (7, 30, 60)
WARN_AT = time(10, 0)
WARN_FOR = timedelta(hours=11)

# One statement for a clinic: what each tier asks is joined in, so that nobody above their tier is even looked at.
_BELOW = f"""
    SELECT p.customer_id, step.threshold, earned.points FROM loyalty_profiles p
    JOIN unnest(CAST(:names AS text[]), CAST(:thresholds AS int[])) step (name, threshold) ON step.name = p.current_tier
    CROSS JOIN LATERAL ({rolling.COUNTED_SINCE.format(customer="p.customer_id")}) earned (points)
    WHERE p.clinic_id = :clinic AND p.current_tier <> :lowest AND earned.points < step.threshold
      AND NOT EXISTS (SELECT 1 FROM customer_journey_events e WHERE e.clinic_id = p.clinic_id
                      AND e.key = 'tier_review:' || p.customer_id || ':' || :review)
"""  # noqa: S608 - the parts are constants of ours
_DUE = text(f"""{_BELOW} AND p.customer_id > :after AND p.customer_id <> ALL(CAST(:skip AS uuid[]))
    ORDER BY p.customer_id LIMIT :limit""")
_HELD = text(f"{_BELOW} AND p.customer_id = ANY(:customers) ORDER BY p.customer_id FOR UPDATE OF p SKIP LOCKED")


def review(session: Session, clinic: Clinic, day: date, now: datetime, batch: Batch | None = None) -> int:
    """Lower one batch of those who no longer hold their tier; how many, without those that somebody holds.

    0 when nobody is left, and on other days.
    """
    if day.day != 1 or not rolling.applies(clinic):
        return 0
    steps = clinic.settings.tiers.steps
    names = [step.name for step in steps]
    batch = batch or Batch(BATCH)
    customers = batch.take(row.customer_id for row in _below(session, clinic, day, _DUE, **batch.bounds))
    below = _below(session, clinic, day, _HELD, customers=customers)
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


def warn(session: Session, clinic: Clinic, day: date, batch: Batch | None = None) -> int:
    """Write the notices to one batch of members who would be lowered 60, 30 and 7 days from now, due at ten.

    How many would be.
    """
    if not rolling.applies(clinic):
        return 0
    batch = batch or Batch(BATCH)
    below = {
        days: _below(session, clinic, day + timedelta(days=days), _DUE, **batch.bounds)
        for days in WARN_DAYS
        if (day + timedelta(days=days)).day == 1
    }
    customers = batch.take(sorted({row.customer_id for rows in below.values() for row in rows})[: batch.limit])
    names = [step.name for step in clinic.settings.tiers.steps]
    due_at = datetime.combine(day, WARN_AT, clinic.settings.voice.zone)
    warned: set[UUID] = set()  # the nearest review is news enough for a day
    for days, rows in below.items():
        coming = day + timedelta(days=days)
        for row in rows:
            if row.customer_id not in customers:
                continue
            customer = session.get_one(Customer, (row.customer_id, clinic.id))
            if customer.joined_at is None or customer.data_key is None or customer.id in warned:
                continue
            warned.add(customer.id)
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
    return len(customers)


def _below(session: Session, clinic: Clinic, day: date, statement: TextClause, **more: Any) -> Sequence[Row[Any]]:
    """Who has earned less than their tier asks in the twelve months before `day`, and was not reviewed for it."""
    steps = clinic.settings.tiers.steps
    session.flush()
    return session.execute(
        statement,
        {
            "clinic": clinic.id,
            "names": [step.name for step in steps],
            "thresholds": [step.threshold for step in steps],
            "lowest": steps[0].name,
            "since": rolling.year_before(datetime.combine(day, time(), clinic.settings.voice.zone)),
            "review": day.isoformat(),
            **more,
        },
    ).all()
