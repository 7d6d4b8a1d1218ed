"""The ledger: append-only entries, lots that expire, and a profile that caches the sums.

Invariants, after every call: `available_points = Σ lots.remaining = Σ transactions.amount`, and `total_points` is what
counted as earned less what was taken back. Every write holds the profile's row lock (`open_profile`), which orders
everything that touches a customer's points.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, bindparam, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, selectinload

from loyalty import endings, entries, limits, pending, tiers
from loyalty.booking import Booking, News, book
from loyalty.earning import earn_all, follow, reckon
from loyalty.entries import Cause
from loyalty.errors import CustomerMerged, LimitReached, NotEnoughPoints
from loyalty.referral_codes import new_code
from models.clinics import Clinic
from models.customers import Customer
from models.loyalty import EntryType, LoyaltyProfile, PointLot, PointTransaction

GRACE = timedelta(days=30)
"""How long points live that come back to a lot which has expired meanwhile; a lot is given it once."""

# Built once: everything that moves points begins with it.
_LOCK = (
    select(LoyaltyProfile)
    .where(LoyaltyProfile.clinic_id == bindparam("clinic"), LoyaltyProfile.customer_id == bindparam("customer"))
    .with_for_update()
    .execution_options(populate_existing=True)
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
    post_due(session, [profile], now)
    return profile


def lock(session: Session, customer: Customer) -> LoyaltyProfile | None:
    """The profile under its row lock, as it is now."""
    session.flush()
    return session.scalars(_LOCK, {"clinic": customer.clinic_id, "customer": customer.id}).one_or_none()


def lock_all(session: Session, clinic: Clinic, customers: Collection[UUID]) -> Sequence[LoyaltyProfile]:
    """The profiles of these customers of a clinic under their row locks, with the customers, in the order of locks;
    without those that somebody holds."""
    session.flush()
    return session.scalars(
        select(LoyaltyProfile)
        .where(LoyaltyProfile.clinic_id == clinic.id, LoyaltyProfile.customer_id.in_(customers))
        .order_by(LoyaltyProfile.customer_id)
        .options(selectinload(LoyaltyProfile.customer))
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()


def open_all(
    session: Session, clinic: Clinic, customers: Collection[UUID], now: datetime
) -> dict[UUID, LoyaltyProfile]:
    """`open_profile` for many customers who have one, by their ids: without those whose profile somebody holds, and
    those who are another record by now."""
    held = [profile for profile in lock_all(session, clinic, customers) if profile.merged_into is None]
    post_due(session, held, now)
    return {profile.customer_id: profile for profile in held}


def open_owners(session: Session, customer: Customer, spent: UUID, now: datetime) -> LoyaltyProfile:
    """`open_profile`, and in the order of locks that of whoever else owns a lot by now of which this entry took."""
    people = {customer.id, *entries.owners(session, [spent])[spent]}
    opened = {
        id_: open_profile(session, session.get_one(Customer, (id_, customer.clinic_id)), now) for id_ in sorted(people)
    }
    return opened[customer.id]


def post_due(session: Session, profiles: Iterable[LoyaltyProfile], now: datetime) -> None:
    """Post what has matured and what has expired by `now`, in that order: points may mature into an expired month.

    For profiles of one clinic, under their locks, with the questions of one whatever their number.
    """
    due = {profile.customer_id: profile for profile in profiles if profile.due_at and profile.due_at <= now}
    if not due:
        return
    matured = pending.matured(session, due, now)
    earnings = [pending.kept(one, due[one.customer_id]) for one in matured]
    clinic = next(iter(due.values())).customer.clinic
    for one, entry in zip(matured, earn_all(session, clinic, earnings, promised=True), strict=True):
        one.state, one.transaction_id = "posted", entry.id
    for ended in endings.end(session, due, now):
        profile = due[ended.customer_id]
        profile.available_points -= int(ended.points)
        profile.due_at = ended.due_at
    session.flush()


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

    `counts`: towards total points, and so the tier. `at`: when it happened, if it is told late, from which the
    points live. `promised`: room was made for them when they were. `news`: what the customer hears of it.
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
    held = profile.current_tier
    entry, sums = reckon(session, profile, points, cause, now, type_=type_, counts=counts, at=at)
    if not book(session, [Booking(profile, entry, sums, news)]):
        return session.scalars(entries.of_key(profile, cause.key)).one()
    follow(session, profile, entry, held, now)
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
) -> int:
    """Undo a spending entry, once: its points return to the very lots they came from. How many are there for `profile`
    to spend: a lot that is another's by now, who was taken apart from them, is filled as theirs, with a line of theirs.

    A lot that has expired meanwhile lives 30 more days, once; when these are over too, what returns is gone again.
    """
    return reverse_all(session, [(profile, spent)], source, now, actor=actor)[spent.id]


def reverse_all(
    session: Session,
    spendings: Sequence[tuple[LoyaltyProfile, PointTransaction]],
    source: str,
    now: datetime,
    *,
    actor: str,
) -> dict[UUID, int]:
    """`reverse` for many profiles of a clinic, all of whose locks are held, by the id of what was spent."""
    causes = {
        spent.id: Cause(source, key=f"give_back:{spent.id}", reference=spent.reference, actor=actor)
        for _, spent in spendings
    }
    if not spendings:
        return {}
    known = entries.by_keys(session, spendings[0][1].clinic_id, [cause.key for cause in causes.values()])
    undone = [(profile, spent) for profile, spent in spendings if causes[spent.id].key not in known]
    profiles = {profile.customer_id: profile for profile, _ in undone}
    taken = _taken_by(session, profiles, [spent.id for _, spent in undone], now)
    written = [
        part
        for profile, spent in undone
        for part in _parts(profiles, profile, spent, taken[spent.id], causes[spent.id], now)
    ]
    session.add_all([entry for _, entry, _ in written])
    session.flush()  # allocations refer to them, and nothing else orders their inserts
    back = dict.fromkeys(causes, 0)
    own = {causes[spent.id].key: spent.id for _, spent in undone}
    for profile, entry, part in written:
        before = profile.available_points
        _give_back(session, profile, entry, part, now)
        if entry.idempotency_key in own:
            back[own[entry.idempotency_key]] = profile.available_points - before
    return back


def _parts(
    profiles: dict[UUID, LoyaltyProfile],
    spender: LoyaltyProfile,
    spent: PointTransaction,
    taken: Sequence[tuple[PointLot, int]],
    cause: Cause,
    now: datetime,
) -> list[tuple[LoyaltyProfile, PointTransaction, list[tuple[PointLot, int]]]]:
    """Each whose lots they are by now, with their line and what goes back to which of these lots. The spender's own is
    there also where none is theirs any more: it says that this is undone."""
    parts: dict[UUID, list[tuple[PointLot, int]]] = {spender.customer_id: []}
    for lot, amount in taken:
        parts.setdefault(lot.customer_id, []).append((lot, amount))
    found = []
    for id_, part in parts.items():
        elsewhere = Cause("transfer", key=f"{cause.key}:{id_}", actor=cause.actor)
        why, points = cause if id_ == spender.customer_id else elsewhere, sum(amount for _, amount in part)
        found.append(
            (profiles[id_], entries.new_entry(profiles[id_], points, "reversed", why, now, reverses=spent), part)
        )
    return found


def _taken_by(
    session: Session, profiles: dict[UUID, LoyaltyProfile], spendings: Collection[UUID], now: datetime
) -> dict[UUID, list[tuple[PointLot, int]]]:
    """`entries.taken_by`, with the profiles of all whose lots they are by now under their locks, added to `profiles`:
    who was taken apart from the spender has them. Who comes by `open_owners` holds them already."""
    while True:
        taken = entries.taken_by(session, spendings)
        others = {(lot.customer_id, lot.clinic_id) for part in taken.values() for lot, _ in part}
        missing = sorted(one for one in others if one[0] not in profiles)
        if not missing:
            return taken
        for one in missing:
            profiles[one[0]] = open_profile(session, session.get_one(Customer, one), now)


def _give_back(
    session: Session,
    profile: LoyaltyProfile,
    entry: PointTransaction,
    taken: Sequence[tuple[PointLot, int]],
    now: datetime,
) -> None:
    profile.available_points += entry.amount
    for lot, amount in taken:
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
