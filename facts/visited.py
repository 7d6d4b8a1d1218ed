"""A customer was at the clinic."""

from datetime import datetime

from sqlalchemy.orm import Session

from customers import journey, visits
from loyalty import achievements, ledger
from models.customers import Customer, JourneyData
from models.facts import Visit
from runtime.actors import SYSTEM


def visited(
    session: Session,
    customer: Customer,
    *,
    source: str,
    external_id: str,
    visited_at: datetime,
    service_code: str | None,
    now: datetime,
    actor: str = SYSTEM,
) -> Visit:
    """Counts towards visits and achievements; the same `source` and `external_id` again is the first visit.

    Raises `FactRefused` when that visit was another customer's, and `CustomerMerged`.
    """
    profile = ledger.open_profile(session, customer, now)
    visit, new = visits.record(
        session,
        customer,
        source=source,
        external_id=external_id,
        visited_at=visited_at,
        service_code=service_code,
        now=now,
    )
    if new:
        profile.total_visits += 1
        told: JourneyData = {"service": service_code}
        if actor != SYSTEM:
            told["by"] = actor
        journey.write(session, customer, "visited", visited_at, key=f"visit:{visit.id}", data=told)
        achievements.check(session, profile, now, changed={"visits"})
    return visit
