"""Two customers found to be one person: the points of one become the other's, and both histories stay readable."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from loyalty import achievements, entries, ledger, tiers
from loyalty.entries import Cause
from loyalty.errors import LoyaltyError
from models.customers import Customer, JourneyEvent
from models.facts import Payment, Referral, Review, Visit
from models.loyalty import LoyaltyProfile, Notification, PendingPoints, PointLot
from models.rewards import AchievementUnlock, Redemption


class CannotMerge(LoyaltyError):
    """Customers of different clinics, one with themselves, or one that is merged already."""

    code = "cannot_merge"


def merge_customers(session: Session, gone: Customer, stays: Customer, now: datetime, *, actor: str) -> None:
    """Move what `gone` has to `stays`, a pair of transfer entries for each lot, and the total in one more pair.

    Their identities and LINE links are the caller's. Raises `CannotMerge`.
    """
    if gone.clinic_id != stays.clinic_id or gone.id == stays.id or gone.merged_into or stays.merged_into:
        raise CannotMerge("these two cannot be merged: give two customers of one clinic that are not merged yet")
    first, second = sorted((gone, stays), key=lambda customer: customer.id)
    opened = {customer.id: ledger.open_profile(session, customer, now) for customer in (first, second)}
    source, target = opened[gone.id], opened[stays.id]
    for lot in entries.lots_of(session, source, PointLot.remaining != 0):
        _transfer(session, source, target, lot, now, actor=actor)
    _transfer_total(session, source, target, now, key=f"merge:{gone.id}", actor=actor)
    _move_facts(session, gone, stays)
    target.total_spent += source.total_spent
    target.total_visits += source.total_visits
    source.total_spent, source.total_visits = Decimal(0), 0
    source.current_tier, source.tier_progress = gone.clinic.settings.tiers.steps[0].name, Decimal(0)
    if gone.joined_at is not None and (stays.joined_at is None or gone.joined_at < stays.joined_at):
        stays.joined_at = gone.joined_at
    gone.merged_into = source.merged_into = stays.id
    entries.schedule(target, source.due_at)
    source.due_at = None
    tiers.reevaluate(session, target, now)
    achievements.check(session, target, now)


def _transfer(
    session: Session, source: LoyaltyProfile, target: LoyaltyProfile, lot: PointLot, now: datetime, *, actor: str
) -> None:
    """Hand a lot over, a debt too: an entry there, an entry here. Refunds and returns go on finding it."""
    points, key = lot.remaining, f"transfer:{source.customer_id}:{lot.id}"
    leaves, comes = (Cause("transfer", key=f"{key}:{end}", actor=actor) for end in ("away", "here"))
    away = entries.write_entry(session, source, -points, "transferred", leaves, now)
    here = entries.write_entry(
        session, target, points, "transferred", comes, now, reverses=away, expires_at=lot.expires_at
    )
    for profile, entry, sign in ((source, away, -1), (target, here, 1)):
        profile.available_points += sign * points
        profile.debt -= sign * min(points, 0)
        entries.allocate(session, entry, lot, -sign * points)
    lot.customer_id = target.customer_id
    session.flush()
    entries.fill_all_debts(session, target, here)


def _transfer_total(
    session: Session, source: LoyaltyProfile, target: LoyaltyProfile, now: datetime, *, key: str, actor: str
) -> None:
    """Move the total that decides the tier: a pair of entries that move no points and carry it in their breakdown."""
    total = source.total_points
    for profile, sign in ((source, -1), (target, 1)):
        cause = Cause("transfer", key=f"{key}:{sign}", actor=actor, breakdown={"total": sign * total})
        entries.write_entry(session, profile, 0, "transferred", cause, now)
        profile.total_points += sign * total


def _move_facts(session: Session, gone: Customer, stays: Customer) -> None:
    for table in (PointLot, Payment, Visit, JourneyEvent, Redemption):
        session.execute(update(table).where(table.customer_id == gone.id).values(customer_id=stays.id))
    session.execute(update(Referral).where(Referral.referrer_id == gone.id).values(referrer_id=stays.id))
    waiting = (Notification.customer_id == gone.id, Notification.state == "open")
    session.execute(update(Notification).where(*waiting).values(customer_id=stays.id))
    had = select(AchievementUnlock.achievement_id).where(AchievementUnlock.customer_id == stays.id)
    session.execute(
        update(AchievementUnlock)
        .where(AchievementUnlock.customer_id == gone.id, AchievementUnlock.achievement_id.not_in(had))
        .values(customer_id=stays.id)
        .execution_options(synchronize_session=False)
    )
    # What was written about them is under their own key, and has to be sealed anew under the other's.
    for promised in session.scalars(select(PendingPoints).where(PendingPoints.customer_id == gone.id)):
        text = promised.description
        promised.customer, promised.description = stays, text
    for review in session.scalars(select(Review).where(Review.customer_id == gone.id)):
        text = review.comment
        review.customer, review.comment = stays, text
    session.flush()
    session.expire_all()
