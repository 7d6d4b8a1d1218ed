"""Two customers found to be one person: the points of one become the other's, and both histories stay readable."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from loyalty import achievements, entries, ledger, tiers
from loyalty.errors import LoyaltyError
from models.customers import Customer, JourneyEvent
from models.facts import Payment, Referral, Review, Visit
from models.loyalty import LoyaltyProfile, PendingPoints, PointLot
from models.rewards import AchievementUnlock, Redemption


class CannotMerge(LoyaltyError):
    """Customers of different clinics, one with themselves, or one that is merged already."""


def merge_customers(session: Session, gone: Customer, stays: Customer, now: datetime, *, actor: str) -> None:
    """Move what `gone` has to `stays`, a pair of transfer lines for each lot, and the total in one more pair.

    Their identities and LINE links are the caller's. Raises `CannotMerge`.
    """
    if gone.clinic_id != stays.clinic_id or gone.id == stays.id or gone.merged_into or stays.merged_into:
        raise CannotMerge("these two cannot be merged: give two customers of one clinic that are not merged yet")
    first, second = sorted((gone, stays), key=lambda customer: customer.id)
    opened = {customer.id: ledger.open_profile(session, customer, now) for customer in (first, second)}
    source, target = opened[gone.id], opened[stays.id]
    lots = session.scalars(
        select(PointLot).where(PointLot.customer_id == gone.id, PointLot.remaining != 0).order_by(PointLot.id)
    ).all()
    for lot in lots:
        _transfer(session, source, target, lot, now, actor=actor)
    _transfer_total(session, source, target, now, key=f"merge:{gone.id}", actor=actor)
    for table in (Payment, Visit, Review, JourneyEvent, Redemption, PendingPoints):
        session.execute(update(table).where(table.customer_id == gone.id).values(customer_id=stays.id))
    session.execute(update(Referral).where(Referral.referrer_id == gone.id).values(referrer_id=stays.id))
    had = select(AchievementUnlock.achievement_id).where(AchievementUnlock.customer_id == stays.id)
    session.execute(
        update(AchievementUnlock)
        .where(AchievementUnlock.customer_id == gone.id, AchievementUnlock.achievement_id.not_in(had))
        .values(customer_id=stays.id)
        .execution_options(synchronize_session=False)
    )
    target.total_spent += source.total_spent
    target.total_visits += source.total_visits
    source.total_spent, source.total_visits = source.total_spent * 0, 0
    if gone.joined_at is not None and (stays.joined_at is None or gone.joined_at < stays.joined_at):
        stays.joined_at = gone.joined_at
    gone.merged_into = stays.id
    entries.be_due(target, source.due_at)
    tiers.look_again(session, target, now)
    achievements.check(session, target, now)


def _transfer(
    session: Session, source: LoyaltyProfile, target: LoyaltyProfile, lot: PointLot, now: datetime, *, actor: str
) -> None:
    """Move what remains of a lot, a debt too, to the other customer: a line there, a line and a lot here."""
    points, key = lot.remaining, f"transfer:{lot.id}"
    away = entries.write_line(session, source, -points, "transferred", "transfer", now, key=f"{key}:away", actor=actor)
    entries.take(session, source, away, lot, points)
    line = entries.write_line(
        session, target, points, "transferred", "transfer", now, key=f"{key}:here", reverses=away, actor=actor,
        expires_at=lot.expires_at,
    )  # fmt: skip
    here = entries.open_lot(session, target, line, points, lot.expires_at, now)
    target.available_points += points
    if points < 0:
        source.debt += points
        target.debt -= points
    entries.fill_debts(session, target, line, here)


def _transfer_total(
    session: Session, source: LoyaltyProfile, target: LoyaltyProfile, now: datetime, *, key: str, actor: str
) -> None:
    """Move the total that decides the tier: a pair of lines that move no points and carry it in their breakdown."""
    total = source.total_points
    for profile, sign in ((source, -1), (target, 1)):
        entries.write_line(
            session, profile, 0, "transferred", "transfer", now, key=f"{key}:{sign}", actor=actor,
            breakdown={"total": sign * total},
        )  # fmt: skip
        profile.total_points += sign * total
