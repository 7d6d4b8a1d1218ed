"""Visits: that a customer was there. What follows from it is with `facts/visited.py`.

One visit is one customer on one local day, whoever tells it first; who tells it later adds to it.
"""

from datetime import datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from customers.errors import FactRefused
from models.customers import Customer
from models.facts import Visit

ASK_AFTER = timedelta(days=3)
"""How long after a visit the customer is asked how it was, at the earliest: by then they see what came of it."""


def record(
    session: Session,
    customer: Customer,
    *,
    source: str,
    external_id: str,
    visited_at: datetime,
    service_code: str | None,
    now: datetime,
) -> tuple[Visit, bool]:
    """(the visit, whether it is new): the same `source` and `external_id` again is the first visit, and so is whatever
    is told of the same day.

    The caller holds the lock of the customer's profile, so that of two that tell the same one is the first. Raises
    `FactRefused` when that visit was another customer's.
    """
    known = session.scalars(
        select(Visit).where(
            Visit.clinic_id == customer.clinic_id, Visit.source == source, Visit.external_id == external_id
        )
    ).one_or_none()
    if known is not None:
        if known.customer_id != customer.id:
            raise FactRefused(f"visit {external_id!r} is known with another customer")
        return known, False
    if (there := on_day(session, customer, visited_at)) is not None:
        there.service_code = there.service_code or service_code
        return there, False
    visit = Visit(
        clinic_id=customer.clinic_id,
        customer_id=customer.id,
        source=source,
        external_id=external_id,
        visited_at=visited_at,
        service_code=service_code,
        ask_on=visited_at.astimezone(customer.clinic.settings.voice.zone).date() + ASK_AFTER,
        created_at=now,
    )
    session.add(visit)
    return visit, True


def on_day(session: Session, customer: Customer, at: datetime) -> Visit | None:
    """The customer's visit of the local day of this moment, whoever told it."""
    zone = customer.clinic.settings.voice.zone
    begins = datetime.combine(at.astimezone(zone).date(), time(), zone)
    theirs = Visit.customer_id == customer.id, Visit.uncounted.is_(None)
    day = Visit.visited_at >= begins, Visit.visited_at < begins + timedelta(days=1)
    return session.scalars(select(Visit).where(*theirs, *day).order_by(Visit.visited_at).limit(1)).one_or_none()
