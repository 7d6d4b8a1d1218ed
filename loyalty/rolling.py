"""The policy `rolling_12_months`: the tier follows what was earned in the last twelve months.

A rise is immediate, as under `lifetime`. A fall waits for the monthly review (`tier_review.py`), one step at most.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from loyalty.entries import COUNTED
from models.clinics import Clinic

COUNTED_SINCE = (
    f"SELECT {COUNTED} FROM (SELECT {{customer}} AS id UNION ALL "  # noqa: S608 - the part is a constant of ours
    "SELECT c.id FROM customers c WHERE c.merged_into = {customer}) record "
    "JOIN point_transactions t ON t.customer_id = record.id AND t.counts_at > {since}"
)
"""What counts towards the tier since a moment; the entries of records merged into this one are this person's too.
What a merge has moved from one of them to another is there twice, with both signs and one time."""

_EARNED = text(COUNTED_SINCE.format(customer="CAST(:customer AS uuid)", since=":since"))
_EARNED_BY = text(
    f"SELECT who.id, ({COUNTED_SINCE.format(customer='who.id', since='who.since')}) AS points "  # noqa: S608 - as above
    "FROM unnest(CAST(:customers AS uuid[]), CAST(:since AS timestamptz[])) who (id, since)"
)


def applies(clinic: Clinic) -> bool:
    """Whether the clinic has chosen it; the default is `lifetime`."""
    return clinic.settings.tiers.policy == "rolling_12_months"


def earned(session: Session, customer_id: UUID, since: datetime) -> int:
    session.flush()
    return int(session.execute(_EARNED, {"customer": customer_id, "since": since}).scalar_one())


def earned_by(session: Session, since: Mapping[UUID, datetime]) -> dict[UUID, int]:
    """What each of these customers has earned since their moment, in one statement."""
    session.flush()
    rows = session.execute(_EARNED_BY, {"customers": list(since), "since": list(since.values())})
    return {row.id: int(row.points) for row in rows}


def year_before(at: datetime) -> datetime:
    """The same moment a year earlier; the 29th of February comes from the 28th."""
    day = 28 if (at.month, at.day) == (2, 29) else at.day
    return at.replace(year=at.year - 1, day=day)
