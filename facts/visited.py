"""A customer was at the clinic."""

from datetime import datetime, time
from uuid import UUID

from sqlalchemy.orm import Session

from customers import visits
from customers.visits import Word
from facts import days
from loyalty import check_in, ledger
from models.customers import Customer
from models.facts import Visit
from models.visits import TellingKind
from runtime.actors import CUSTOMER, SYSTEM


def visited(
    session: Session,
    customer: Customer,
    *,
    source: str,
    external_id: str,
    visited_at: datetime,
    service_code: str | None,
    now: datetime,
    branch_id: UUID | None = None,
    kind: TellingKind = "visit",
    actor: str = SYSTEM,
) -> Visit:
    """Makes the visit of that day or adds to it, with what follows; the same `source` and `external_id` again is the
    first telling of this kind, also where it was taken back since.

    Raises `FactRefused` when that was another customer's, and `CustomerMerged`.
    """
    ledger.open_profile(session, customer, now)
    word = Word(kind, source, external_id, visited_at, branch_id, service_code, actor)
    told, new = visits.told(session, customer, word, now)
    there = days.settle(session, customer, visited_at, now, actor=actor).there if new else []
    known = next((visit for visit in there if visit.id == told.visit_id), None)
    return known or session.get_one(Visit, (told.visit_id, told.clinic_id))


def checked_in(session: Session, customer: Customer, text: str, now: datetime) -> int:
    """The customer sends the day's text; how many points it earned. Raises what `loyalty.check_in` raises."""
    points, clinic = check_in.by_text(session, customer, text, now), customer.clinic
    day, zone = check_in.day_of(session, clinic, text, now), clinic.settings.voice.zone
    # Somewhat after midnight yesterday's picture holds, and so does yesterday.
    at = now if now.astimezone(zone).date() == day else datetime.combine(day, time(23, 59), zone)
    visited(
        session, customer, source="line", external_id=f"{customer.id}:{day}", visited_at=at, service_code=None, now=now,
        kind="check_in", actor=CUSTOMER,
    )  # fmt: skip
    return points
