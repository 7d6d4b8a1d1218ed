"""What an earning makes of a profile, and many of them at once: a daily job asks for all what one asks for itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from loyalty import entries, limits, rolling, tiers
from loyalty.booking import Booking, News, Sums, book
from loyalty.entries import Cause
from models.clinics import Clinic
from models.loyalty import EntryType, LoyaltyProfile, PointLot, PointTransaction


@dataclass(frozen=True)
class Earning:
    """One of many: whose profile, how many points, why, when they came, and what the customer hears of it. Its cause
    has a key."""

    profile: LoyaltyProfile
    points: int
    cause: Cause
    at: datetime
    news: News | None = None


def earn_all(
    session: Session, clinic: Clinic, earnings: Sequence[Earning], *, promised: bool = False
) -> list[PointTransaction]:
    """`ledger.earn` for many profiles of a clinic, all of whose locks are held, with the round trips of one; the entry
    of each, in their order.

    Raises `LimitReached` where one of them would.
    """
    made: dict[str | None, PointTransaction] = {}
    for once in _rounds(earnings):
        made |= entries.by_keys(session, clinic.id, [one.cause.key for one in once])
        new = [one for one in once if one.cause.key not in made]
        if not promised:
            for one in new:
                limits.check_points(one.profile, one.points)
        made |= {entry.idempotency_key: entry for entry in _write(session, clinic, new)}
    return [made[one.cause.key] for one in earnings]


def _rounds(earnings: Sequence[Earning]) -> list[list[Earning]]:
    """In each of them nobody earns twice: what a second earning makes rests on the first."""
    rounds: list[dict[UUID, Earning]] = [{}]
    for one in earnings:
        id_ = one.profile.customer_id
        if all(id_ in once for once in rounds):
            rounds.append({})
        next(once for once in rounds if id_ not in once)[id_] = one
    return [list(once.values()) for once in rounds]


def _write(session: Session, clinic: Clinic, earnings: Sequence[Earning]) -> list[PointTransaction]:
    if not earnings:
        return []
    counted = _counted(session, clinic, earnings)
    held = [one.profile.current_tier for one in earnings]
    bookings = []
    for one in earnings:
        earned = counted.get(one.profile.customer_id)
        entry, sums = reckon(session, one.profile, one.points, one.cause, one.at, earned=earned)
        bookings.append(Booking(one.profile, entry, sums, one.news))
    if not book(session, bookings):
        raise RuntimeError("a key that nobody had written was written meanwhile: the batch is done again")
    for one, booked, tier in zip(earnings, bookings, held, strict=True):
        follow(session, one.profile, booked.entry, tier, one.at)
    return [booked.entry for booked in bookings]


def _counted(session: Session, clinic: Clinic, earnings: Sequence[Earning]) -> dict[UUID, int]:
    """What decides each tier where the last twelve months do, else nothing."""
    if not rolling.applies(clinic):
        return {}
    return rolling.earned_by(session, {one.profile.customer_id: rolling.year_before(one.at) for one in earnings})


def follow(session: Session, profile: LoyaltyProfile, entry: PointTransaction, held: str, now: datetime) -> None:
    """What an earning that was booked brings with it: debts are filled, and who rose above the tier `held` hears it."""
    if profile.debt:
        for lot in entries.lots_of(session, profile, PointLot.transaction_id == entry.id):
            entries.fill_debts(session, profile, entry, lot)
    tiers.tell(session, profile, held, now)


def reckon(
    session: Session,
    profile: LoyaltyProfile,
    points: int,
    cause: Cause,
    now: datetime,
    *,
    type_: EntryType = "earned",
    counts: bool = True,
    at: datetime | None = None,
    earned: int | None = None,
) -> tuple[PointTransaction, Sums]:
    """The entry of an earning, and what the profile holds after it; nothing is written.

    They live from when it happened, also where that is told late: what was paid years ago has ended by now. `earned`:
    what has counted in the twelve months before, where these decide and somebody has asked.
    """
    clinic = profile.customer.clinic
    expires_at = expiry_of(min(at or now, now), clinic, clinic.settings.points.life_months)
    counted = points if counts else 0
    entry = entries.new_entry(profile, points, type_, cause, now, counted=counted, at=at, expires_at=expires_at)
    tier, progress = profile.current_tier, profile.tier_progress
    if counts:
        decides = counted if tiers.decides(clinic, entry.counts_at, now) else 0
        status = tiers.status(session, profile, profile.total_points + decides, now, earned=earned)
        tier, progress = status.tier.name, status.progress
    due_at = expires_at if profile.due_at is None else min(profile.due_at, expires_at)
    return entry, Sums(profile.total_points + counted, profile.available_points + points, tier, progress, due_at)


def expiry_of(earned_at: datetime, clinic: Clinic, months: int) -> datetime:
    """The first instant of the month after the last month of their life, in the clinic's zone."""
    zone = clinic.settings.voice.zone
    local = earned_at.astimezone(zone)
    month = local.year * 12 + local.month - 1 + months + 1
    return datetime(month // 12, month % 12 + 1, 1, tzinfo=zone)
