"""Which LINE accounts can be reached: a person may have several, and a push goes to one."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from models.base import among
from models.customers import Customer, LineLink


def reachable(session: Session, customer: Customer) -> LineLink | None:
    """The account heard from last that a push would reach; None when there is none."""
    return session.scalars(
        select(LineLink)
        .where(LineLink.clinic_id == customer.clinic_id, LineLink.customer_id == customer.id, can_be_reached())
        .order_by(LineLink.heard_at.desc().nulls_last(), LineLink.user_index)
        .limit(1)
    ).one_or_none()


def reachable_of(session: Session, clinic_id: UUID, customers: Collection[UUID]) -> dict[UUID, LineLink]:
    """The same of each of these customers who has one."""
    theirs = LineLink.clinic_id == clinic_id, among(LineLink.customer_id, customers), can_be_reached()
    order = LineLink.customer_id, LineLink.heard_at.desc().nulls_last(), LineLink.user_index
    chosen = select(LineLink).where(*theirs).ext(distinct_on(LineLink.customer_id)).order_by(*order)
    return {one.customer_id: one for one in session.scalars(chosen)}


def can_be_reached() -> ColumnElement[bool]:
    """`LineLink.reachable` for the database."""
    return or_(LineLink.unfollowed_at.is_(None), LineLink.followed_at > LineLink.unfollowed_at)
