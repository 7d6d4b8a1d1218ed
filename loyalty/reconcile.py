"""Whether the cached sums are the sums: repaired one profile at a time.

A night checks who was touched since the night before, and a thirtieth of the rest; the command checks all at once.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import RowMapping, select, text
from sqlalchemy.orm import Session

from loyalty import ledger, tiers
from loyalty.entries import COUNTED
from models.clinics import Clinic
from models.loyalty import NIGHTS, LoyaltyProfile, PointTransaction
from runtime.work import Batch

_DRIFT = f"""
    SELECT p.customer_id, p.available_points, p.total_points, p.debt,
           coalesce(t.amount, 0) AS entries, coalesce(t.counted, 0) AS counted,
           coalesce(l.remaining, 0) AS lots, coalesce(l.owed, 0) AS owed
    FROM loyalty_profiles p
    LEFT JOIN (
        SELECT t.customer_id, sum(t.amount) AS amount, {COUNTED} AS counted
        FROM point_transactions t WHERE t.clinic_id = :clinic {{some_t}} GROUP BY t.customer_id
    ) t ON t.customer_id = p.customer_id
    LEFT JOIN (
        SELECT l.customer_id, sum(l.remaining) AS remaining,
               -coalesce(sum(l.remaining) FILTER (WHERE l.remaining < 0), 0) AS owed
        FROM point_lots l WHERE l.clinic_id = :clinic AND l.remaining <> 0 {{some_l}} GROUP BY l.customer_id
    ) l ON l.customer_id = p.customer_id
    WHERE p.clinic_id = :clinic {{some_p}}
      AND (p.available_points <> coalesce(t.amount, 0) OR p.available_points <> coalesce(l.remaining, 0)
           OR p.total_points <> coalesce(t.counted, 0) OR p.debt <> coalesce(l.owed, 0))
    ORDER BY p.customer_id
"""  # noqa: S608 - the parts are constants of ours
_OF_ALL = text(_DRIFT.format(some_t="", some_l="", some_p=""))
_OF_SOME = text(_DRIFT.format(**{f"some_{one}": f"AND {one}.customer_id = ANY(:customers)" for one in ("t", "l", "p")}))


@dataclass(frozen=True)
class Drift:
    """One profile whose numbers disagree: what it caches, and what entries and lots say."""

    customer_id: UUID
    available: int
    entries: int
    lots: int
    total: int
    counted: int
    debt: int
    owed: int

    @property
    def figures(self) -> dict[str, str | int]:
        """For a log or a screen: the id and the numbers, which name nobody."""
        return {name: value if isinstance(value, int) else str(value) for name, value in asdict(self).items()}

    @property
    def repairable(self) -> bool:
        """Entries and lots agree, so the cache alone is wrong. If they do not, somebody has to look."""
        return self.entries == self.lots


def check(session: Session, clinic: Clinic) -> list[Drift]:
    """Every profile of the clinic that has drifted; there should be none."""
    return _drifts(session.execute(_OF_ALL, {"clinic": clinic.id}).mappings().all())


def check_night(session: Session, clinic: Clinic, last: date, day: date, batch: Batch) -> list[Drift]:
    """What has drifted in one batch of those who had an entry since the `last` night, and of those whose night it is.

    Each night has its thirtieth of the profiles; so has each that was missed since the last.
    """
    nights = {(last + timedelta(days=n)).toordinal() % NIGHTS for n in range(1, min((day - last).days, NIGHTS) + 1)}
    begins = datetime.combine(last, time(), clinic.settings.voice.zone)
    profile, entry = LoyaltyProfile, PointTransaction
    theirs = [
        select(profile.night, profile.customer_id).where(profile.clinic_id == clinic.id, profile.night == night)
        for night in sorted(nights)
    ]
    touched = (
        select(entry.created_at, entry.customer_id)
        .where(entry.clinic_id == clinic.id, entry.created_at >= begins)
        .distinct()
    )
    batch.take(session, *theirs, touched)
    # Of those who had an entry all whose night it is have been looked at.
    customers = {id_ for part, *_, id_ in batch.places if part < len(theirs) or id_.bytes[-1] % NIGHTS not in nights}
    return _of_some(session, clinic, sorted(customers))


def repair(session: Session, clinic: Clinic, drift: Drift, now: datetime) -> bool:
    """Set one profile's cache to the sums, under its lock, if they still agree. False when it was left alone."""
    profile = session.get(LoyaltyProfile, (drift.customer_id, clinic.id))
    if profile is None or ledger.lock(session, profile.customer) is None:
        return False
    for found in _of_some(session, clinic, [drift.customer_id]):
        if not found.repairable:
            return False
        profile.available_points, profile.total_points, profile.debt = found.entries, found.counted, found.owed
        tiers.reevaluate(session, profile, now)
    return True


def _of_some(session: Session, clinic: Clinic, customers: Sequence[UUID]) -> list[Drift]:
    found = session.execute(_OF_SOME, {"clinic": clinic.id, "customers": list(customers)})
    return _drifts(found.mappings().all())


def _drifts(rows: Sequence[RowMapping]) -> list[Drift]:
    return [
        Drift(
            row["customer_id"], row["available_points"], int(row["entries"]), int(row["lots"]),
            row["total_points"], int(row["counted"]), row["debt"], int(row["owed"]),
        )
        for row in rows
    ]  # fmt: skip
