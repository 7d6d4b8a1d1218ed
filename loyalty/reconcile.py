"""Whether the cached sums are the sums: checked in one statement, repaired one profile at a time."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.orm import Session

from loyalty import ledger, tiers
from models.clinics import Clinic
from models.loyalty import LoyaltyProfile

_DRIFT = """
    SELECT p.customer_id, p.available_points, p.total_points, p.debt,
           coalesce(t.amount, 0) AS entries, coalesce(t.counted, 0) AS counted,
           coalesce(l.remaining, 0) AS lots, coalesce(l.owed, 0) AS owed
    FROM loyalty_profiles p
    LEFT JOIN (
        SELECT t.customer_id, sum(t.amount) AS amount,
               sum(CASE WHEN t.source = 'transfer' THEN coalesce((t.breakdown ->> 'total')::int, 0)
                        WHEN t.breakdown ->> 'counts' = 'false' THEN 0
                        WHEN t.type IN ('earned', 'adjusted') OR (t.type = 'reversed' AND t.amount < 0) THEN t.amount
                        ELSE 0 END) AS counted
        FROM point_transactions t WHERE t.clinic_id = :clinic {one_t} GROUP BY t.customer_id
    ) t ON t.customer_id = p.customer_id
    LEFT JOIN (
        SELECT l.customer_id, sum(l.remaining) AS remaining,
               -coalesce(sum(l.remaining) FILTER (WHERE l.remaining < 0), 0) AS owed
        FROM point_lots l WHERE l.clinic_id = :clinic AND l.remaining <> 0 {one_l} GROUP BY l.customer_id
    ) l ON l.customer_id = p.customer_id
    WHERE p.clinic_id = :clinic {one_p}
      AND (p.available_points <> coalesce(t.amount, 0) OR p.available_points <> coalesce(l.remaining, 0)
           OR p.total_points <> coalesce(t.counted, 0) OR p.debt <> coalesce(l.owed, 0))
    ORDER BY p.customer_id
"""


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
    statement = text(_DRIFT.format(one_t="", one_l="", one_p=""))
    return _drifts(session.execute(statement, {"clinic": clinic.id}).mappings().all())


def repair(session: Session, clinic: Clinic, drift: Drift, now: datetime) -> bool:
    """Set one profile's cache to the sums, under its lock, if they still agree. False when it was left alone."""
    profile = session.get(LoyaltyProfile, (drift.customer_id, clinic.id))
    if profile is None or ledger.lock(session, profile.customer) is None:
        return False
    one = {
        "one_t": "AND t.customer_id = :one",
        "one_l": "AND l.customer_id = :one",
        "one_p": "AND p.customer_id = :one",
    }
    rows = session.execute(text(_DRIFT.format(**one)), {"clinic": clinic.id, "one": drift.customer_id}).mappings().all()
    for found in _drifts(rows):
        if not found.repairable:
            return False
        profile.available_points, profile.total_points, profile.debt = found.entries, found.counted, found.owed
        tiers.reevaluate(session, profile, now)
    return True


def _drifts(rows: Sequence[RowMapping]) -> list[Drift]:
    return [
        Drift(
            row["customer_id"], row["available_points"], int(row["entries"]), int(row["lots"]),
            row["total_points"], int(row["counted"]), row["debt"], int(row["owed"]),
        )
        for row in rows
    ]  # fmt: skip
