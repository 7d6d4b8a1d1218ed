"""The ledger: append-only entries, lots that expire, and a profile that caches the sums.

Invariants, after every call: `available_points = Σ lots.remaining = Σ transactions.amount`, and `total_points` is what
counted as earned less what was taken back. Every write holds the profile's row lock (`open_profile`), which orders
everything that touches a customer's points.
"""

from datetime import datetime, timedelta

from sqlalchemy import and_, bindparam, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from loyalty import entries, limits, tiers
from loyalty.booking import News, Sums, book
from loyalty.entries import Cause
from loyalty.errors import CustomerMerged, LimitReached, NotEnoughPoints
from loyalty.referral_codes import new_code
from models.clinics import Clinic
from models.customers import Customer
from models.loyalty import (
    EntryType,
    LoyaltyProfile,
    PendingPoints,
    PointAllocation,
    PointLot,
    PointTransaction,
)

GRACE = timedelta(days=30)
"""How long points live that come back to a lot which has expired meanwhile; a lot is given it once."""

# Built once: everything that moves points begins with it.
_LOCK = (
    select(LoyaltyProfile)
    .where(LoyaltyProfile.clinic_id == bindparam("clinic"), LoyaltyProfile.customer_id == bindparam("customer"))
    .with_for_update()
    .execution_options(populate_existing=True)
)
_NEXT_DUE = select(
    func.least(
        select(func.min(PointLot.expires_at))
        .where(PointLot.customer_id == bindparam("customer"), PointLot.remaining > 0)
        .scalar_subquery(),
        select(func.min(PendingPoints.matures_at))
        .where(PendingPoints.customer_id == bindparam("customer"), PendingPoints.state == "pending")
        .scalar_subquery(),
    )
)


def open_profile(session: Session, customer: Customer, now: datetime) -> LoyaltyProfile:
    """The customer's profile under its row lock, made when there is none, with due maturities and expiries posted.

    Raises `CustomerMerged` when the record is another's by now.
    """
    profile = lock(session, customer)
    while profile is None:
        session.flush()
        session.execute(
            insert(LoyaltyProfile)
            .values(
                customer_id=customer.id,
                clinic_id=customer.clinic_id,
                total_points=0,
                available_points=0,
                current_tier=customer.clinic.settings.tiers.steps[0].name,
                tier_progress=0,
                total_spent=0,
                total_visits=0,
                referral_code=new_code(),
                goals=customer.clinic.goals,
                created_at=now,
            )
            # Either somebody was quicker, or the code is taken: look, and try another code.
            .on_conflict_do_nothing()
        )
        profile = lock(session, customer)
    if profile.merged_into is not None:
        raise CustomerMerged(profile.merged_into)
    post_due(session, profile, now)
    return profile


def lock(session: Session, customer: Customer) -> LoyaltyProfile | None:
    """The profile under its row lock, as it is now."""
    session.flush()
    return session.scalars(_LOCK, {"clinic": customer.clinic_id, "customer": customer.id}).one_or_none()


def post_due(session: Session, profile: LoyaltyProfile, now: datetime) -> None:
    """Post what has matured and what has expired by `now`, in that order: points may mature into an expired month."""
    if profile.due_at is None or profile.due_at > now:
        return
    matured = session.scalars(
        select(PendingPoints)
        .where(
            PendingPoints.customer_id == profile.customer_id,
            PendingPoints.state == "pending",
            PendingPoints.matures_at <= now,
        )
        .order_by(PendingPoints.matures_at, PendingPoints.id)
        .execution_options(populate_existing=True)
    ).all()
    for pending in matured:
        cause = Cause(
            pending.source,
            key=pending.idempotency_key,
            reference=pending.reference,
            description=pending.description or "",
            breakdown=pending.breakdown,
        )
        entry = earn(session, profile, pending.amount, cause, pending.matures_at, promised=True)
        pending.state, pending.transaction_id = "posted", entry.id
    for lot in entries.lots_of(session, profile, and_(PointLot.remaining > 0, PointLot.expires_at <= now)):
        at = lot.expires_at or now
        # A lot that was given points back after its expiry expires again, so its time belongs to the key.
        entries.expire(session, profile, lot, now, key=f"expiry:{lot.id}:{int(at.timestamp())}", at=at)
    session.flush()
    profile.due_at = session.scalar(_NEXT_DUE, {"customer": profile.customer_id})


def earn(
    session: Session,
    profile: LoyaltyProfile,
    points: int,
    cause: Cause,
    now: datetime,
    *,
    type_: EntryType = "earned",
    counts: bool = True,
    at: datetime | None = None,
    promised: bool = False,
    news: News | None = None,
) -> PointTransaction:
    """An entry and its lot; debts are filled first. The same key returns the first entry and changes nothing.

    `counts`: towards total points, and so the tier. `at`: when it happened, if it is told late; the points live from
    `now` all the same. `promised`: room was made for them when they were. `news`: what the customer hears of it.
    Raises `LimitReached`.
    """
    if not promised:
        try:
            limits.check_points(profile, points)
        except LimitReached:
            first = entries.by_key(session, profile, cause.key)
            if first is None:
                raise
            return first
    clinic = profile.customer.clinic
    expires_at = expiry_of(now, clinic, clinic.settings.points.life_months)
    counted = points if counts else 0
    entry = entries.new_entry(profile, points, type_, cause, now, counted=counted, at=at, expires_at=expires_at)
    held, tier, progress = profile.current_tier, profile.current_tier, profile.tier_progress
    if counts:
        decides = counted if tiers.decides(clinic, entry.counts_at, now) else 0
        status = tiers.status(session, profile, profile.total_points + decides, now)
        tier, progress = status.tier.name, status.progress
    due_at = expires_at if profile.due_at is None else min(profile.due_at, expires_at)
    sums = Sums(profile.total_points + counted, profile.available_points + points, tier, progress, due_at)
    if not book(session, profile, entry, sums, news):
        return session.scalars(entries.of_key(profile, cause.key)).one()
    if profile.debt:
        for lot in entries.lots_of(session, profile, PointLot.transaction_id == entry.id):
            entries.fill_debts(session, profile, entry, lot)
    tiers.tell(session, profile, held, now)
    return entry


def spend(
    session: Session,
    profile: LoyaltyProfile,
    points: int,
    cause: Cause,
    now: datetime,
    *,
    type_: EntryType = "redeemed",
    counts: bool = False,
) -> PointTransaction:
    """Take points from the lots that expire first. Raises `NotEnoughPoints`; the same key takes once.

    `counts`: they are taken from total points too, which spending never lowers.
    """
    first = entries.by_key(session, profile, cause.key)
    if first is not None:
        return first
    if profile.available_points < points:
        raise NotEnoughPoints(points - profile.available_points)
    entry = entries.write_entry(session, profile, -points, type_, cause, now, counted=-points if counts else 0)
    entries.take_first_expiring(session, profile, entry, points)
    if counts:
        tiers.reevaluate(session, profile, now, lost=points)
    return entry


def reverse(
    session: Session, profile: LoyaltyProfile, spent: PointTransaction, source: str, now: datetime, *, actor: str
) -> PointTransaction:
    """Undo a spending entry, once: its points return to the very lots they came from.

    A lot that has expired meanwhile lives 30 more days, once; when these are over too, what returns is gone again.
    """
    cause = Cause(source, key=f"give_back:{spent.id}", reference=spent.reference, actor=actor)
    first = entries.by_key(session, profile, cause.key)
    if first is not None:
        return first
    entry = entries.write_entry(session, profile, -spent.amount, "reversed", cause, now, reverses=spent)
    allocations = session.execute(
        select(PointAllocation.lot_id, PointAllocation.amount).where(PointAllocation.transaction_id == spent.id)
    )
    taken = {row.lot_id: row.amount for row in allocations}
    profile.available_points -= spent.amount
    for lot in entries.lots_of(session, profile, PointLot.id.in_(taken)):
        amount = taken[lot.id]
        lot.remaining += amount
        gone = lot.expires_at is not None and lot.expires_at <= now
        if gone and not lot.graced:
            lot.expires_at, lot.graced, gone = now + GRACE, True, False
        entries.allocate(session, entry, lot, -amount)
        entries.fill_debts(session, profile, entry, lot)
        if not gone:
            entries.schedule(profile, lot.expires_at)
        elif lot.remaining:
            entries.expire(session, profile, lot, now, key=f"expiry:{lot.id}:{entry.id}", at=now)
    return entry


def claw_back(
    session: Session,
    profile: LoyaltyProfile,
    earned: PointTransaction,
    points: int,
    cause: Cause,
    now: datetime,
    *,
    at: datetime | None = None,
) -> PointTransaction:
    """Take back what an entry earned: from its own lot, then from others; what is spent already becomes a debt.

    What of it has expired is gone and not taken again, so the entry may take fewer points, or none; total points go
    down by all of `points`. `at`: when it happened, if it is told late.
    """
    first = entries.by_key(session, profile, cause.key)
    if first is not None:
        return first
    rest = min(points, entries.unexpired(session, earned))
    counted = -points if earned.counted else 0
    entry = entries.write_entry(
        session, profile, -rest, "reversed", cause, now, counted=counted, at=at, reverses=earned
    )
    own = and_(PointLot.transaction_id == earned.id, PointLot.remaining > 0)
    for lot in entries.lots_of(session, profile, own):
        amount = min(lot.remaining, rest)
        entries.take(session, profile, entry, lot, amount)
        rest -= amount
    session.flush()
    covered = min(rest, max(profile.available_points, 0))
    entries.take_first_expiring(session, profile, entry, covered)
    if rest > covered:
        entries.open_lot(session, profile, entry, covered - rest, None, now)
        profile.available_points -= rest - covered
        profile.debt += rest - covered
    if counted:
        # What no longer counted towards the tier takes nothing of it.
        decided = tiers.decides(profile.customer.clinic, earned.counts_at, now)
        tiers.reevaluate(session, profile, now, lost=points if decided else 0)
    return entry


def expiry_of(earned_at: datetime, clinic: Clinic, months: int) -> datetime:
    """The first instant of the month after the last month of their life, in the clinic's zone."""
    zone = clinic.settings.voice.zone
    local = earned_at.astimezone(zone)
    month = local.year * 12 + local.month - 1 + months + 1
    return datetime(month // 12, month % 12 + 1, 1, tzinfo=zone)
