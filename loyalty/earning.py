"""What an earning makes of a profile, and many of them at once: a daily job asks and writes for all what one asks and
writes for itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from loyalty import entries, limits, notifications, rolling, tiers
from loyalty.booking import News, Sums
from loyalty.entries import Cause
from models.clinics import Clinic
from models.loyalty import EntryType, LoyaltyProfile, PointTransaction


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
    """`ledger.earn` for many profiles of a clinic, all of whose locks are held, in a few statements whatever their
    number; the entry of each, in their order.

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
    counted = _counted(session, clinic, earnings)
    held = [one.profile.current_tier for one in earnings]
    written = []
    for one in earnings:
        earned = counted.get(one.profile.customer_id)
        entry, sums = reckon(session, one.profile, one.points, one.cause, one.at, earned=earned)
        for name, value in vars(sums).items():
            setattr(one.profile, name, value)
        written.append(entry)
    session.add_all(written)
    session.flush()  # lots refer to them, and nothing else orders their inserts
    lots = [
        entries.open_lot(session, one.profile, entry, one.points, entry.expires_at, one.at)
        for one, entry in zip(earnings, written, strict=True)
    ]
    session.flush()
    _tell(session, clinic, earnings)
    for one, entry, lot, tier in zip(earnings, written, lots, held, strict=True):
        entries.fill_debts(session, one.profile, entry, lot)
        tiers.tell(session, one.profile, tier, one.at)
    return written


def _counted(session: Session, clinic: Clinic, earnings: Sequence[Earning]) -> dict[UUID, int]:
    """What decides each tier where the last twelve months do, else nothing."""
    if not earnings or not rolling.applies(clinic):
        return {}
    return rolling.earned_by(session, {one.profile.customer_id: rolling.year_before(one.at) for one in earnings})


def _tell(session: Session, clinic: Clinic, earnings: Sequence[Earning]) -> None:
    told: dict[tuple[notifications.Kind, datetime], list[notifications.News]] = {}
    for one in earnings:
        if one.news:
            news = notifications.News(one.profile.customer_id, one.news.data, one.news.key)
            told.setdefault((one.news.kind, one.at), []).append(news)
    for (kind, at), news_of_kind in told.items():
        notifications.write_all(session, clinic, kind, at, news_of_kind)


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

    `earned`: what has counted in the twelve months before, where these decide and somebody has asked.
    """
    clinic = profile.customer.clinic
    expires_at = expiry_of(now, clinic, clinic.settings.points.life_months)
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
