"""What is due, taken in batches: of many customers, each of whom is held by one worker; and of one customer, what may
ride in the answer to what they write.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, and_, any_, case, func, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased, contains_eager
from sqlalchemy.orm.attributes import set_committed_value

from models.base import among
from models.clinics import Clinic
from models.customers import Customer
from models.followups import FollowupExecution, FollowupRule, Priority
from models.loyalty import Notification

Row = TypeVar("Row", Customer, FollowupRule)
PRIORITIES: tuple[Priority, ...] = ("high", "normal", "low")
SOON, GRAIN = timedelta(seconds=20), 0.2
"""Whoever has nothing else to do looks by himself within the first; what is due within so many seconds is said
together."""
BATCH = 200
"""Executions by which the customers of a batch are found: all of these are held for as long as it takes."""
FOR_WANT = ("line_quota", "line_reserve")
"""Why something is held that would cost nothing in an answer."""
UNPAID = "quota"
"""The same, of news."""
LOOKED_AT = 10
"""So many are looked at for one answer, which has room for four at most."""


def of(
    session: Session, clinic_id: UUID, now: datetime, *, most: int, those: Sequence[UUID] | None = None
) -> list[list[FollowupExecution]]:
    """All that is due for the customers of the oldest `most`: each customer's a list, by priority and age. `those`:
    only of these customers.

    The rows of both are held: what somebody has had is counted by one at a time. What another worker holds is theirs,
    and is left out. So nobody waits here, whatever is held in which order.
    """
    table = FollowupExecution
    open_ = [table.clinic_id == clinic_id, table.status == "planned", table.due_at <= now]
    if those is not None:
        open_.append(among(table.customer_id, those))
    oldest = (
        select(table.customer_id)
        .join(table.customer)
        .where(*open_)
        .order_by(table.due_at)
        .limit(most)
        .with_for_update(skip_locked=True, key_share=True, of=[table, Customer])
        .cte("oldest")
    )
    theirs = (
        select(table)
        .where(*open_, table.customer_id.in_(select(oldest.c.customer_id)))
        .order_by(table.due_at, table.id)
        .with_for_update(of=table, skip_locked=True, key_share=True)
    )
    return _by_customer(session, clinic_id, session.scalars(theirs).all())


def after(session: Session, clinic_id: UUID, now: datetime) -> float | None:
    """Seconds until the next is due; None where that is no sooner than `SOON`."""
    table = FollowupExecution
    ahead = table.clinic_id == clinic_id, table.status == "planned", table.due_at > now, table.due_at < now + SOON
    next_ = session.scalar(select(table.due_at).where(*ahead).order_by(table.due_at).limit(1))
    return None if next_ is None else max((next_ - now).total_seconds(), GRAIN)


def _rides() -> tuple[ColumnElement[bool], ...]:
    """What may ride: what is of the lowest priority and may go over LINE. What has broken before is said by itself: it
    may be what the answer broke by."""
    low = FollowupRule.priority == PRIORITIES[-1], literal("line") == any_(FollowupRule.channels)
    return *low, FollowupExecution.status == "planned", FollowupExecution.failing_since.is_(None)


def rides_from(
    clinic_id: InstrumentedAttribute[UUID], customer_id: InstrumentedAttribute[UUID]
) -> ColumnElement[datetime | None]:
    """From when on something may ride in an answer to the customer that these columns name: follow-ups from when they
    are due, what waits for messages of the month at once. Cost: what is ahead of them alone is read."""
    table, news = FollowupExecution, Notification
    from_ = case((table.reason.in_(FOR_WANT), table.created_at), else_=table.due_at)
    theirs = table.clinic_id == clinic_id, table.customer_id == customer_id
    followups = select(func.min(from_)).select_from(table).join(table.rule).where(*theirs, *_rides())
    mine = news.clinic_id == clinic_id, news.customer_id == customer_id
    untold = select(func.min(news.created_at)).where(*mine, *unpaid())
    found = [each.correlate(clinic_id.class_).scalar_subquery() for each in (followups, untold)]
    return func.least(*found, type_=DateTime(timezone=True))


def unpaid() -> tuple[ColumnElement[bool], ...]:
    """News that waits for messages of the month and may ride. What was in an answer before is told by itself: it may be
    what LINE did not take."""
    return Notification.state == "open", Notification.reason == UNPAID, Notification.inbox_id.is_(None)


def riding(session: Session, customer: Customer, now: datetime) -> Sequence[FollowupExecution]:
    """What may ride in an answer to this customer now, held as `of` holds it; nothing that another worker holds. An
    offer waits where another one is due that goes before it."""
    table, other, before = FollowupExecution, aliased(FollowupExecution), aliased(FollowupRule)
    ahead = (
        select(other.id)
        .join(before, and_(before.clinic_id == other.clinic_id, before.id == other.rule_id))
        .where(other.clinic_id == table.clinic_id, other.customer_id == table.customer_id, other.due_at <= now)
        .where(other.status == "planned", other.purpose == "marketing", before.priority != PRIORITIES[-1])
    )
    chosen = (
        select(table)
        .join(table.customer)
        .join(table.rule)
        .options(contains_eager(table.customer), contains_eager(table.rule))
        .where(table.clinic_id == customer.clinic_id, table.customer_id == customer.id, *_rides())
        .where(or_(table.due_at <= now, table.reason.in_(FOR_WANT)))
        .where(or_(table.purpose != "marketing", ~ahead.exists()))
        .order_by(table.due_at, table.id)
        .limit(LOOKED_AT)
        .with_for_update(of=[table, Customer], skip_locked=True, key_share=True)
    )
    return session.scalars(chosen).all()


def _by_customer(session: Session, clinic_id: UUID, due: Sequence[FollowupExecution]) -> list[list[FollowupExecution]]:
    """With their customers, as they are since they are held, and their rules at hand. Whose customer is oldest due
    comes first."""
    customers = _rows(session, clinic_id, Customer, {one.customer_id for one in due})
    rules = _rows(session, clinic_id, FollowupRule, {one.rule_id for one in due})
    found: dict[UUID, list[FollowupExecution]] = {}
    for one in due:
        set_committed_value(one, "customer", customers[one.customer_id])
        set_committed_value(one, "rule", rules[one.rule_id])
        found.setdefault(one.customer_id, []).append(one)
    return [sorted(theirs, key=lambda one: PRIORITIES.index(one.rule.priority)) for theirs in found.values()]


def _rows(session: Session, clinic_id: UUID, table: type[Row], ids: Collection[UUID]) -> dict[UUID, Row]:
    """Each with its clinic, which would be forgotten as soon as nobody holds it."""
    if not ids:
        return {}
    clinic = session.get_one(Clinic, clinic_id)
    rows = session.scalars(select(table).where(table.clinic_id == clinic_id, among(table.id, ids))).all()
    for row in rows:
        set_committed_value(row, "clinic", clinic)
    return {row.id: row for row in rows}
