"""What a customer's last twelve months come to: spent by month, how often they came, and what they had.

Read for one customer at a time and within the twelve months alone; nothing of it is kept.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from itertools import pairwise
from statistics import median
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from models.customers import Customer
from models.facts import Payment, Visit
from models.treatments import Treatment

MONTHS = 12
MOST = 1_000
"""Of each kind that are looked at: nobody comes more often within a year."""


@dataclass(frozen=True)
class Rhythm:
    """How often somebody comes."""

    by_month: Mapping[date, int]
    last: date | None
    """The day of the last visit within the time."""
    days: int
    """On how many days they came."""
    usual: int | None
    """Days from one visit to the next, as it mostly is: the median; None while there are not two such times."""


@dataclass(frozen=True)
class Had:
    """One kind of treatment."""

    code: str | None
    """Of the clinic's file, or what the source calls it."""
    name: str | None
    """What the source calls it, where it has no code."""
    times: int


def months(now: datetime, zone: ZoneInfo) -> list[date]:
    """The first days of the last twelve months, this one last."""
    today = now.astimezone(zone).date()
    count = today.year * 12 + today.month - 1
    return [date(one // 12, one % 12 + 1, 1) for one in range(count - MONTHS + 1, count + 1)]


def spent(session: Session, customer: Customer, now: datetime) -> dict[date, Decimal]:
    """What was paid in each of the months, without what was given back of it since; only payments that count."""
    begins, zone = _since(customer, now)
    local = func.timezone(zone.key, Payment.paid_at)
    each = (
        select(func.date_trunc("month", local).label("month"), func.sum(Payment.amount - Payment.refunded))
        .where(Payment.clinic_id == customer.clinic_id, Payment.customer_id == customer.id)
        .where(Payment.uncounted.is_(None), Payment.paid_at >= begins, Payment.paid_at <= now)
        .group_by("month")
    )
    found = {month.date(): amount for month, amount in session.execute(each)}
    return {month: found.get(month, Decimal(0)) for month in months(now, zone)}


def rhythm(session: Session, customer: Customer, now: datetime) -> Rhythm:
    begins, zone = _since(customer, now)
    days = sorted({at.astimezone(zone).date() for at, _, _ in _visits(session, customer, begins, now)})
    found = Counter(day.replace(day=1) for day in days)
    between = [(later - earlier).days for earlier, later in pairwise(days)]
    return Rhythm(
        by_month={month: found[month] for month in months(now, zone)},
        last=days[-1] if days else None,
        days=len(days),
        usual=round(median(between)) if len(between) > 1 else None,
    )


def had(session: Session, customer: Customer, now: datetime) -> list[Had]:
    """The most frequent first. What was done for them as sources tell it; of a visit at which nobody has told of a
    treatment, what they came for. What was done for somebody else whom they brought is none of theirs."""
    begins, _ = _since(customer, now)
    done = _treatments(session, customer, begins, now)
    told = {one.visit_id for one in done}
    found = Counter[tuple[str | None, str | None]]()
    found.update((one.service_code, None if one.service_code else one.service) for one in done)
    found.update((code, None) for _, id_, code in _visits(session, customer, begins, now) if id_ not in told)
    ordered = sorted(found.items(), key=lambda one: (-one[1], one[0][0] or "", one[0][1] or ""))
    return [Had(code, name, times) for (code, name), times in ordered if code or name]


def _since(customer: Customer, now: datetime) -> tuple[datetime, ZoneInfo]:
    zone = customer.clinic.settings.voice.zone
    return datetime.combine(months(now, zone)[0], time(), zone), zone


def _visits(
    session: Session, customer: Customer, begins: datetime, now: datetime
) -> Sequence[Row[datetime, UUID, str | None]]:
    """(when, which, what for) of each."""
    theirs = Visit.clinic_id == customer.clinic_id, Visit.customer_id == customer.id, Visit.uncounted.is_(None)
    each = select(Visit.visited_at, Visit.id, Visit.service_code)
    there = each.where(*theirs, Visit.visited_at >= begins, Visit.visited_at <= now)
    return session.execute(there.order_by(Visit.visited_at.desc()).limit(MOST)).all()


def _treatments(session: Session, customer: Customer, begins: datetime, now: datetime) -> Sequence[Treatment]:
    theirs = Treatment.clinic_id == customer.clinic_id, Treatment.customer_id == customer.id
    done = Treatment.state == "performed", Treatment.visit_id.is_not(None)
    there = select(Treatment).where(*theirs, *done, Treatment.performed_at >= begins, Treatment.performed_at <= now)
    return session.scalars(there.order_by(Treatment.performed_at.desc()).limit(MOST)).all()
