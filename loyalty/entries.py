"""Writing into the ledger: entries, lots, and what an entry took from a lot.

Only `ledger.py`, `earning.py` and `merge.py` write with it; other rules call the first two. What those use of here
writes no entry: `by_…`, `had_by` and `records_of` find, `schedule` has a profile looked at, `COUNTED` says what counts,
and with a `Cause` an entry explains itself.

Points are whole numbers. Every function that writes wants the profile's row lock (`ledger.open_profile`) and keeps
`available_points = Σ lots.remaining` and `debt = -Σ of the lots below 0`, or says what its caller must add.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from models.customers import Customer
from models.loyalty import Breakdown, EntryType, LoyaltyProfile, PointAllocation, PointLot, PointTransaction
from runtime.actors import SYSTEM

LOTS = 16
"""Looked at together by who spends: more than most ever need, however many there are."""
COUNTED = "coalesce(sum(t.counted), 0)"
"""Total points, of entries `t`: of all of a customer's, or of those that count since a day."""


@dataclass(frozen=True)
class Cause:
    """Why points move, and who moved them: kept with the entry, so that it explains itself years later."""

    source: str
    """What earned or took them: welcome, treatment, review, …"""
    key: str | None = None
    """Business key of the fact, unique in the clinic: the same key moves points once."""
    reference: str | None = None
    """An opaque id of the cause, such as a payment's."""
    description: str = ""
    """For the customer; sealed, since it may name a treatment."""
    actor: str = SYSTEM
    """One of `runtime/actors.py`."""
    breakdown: Breakdown | None = None
    """How the number came about."""


def by_key(session: Session, profile: LoyaltyProfile, key: str | None) -> PointTransaction | None:
    """The entry that this business key has written, of whichever customer of the clinic. Reads only, locks nothing."""
    return None if key is None else session.scalars(of_key(profile, key)).one_or_none()


def of_key(profile: LoyaltyProfile, key: str | None) -> Select[PointTransaction]:
    return select(PointTransaction).where(
        PointTransaction.clinic_id == profile.clinic_id, PointTransaction.idempotency_key == key
    )


def by_keys(session: Session, clinic_id: UUID, keys: Collection[str | None]) -> dict[str | None, PointTransaction]:
    """The entries that any of these business keys have written, by key."""
    found = session.scalars(
        select(PointTransaction).where(
            PointTransaction.clinic_id == clinic_id, PointTransaction.idempotency_key.in_(keys)
        )
    )
    return {entry.idempotency_key: entry for entry in found}


def records_of(session: Session, customer: Customer) -> list[UUID]:
    """The ids of all records of this person, the customer's own first. What was done once by one is done for all."""
    # The customer's own among them, so that this reads after the lock what it may have waited for.
    found = select(Customer.id).where(
        Customer.clinic_id == customer.clinic_id, or_(Customer.id == customer.id, Customer.merged_into == customer.id)
    )
    return sorted(session.scalars(found), key=lambda id_: (id_ != customer.id, id_))


def by_person(session: Session, profile: LoyaltyProfile, key: str) -> PointTransaction | None:
    """The first entry that this key has written, whose `{}` is the id of any record of this person."""
    keys = [key.format(id_) for id_ in records_of(session, profile.customer)]
    return session.scalars(
        select(PointTransaction)
        .where(PointTransaction.clinic_id == profile.clinic_id, PointTransaction.idempotency_key.in_(keys))
        .order_by(PointTransaction.occurred_at, PointTransaction.id)
        .limit(1)
    ).one_or_none()


def had_by(session: Session, clinic_id: UUID, customers: Collection[UUID], key: str) -> set[UUID]:
    """Those of these customers any of whose records has written this key, whose `{}` is the id of the record."""
    merged = select(Customer.id, Customer.merged_into).where(
        Customer.clinic_id == clinic_id, Customer.merged_into.in_(customers)
    )
    person = {key.format(id_): id_ for id_ in customers}
    person |= {key.format(id_): into for id_, into in session.execute(merged) if into is not None}
    written = select(PointTransaction.idempotency_key).where(
        PointTransaction.clinic_id == clinic_id, PointTransaction.idempotency_key.in_(person)
    )
    return {person[one] for one in session.scalars(written) if one is not None}


def new_entry(
    profile: LoyaltyProfile,
    amount: int,
    type_: EntryType,
    cause: Cause,
    now: datetime,
    *,
    counted: int = 0,
    at: datetime | None = None,
    reverses: PointTransaction | None = None,
    expires_at: datetime | None = None,
) -> PointTransaction:
    """One immutable row of `amount` points, signed, that happened `at`, else `now`; nothing is written."""
    occurred_at = min(at or now, now)
    return PointTransaction(
        customer_id=profile.customer_id,
        clinic_id=profile.clinic_id,
        customer=profile.customer,
        type=type_,
        amount=amount,
        counted=counted,
        counts_at=reverses.counts_at if reverses else occurred_at,
        occurred_at=occurred_at,
        description=cause.description or None,
        expires_at=expires_at,
        source=cause.source,
        reference=cause.reference,
        idempotency_key=cause.key,
        reverses_id=reverses.id if reverses else None,
        breakdown=cause.breakdown or None,
        actor=cause.actor,
        created_at=now,
    )


def write_entry(
    session: Session,
    profile: LoyaltyProfile,
    amount: int,
    type_: EntryType,
    cause: Cause,
    now: datetime,
    *,
    counted: int = 0,
    at: datetime | None = None,
    reverses: PointTransaction | None = None,
    expires_at: datetime | None = None,
) -> PointTransaction:
    """An entry that earns nothing. It adds `counted` to total points and moves nothing else: its caller makes lots,
    allocations and the other cached sums agree with it, and looks at the tier, before the transaction ends. Under the
    profile's lock; the caller has asked `by_key`.
    """
    entry = new_entry(
        profile, amount, type_, cause, now, counted=counted, at=at, reverses=reverses, expires_at=expires_at
    )
    session.add(entry)
    profile.total_points += counted
    if counted < 0:
        profile.tier_asked = 0  # the review looks at them again
    # Lots and allocations refer to it, and nothing else orders their inserts.
    session.flush()
    return entry


def open_lot(
    session: Session,
    profile: LoyaltyProfile,
    entry: PointTransaction,
    points: int,
    expires_at: datetime | None,
    now: datetime,
) -> PointLot:
    """A lot of `points` that the entry has brought; below 0 it is a debt, which never expires.

    Under the profile's lock. The caller adds `points` to `available_points`, and for a debt its size to `debt`.
    """
    lot = PointLot(
        clinic_id=profile.clinic_id,
        customer_id=profile.customer_id,
        transaction_id=entry.id,
        remaining=points,
        expires_at=expires_at,
        created_at=now,
    )
    session.add(lot)
    schedule(profile, expires_at)
    return lot


def lots_of(
    session: Session, profile: LoyaltyProfile, which: ColumnElement[bool], most: int | None = None
) -> Sequence[PointLot]:
    """The profile's lots, the first `most` of them, first-expiring first, as they are now: this session may have seen
    them before the lock.

    Under the profile's lock, which is that of its lots too. What was changed and not flushed would be overwritten.
    """
    return session.scalars(
        select(PointLot)
        .where(PointLot.customer_id == profile.customer_id, which)
        .order_by(PointLot.expires_at.asc().nulls_last(), PointLot.created_at, PointLot.id)
        .limit(most)
        .execution_options(populate_existing=True)
    ).all()


def taken_by(session: Session, spendings: Collection[UUID]) -> dict[UUID, list[tuple[PointLot, int]]]:
    """Of which lots each of these entries took how much, first-expiring first, as they are now. Under the locks of the
    profiles."""
    found: dict[UUID, list[tuple[PointLot, int]]] = {id_: [] for id_ in spendings}
    for spent, amount, lot in session.execute(
        select(PointAllocation.transaction_id, PointAllocation.amount, PointLot)
        .join(PointLot, PointLot.id == PointAllocation.lot_id)
        .where(PointAllocation.transaction_id.in_(spendings))
        .order_by(PointLot.expires_at.asc().nulls_last(), PointLot.created_at, PointLot.id)
        .execution_options(populate_existing=True)
    ):
        found[spent].append((lot, amount))
    return found


def owners(session: Session, spendings: Collection[UUID]) -> dict[UUID, set[UUID]]:
    """Whose the lots are by now of which each of these entries took. Nothing is locked."""
    found: dict[UUID, set[UUID]] = {id_: set() for id_ in spendings}
    for spent, owner in session.execute(
        select(PointAllocation.transaction_id, PointLot.customer_id)
        .join(PointLot, PointLot.id == PointAllocation.lot_id)
        .where(PointAllocation.transaction_id.in_(spendings))
        .distinct()
    ):
        found[spent].add(owner)
    return found


def unexpired(session: Session, earned: PointTransaction) -> int:
    """How many of the points that the entry earned have neither expired nor been taken back before. Flushes."""
    session.flush()
    expired = (
        select(func.coalesce(func.sum(PointAllocation.amount), 0))
        .join(PointLot, PointLot.id == PointAllocation.lot_id)
        .join(PointTransaction, PointTransaction.id == PointAllocation.transaction_id)
        .where(PointLot.transaction_id == earned.id, PointTransaction.type == "expired")
    )
    taken = select(func.coalesce(func.sum(PointTransaction.amount), 0)).where(PointTransaction.reverses_id == earned.id)
    gone, back = session.execute(select(expired.scalar_subquery(), taken.scalar_subquery())).one()
    return earned.amount - int(gone) + int(back)


def expire(
    session: Session, profile: LoyaltyProfile, lot: PointLot, now: datetime, *, key: str, at: datetime
) -> PointTransaction:
    """What remains in the lot is gone, since `at`. Under the profile's lock."""
    cause = Cause("expiry", key=key)
    entry = write_entry(session, profile, -lot.remaining, "expired", cause, now, at=at, expires_at=lot.expires_at)
    take(session, profile, entry, lot, lot.remaining)
    return entry


def fill_all_debts(session: Session, profile: LoyaltyProfile, entry: PointTransaction) -> None:
    """Points and debts that have come together by this entry: the first-expiring pay. Under the profile's lock; sums
    stay as they are, only `debt` shrinks."""
    if profile.debt:
        for lot in lots_of(session, profile, PointLot.remaining > 0):
            fill_debts(session, profile, entry, lot)


def fill_debts(session: Session, profile: LoyaltyProfile, entry: PointTransaction, lot: PointLot) -> None:
    """What is owed is paid from this lot first, so that a profile never has points and a debt.

    Under the profile's lock. Moves points from lot to lot: `available_points` stays, `debt` shrinks.
    """
    if not profile.debt or lot.remaining <= 0:
        return
    for debt in lots_of(session, profile, PointLot.remaining < 0):
        amount = min(-debt.remaining, lot.remaining)
        if not amount:
            return
        debt.remaining += amount
        lot.remaining -= amount
        profile.debt -= amount
        allocate(session, entry, debt, -amount)
        allocate(session, entry, lot, amount)


def take_first_expiring(session: Session, profile: LoyaltyProfile, entry: PointTransaction, points: int) -> None:
    """Take so many points from the lots that expire first, and from `available_points`. Under the profile's lock.

    The caller knows that there are so many. Raises `RuntimeError` when the lots hold less than the profile says: the
    cached sum has drifted, and the transaction must not go on.
    """
    rest = points
    while rest:
        lots = lots_of(session, profile, PointLot.remaining > 0, LOTS)
        if not lots:
            raise RuntimeError(f"profile {profile.customer_id}: the lots hold {rest} points less than the profile says")
        for lot in lots:
            amount = min(lot.remaining, rest)
            take(session, profile, entry, lot, amount)
            rest -= amount
            if not rest:
                return
        session.flush()  # what is empty by now is found no more


def take(session: Session, profile: LoyaltyProfile, entry: PointTransaction, lot: PointLot, amount: int) -> None:
    """Take `amount` points, no more than remain, from one lot and from `available_points`. Under the profile's lock."""
    lot.remaining -= amount
    profile.available_points -= amount
    allocate(session, entry, lot, amount)


def allocate(session: Session, entry: PointTransaction, lot: PointLot, amount: int) -> None:
    """Note that the entry took `amount` points from the lot, or gave them to it where it is below 0. The lot itself is
    the caller's to change, by as much."""
    session.add(PointAllocation(clinic_id=lot.clinic_id, transaction_id=entry.id, lot_id=lot.id, amount=amount))


def schedule(profile: LoyaltyProfile, at: datetime | None) -> None:
    """Have `ledger.post_due` look at this profile no later than `at`. Under its lock."""
    if at is not None and (profile.due_at is None or at < profile.due_at):
        profile.due_at = at
