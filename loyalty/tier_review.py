"""The monthly review under `rolling_12_months`: on the first of a month, one step down at most, warned three times.

A review looks only at those who may have fallen since the last one. It leaves a mark on each profile: what the tier
asked for, and the entry without which it would not have been held. Points earned later only make it hold longer, so
nobody has to move the mark for them; who takes counted points away sets it to 0 (`entries.write_entry`, a merge).
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, select, text, tuple_
from sqlalchemy.orm import Session

from customers import journey
from customers.line_accounts import menus_due_of
from loyalty import notifications, rolling, tiers
from models.clinics import Clinic
from models.customers import Customer
from models.loyalty import LoyaltyProfile, NotificationData
from runtime.work import Batch

BATCH = 1_000
WARN_DAYS = (7, 30, 60)
WARN_AT = time(10, 0)
WARN_FOR = timedelta(hours=11)
NEXT_REVIEW = timedelta(days=1)
"""Who is below even after a step down is looked at again by any review whose twelve months begin so much later."""

_STEPS = "unnest(CAST(:names AS text[]), CAST(:thresholds AS bigint[])) step (name, threshold)"
_HELD = text(
    """
    SELECT customer_id FROM loyalty_profiles WHERE clinic_id = :clinic AND customer_id = ANY(:customers)
    ORDER BY customer_id FOR UPDATE SKIP LOCKED
    """
)
# `gone`: what has been earned up to and with an entry, so that `total - gone` is what is left when it counts no more.
# `falls`: this review lowers them; it has not done so yet.
_EARNED = text(
    f"""
    WITH record AS (
        SELECT unnest(CAST(:customers AS uuid[])) AS person, unnest(CAST(:customers AS uuid[])) AS id
        UNION ALL SELECT merged_into, id FROM customers WHERE merged_into = ANY(:customers)
    ), entry AS (
        SELECT record.person, t.counted, t.counts_at, sum(t.counted) OVER person AS total,
               sum(t.counted) OVER (person ORDER BY t.counts_at) AS gone
        FROM record JOIN point_transactions t ON t.customer_id = record.id AND t.counts_at > :since
        WINDOW person AS (PARTITION BY record.person)
    )
    SELECT p.customer_id, p.current_tier, step.threshold, coalesce(max(entry.total), 0) AS points,
           min(entry.counts_at) FILTER (WHERE entry.total - entry.gone < step.threshold) AS rests_on,
           coalesce(sum(entry.counted) FILTER (WHERE entry.counts_at > :now_since), 0) AS deciding,
           coalesce(max(entry.total), 0) < step.threshold AND NOT EXISTS (
               SELECT 1 FROM customer_journey_events e
               WHERE e.clinic_id = p.clinic_id AND e.key = 'tier_review:' || p.customer_id || ':' || :review) AS falls
    FROM loyalty_profiles p JOIN {_STEPS} ON step.name = p.current_tier
    LEFT JOIN entry ON entry.person = p.customer_id
    WHERE p.clinic_id = :clinic AND p.customer_id = ANY(:customers)
    GROUP BY p.customer_id, p.clinic_id, p.current_tier, step.threshold ORDER BY p.customer_id
    """  # noqa: S608
)
_MARK = text(
    """
    UPDATE loyalty_profiles p SET tier_asked = mark.asked, tier_rests_on = mark.rests_on,
        current_tier = mark.tier, tier_progress = coalesce(mark.progress, p.tier_progress)
    FROM unnest(CAST(:customers AS uuid[]), CAST(:asked AS bigint[]), CAST(:rests_on AS timestamptz[]),
                CAST(:tiers AS text[]), CAST(:progress AS numeric[]))
        mark (customer_id, asked, rests_on, tier, progress)
    WHERE p.customer_id = mark.customer_id AND p.clinic_id = :clinic
    """
)


def review(session: Session, clinic: Clinic, day: date, now: datetime, batch: Batch | None = None) -> int:
    """Lower those of one batch who no longer hold their tier; how many were looked at, without those that somebody
    holds.

    0 when nobody is left, and on other days.
    """
    if day.day != 1 or not rolling.applies(clinic):
        return 0
    batch = batch or Batch(BATCH)
    about = _about(clinic, day)
    held = session.scalars(_HELD, {**about, "customers": batch.take(session, *_due(about))}).all()
    now_since = rolling.year_before(now)
    rows = session.execute(_EARNED, {**about, "customers": held, "now_since": now_since}).all()
    again = about["since"] + NEXT_REVIEW
    lowered = _lower(session, clinic, day, now, [row for row in rows if row.falls])
    asks = {step.name: step.threshold for step in clinic.settings.tiers.steps}
    held_now = [lowered.get(row.customer_id, (row.current_tier, None)) for row in rows]
    marks = {
        "customers": [row.customer_id for row in rows],
        "asked": [asks[tier] for tier, _ in held_now],
        "rests_on": [row.rests_on if row.points >= row.threshold else again for row in rows],
        "tiers": [tier for tier, _ in held_now],
        "progress": [progress for _, progress in held_now],
    }
    session.execute(_MARK, {"clinic": clinic.id, **marks})
    return len(held)


def _lower(
    session: Session, clinic: Clinic, day: date, now: datetime, rows: Iterable[Row[Any]]
) -> dict[UUID, tuple[str, Decimal]]:
    """One step down for each, with the news, the fact, and a look at their menus: who has which tier now, and how much
    of the way to the next. Their profiles are the caller's to change."""
    steps = clinic.settings.tiers.steps
    names = [step.name for step in steps]
    lowered: dict[UUID, tuple[str, Decimal]] = {}
    for row in rows:
        step = steps[names.index(row.current_tier) - 1]
        lowered[row.customer_id] = step.name, tiers.rolling_status(steps, step, int(row.deciding)).progress
    if lowered:
        news = [notifications.News(id_, {"tier": tier}) for id_, (tier, _) in lowered.items()]
        notifications.write_all(session, clinic, "tier_lowered", now, news)
        menus_due_of(session, clinic.id, lowered)
        facts = [
            journey.Fact(id_, f"tier_review:{id_}:{day.isoformat()}", {"tier": tier})
            for id_, (tier, _) in lowered.items()
        ]
        journey.write_all(session, clinic.id, "tier_lowered", now, facts)
    return lowered


def warn(session: Session, clinic: Clinic, day: date, batch: Batch | None = None) -> int:
    """Write the notices to those of one batch who would be lowered 60, 30 and 7 days from now, due at ten.

    How many were looked at.
    """
    if not rolling.applies(clinic):
        return 0
    batch = batch or Batch(BATCH)
    coming = [ahead for days in WARN_DAYS if (ahead := day + timedelta(days=days)).day == 1]
    if not coming:
        return 0
    # Whoever a review finds is found by every later one.
    customers = batch.take(session, *_due(_about(clinic, coming[-1])))
    warned: set[UUID] = set()  # the nearest review is news enough for a day
    for ahead in coming:
        about = _about(clinic, ahead)
        rows = session.execute(_EARNED, {**about, "customers": customers, "now_since": about["since"]}).all()
        below = [row for row in rows if row.falls and row.customer_id not in warned]
        warned |= _warn(session, clinic, day, ahead, below)
    return len(customers)


def _warn(session: Session, clinic: Clinic, day: date, ahead: date, rows: Sequence[Row[Any]]) -> set[UUID]:
    """Tell the members among them of the review that is ahead; who they are."""
    names = [step.name for step in clinic.settings.tiers.steps]
    members = set(
        session.scalars(
            select(Customer.id).where(
                Customer.clinic_id == clinic.id, Customer.id.in_([row.customer_id for row in rows]),
                Customer.joined_at.is_not(None), Customer.data_key.is_not(None),
            )
        )
    )  # fmt: skip
    news = []
    for row in rows:
        if row.customer_id not in members:
            continue
        data = _risk(names, row, ahead)
        key = f"tier_at_risk:{row.customer_id}:{ahead}:{(ahead - day).days}"
        news.append(notifications.News(row.customer_id, data, key))
    due_at = datetime.combine(day, WARN_AT, clinic.settings.voice.zone)
    notifications.write_all(session, clinic, "tier_at_risk", due_at, news, due_at=due_at, not_after=due_at + WARN_FOR)
    return members


def _risk(names: Sequence[str], row: Row[Any], ahead: date) -> NotificationData:
    below = names[names.index(row.current_tier) - 1]
    missing = row.threshold - int(row.points)
    return {"tier": row.current_tier, "below": below, "missing": missing, "on": ahead.isoformat()}


def at_risk(session: Session, clinic: Clinic, customer_id: UUID, ahead: date) -> NotificationData | None:
    """What there is to say of the review of that day, as of now; None: it would leave the customer what they have."""
    if not rolling.applies(clinic):
        return None
    about = _about(clinic, ahead)
    asked = {**about, "customers": [customer_id], "now_since": about["since"]}
    row = session.execute(_EARNED, asked).one_or_none()
    names = [step.name for step in clinic.settings.tiers.steps]
    return _risk(names, row, ahead) if row is not None and row.falls else None


def _about(clinic: Clinic, day: date) -> dict[str, Any]:
    """What the statements ask about the review of a day."""
    higher = clinic.settings.tiers.steps[1:]
    return {
        "clinic": clinic.id,
        "names": [step.name for step in higher],
        "thresholds": [step.threshold for step in higher],
        "since": rolling.year_before(datetime.combine(day, time(), clinic.settings.voice.zone)),
        "review": day.isoformat(),
    }


def _due(about: dict[str, Any]) -> Iterator[Select[int, datetime, UUID]]:
    """Who may have earned less than their tier asks in the twelve months before the review.

    Of each tier a beginning and an end of one index: those of whom it asks more than when they were looked at, with
    those whose time has come; and those of whom it asks less. What has been looked at is in neither.
    """
    profile = LoyaltyProfile
    for name, threshold in zip(about["names"], about["thresholds"], strict=True):
        of_tier = select(profile.tier_asked, profile.tier_rests_on, profile.customer_id).where(
            profile.clinic_id == about["clinic"], profile.current_tier == name
        )
        yield of_tier.where(tuple_(profile.tier_asked, profile.tier_rests_on) <= (threshold, about["since"]))
        yield of_tier.where(profile.tier_asked > threshold)
