"""Two customers found to be one person: the points of one become the other's, and both histories stay readable."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from customers.merge import hand_over
from loyalty import achievements, entries, ledger, limits, tiers
from loyalty.entries import Cause
from loyalty.errors import LoyaltyError
from models.base import new_id
from models.customers import Customer
from models.joined_records import JoinedRecord
from models.loyalty import LoyaltyProfile, PointLot, PointTransaction
from runtime.clock import DATABASE_NOW


class CannotMerge(LoyaltyError):
    """Customers of different clinics, one with themselves, or one that is merged already."""

    code = "cannot_merge"


def merge_customers(session: Session, duplicate: Customer, survivor: Customer, now: datetime, *, actor: str) -> None:
    """Move what `duplicate` has to `survivor`: a pair of transfer entries for each lot, and the total in one more pair.

    Everything else that points at the duplicate is handed over as its table declares. Raises `CannotMerge`, and
    `LimitReached` when the two have more together than one may.
    """
    if (
        duplicate.clinic_id != survivor.clinic_id
        or duplicate.id == survivor.id
        or duplicate.merged_into
        or survivor.merged_into
    ):
        raise CannotMerge("these two cannot be merged: give two customers of one clinic that are not merged yet")
    first, second = sorted((duplicate, survivor), key=lambda customer: customer.id)
    opened = {customer.id: ledger.open_profile(session, customer, now) for customer in (first, second)}
    source, target = opened[duplicate.id], opened[survivor.id]
    limits.check_together(source, target)
    achievements.take_doubled(session, source, target, now, actor=actor)
    joined = JoinedRecord(
        id=new_id(), clinic_id=duplicate.clinic_id, duplicate=duplicate, survivor=survivor, joined_by=actor,
        joined_at=now, created_at=DATABASE_NOW,
    )  # fmt: skip
    lots = entries.lots_of(session, source, PointLot.remaining != 0)
    for lot in lots:
        transfer(session, source, target, lot, now, key=f"transfer:{joined.id}:{lot.id}", actor=actor)
    transfer_total(session, source, target, source.total_points, now, key=key_of_total(joined), actor=actor)
    joined.rows = {str(PointLot.__table__.c.customer_id): [str(lot.id) for lot in lots]}
    session.add(joined)
    session.flush()
    hand_over(session, joined, now)
    target.total_spent += source.total_spent
    target.total_visits += source.total_visits
    source.total_spent, source.total_visits = Decimal(0), 0
    source.current_tier, source.tier_progress = duplicate.clinic.settings.tiers.steps[0].name, Decimal(0)
    source.merged_into = survivor.id
    target.tier_asked = 0  # what counts for them is another sum now
    entries.schedule(target, source.due_at)
    source.due_at = None
    tiers.reevaluate(session, target, now)
    achievements.check(session, target, now)


def key_of_total(joined: JoinedRecord) -> str:
    """Of the pair of entries that moved the total, before the end that each of them is."""
    return f"merge:{joined.id}"


def transfer(
    session: Session,
    source: LoyaltyProfile,
    target: LoyaltyProfile,
    lot: PointLot,
    now: datetime,
    *,
    key: str,
    actor: str,
) -> None:
    """Hand a lot over, a debt too: an entry there, an entry here. Refunds and returns go on finding it."""
    points = lot.remaining
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


def transfer_total(
    session: Session,
    source: LoyaltyProfile,
    target: LoyaltyProfile,
    total: int,
    now: datetime,
    *,
    key: str,
    actor: str,
    brought: PointTransaction | None = None,
) -> None:
    """Move of the total that decides the tier so much: a pair of entries that move no points. They belong to the time
    of what `brought` it, so that in twelve months it is nobody's twice."""
    for profile, sign in ((source, -1), (target, 1)):
        cause = Cause("transfer", key=f"{key}:{sign}", actor=actor)
        entries.write_entry(session, profile, 0, "transferred", cause, now, counted=sign * total, reverses=brought)
