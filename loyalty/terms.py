"""Changing the tiers: what is better holds at once, what is worse when those who lose by it have known for 60 days.

`Clinic.settings` has the tiers that hold, `Clinic.next_tiers` those that have been announced. Under either, everybody's
tier is worked out anew afterwards (`settle`), in batches.
"""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import Select, and_, func, or_, select, true, update
from sqlalchemy.orm import Session

from loyalty import notifications, tiers
from models.clinic_settings import Tiers
from models.clinics import Clinic
from models.customers import Customer
from models.loyalty import LoyaltyProfile, Notification
from runtime.work import Batch

BATCH = 500
NOTICE = timedelta(days=60)
Range = tuple[int, int | None]
"""Points from and to, the end left out; None: without end."""


def change(session: Session, clinic: Clinic, wanted: Tiers, now: datetime) -> None:
    """Set the clinic's tiers, or announce them to those who lose by them."""
    before = clinic.settings.tiers
    _withdraw(session, clinic)
    if worse(before, wanted):
        clinic.next_tiers, clinic.next_tiers_on = wanted.model_dump(mode="json"), begins_on(clinic, now)
        _announce(session, clinic, before, wanted, now)
    _set(clinic, meanwhile(before, wanted))
    session.flush()


def begins_on(clinic: Clinic, now: datetime) -> date:
    """The day on which what is worse would begin if it were announced now."""
    return now.astimezone(clinic.settings.voice.zone).date() + NOTICE


def meanwhile(before: Tiers, wanted: Tiers) -> Tiers:
    """What holds from now on: all that is wanted, where nobody loses by it; else the better of both, tier by tier,
    where that makes a staircase; else what holds now."""
    if not worse(before, wanted):
        return wanted
    had, names = {step.name: step for step in before.steps}, {step.name for step in wanted.steps}
    better = [
        {
            "name": step.name,
            "threshold": min(step.threshold, had[step.name].threshold),
            "discount": max(step.discount, had[step.name].discount),
            "multiplier": max(step.multiplier, had[step.name].multiplier),
        }
        if step.name in had
        else step.model_dump()
        for step in wanted.steps
    ]
    better += [step.model_dump() for step in before.steps if step.name not in names]
    policy = wanted.policy if wanted.policy == "lifetime" else before.policy
    try:
        both = Tiers.model_validate({"policy": policy, "steps": better})
    except ValidationError:  # two thresholds have become one
        return before
    return before if worse(before, both) else both


def worse(before: Tiers, wanted: Tiers) -> list[Range]:
    """The points with which somebody would have less: a smaller discount or multiplier, or a tier that has moved out of
    reach. Under a policy that lets tiers fall, all above the first."""
    at = sorted({step.threshold for step in (*before.steps, *wanted.steps)})
    moved = {step.name: step.threshold for step in wanted.steps}
    found: list[Range] = []
    for place, points in enumerate(at):
        old, new = tiers.tier_for(before.steps, points), tiers.tier_for(wanted.steps, points)
        less = new.discount < old.discount or new.multiplier < old.multiplier
        falls = before.policy == "lifetime" != wanted.policy and old is not before.steps[0]
        if less or falls or moved.get(old.name, 0) > points:
            found.append((points, at[place + 1] if place + 1 < len(at) else None))
    return found


def concerned(session: Session, clinic: Clinic, wanted: Tiers) -> int:
    """How many members would be told, if these tiers were applied now."""
    before = clinic.settings.tiers
    if not worse(before, wanted):
        return 0
    return (
        session.scalar(_losing(clinic, before, wanted).with_only_columns(func.count(), maintain_column_froms=True)) or 0
    )


def begin_due(session: Session, clinic: Clinic, day: date, now: datetime, batch: Batch | None = None) -> int:
    """Let announced tiers begin on their day; then work out a batch of people's tiers. How many; 0: nobody is left."""
    if clinic.next_tiers is not None and clinic.next_tiers_on is not None and clinic.next_tiers_on <= day:
        wanted = Tiers.model_validate(clinic.next_tiers)
        clinic.next_tiers = clinic.next_tiers_on = None
        _set(clinic, wanted)
        session.flush()
    return settle(session, clinic, now, batch or Batch(BATCH)) if clinic.tiers_due else 0


def settle(session: Session, clinic: Clinic, now: datetime, batch: Batch) -> int:
    """Work out the tiers of one batch of customers, with the news for who rises; how many there were."""
    ids = batch.take(session, select(LoyaltyProfile.customer_id).where(LoyaltyProfile.clinic_id == clinic.id))
    if not ids:
        if batch.skip:  # they are made up later, and found by this mark
            return 0
        # Not where they have been changed again meanwhile.
        same = Clinic.id == clinic.id, Clinic.settings_version == clinic.settings_version
        session.execute(update(Clinic).where(*same).values(tiers_due=False))
        return 0
    profiles = session.scalars(
        select(LoyaltyProfile)
        .where(LoyaltyProfile.clinic_id == clinic.id, LoyaltyProfile.customer_id.in_(ids))
        .order_by(LoyaltyProfile.customer_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    for profile in profiles:
        if profile.merged_into is None:
            tiers.reevaluate(session, profile, now)
    session.flush()
    return len(ids)


def _set(clinic: Clinic, held: Tiers) -> None:
    if held != clinic.settings.tiers:
        clinic.choose(tiers=held.model_dump(mode="json"))
        clinic.tiers_due = True


def _announce(session: Session, clinic: Clinic, before: Tiers, wanted: Tiers, now: datetime) -> None:
    """In the transaction that changes the terms: everybody who loses by them is told, or nothing is changed."""
    on = begins_on(clinic, now)
    told = hashlib.sha256(wanted.model_dump_json().encode()).hexdigest()[:8]
    rows = session.execute(_losing(clinic, before, wanted).order_by(LoyaltyProfile.customer_id)).all()
    news = [
        notifications.News(
            row.customer_id,
            {"tier": row.current_tier, "on": on.isoformat()},
            f"tier_terms:{row.customer_id}:{on}:{told}",
        )
        for row in rows
    ]
    until = datetime.combine(on, time(), clinic.settings.voice.zone)
    notifications.write_all(session, clinic, "tier_terms", now, news, not_after=until)


def _withdraw(session: Session, clinic: Clinic) -> None:
    """What was announced is not wanted any more: who has not been told yet is not told."""
    if clinic.next_tiers is None:
        return
    clinic.next_tiers = clinic.next_tiers_on = None
    mine = Notification.clinic_id == clinic.id, Notification.state == "open", Notification.kind == "tier_terms"
    session.execute(update(Notification).where(*mine).values(state="skipped", reason="withdrawn"))


def _losing(clinic: Clinic, before: Tiers, wanted: Tiers) -> Select[UUID, str]:
    """Members who would have less; of a policy that looks at twelve months, all who hold a tier that would be less."""
    ranges = worse(before, wanted)
    names = [name for name, own in _own_ranges(before.steps) if any(_meet(own, one) for one in ranges)]
    within = [
        and_(
            LoyaltyProfile.total_points >= low if low else true(),  # refunds may leave less than nothing
            LoyaltyProfile.total_points < high if high is not None else true(),
        )
        for low, high in ranges
    ]
    of_tier = LoyaltyProfile.clinic_id == clinic.id, LoyaltyProfile.current_tier.in_(names)
    members = Customer.joined_at.is_not(None), Customer.data_key.is_not(None), Customer.merged_into.is_(None)
    same = (Customer.id == LoyaltyProfile.customer_id) & (Customer.clinic_id == LoyaltyProfile.clinic_id)
    losing = select(LoyaltyProfile.customer_id, LoyaltyProfile.current_tier).join(Customer, same)
    return losing.where(*of_tier, *members, or_(*within) if before.policy == "lifetime" else true())


def _own_ranges(steps: Sequence[Any]) -> list[tuple[str, Range]]:
    ends = [step.threshold for step in steps[1:]]
    return [(step.name, (step.threshold, end)) for step, end in zip(steps, [*ends, None], strict=True)]


def _meet(one: Range, other: Range) -> bool:
    return (one[1] is None or other[0] < one[1]) and (other[1] is None or one[0] < other[1])
