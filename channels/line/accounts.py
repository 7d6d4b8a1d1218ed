"""Which LINE accounts can be reached: a person may have several, and a push goes to one."""

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from models.customers import Customer, LineLink


def reachable(session: Session, customer: Customer) -> LineLink | None:
    """The account heard from last that a push would reach; None when there is none."""
    return session.scalars(
        select(LineLink)
        .where(LineLink.clinic_id == customer.clinic_id, LineLink.customer_id == customer.id, can_be_reached())
        .order_by(LineLink.heard_at.desc().nulls_last(), LineLink.user_index)
        .limit(1)
    ).one_or_none()


def can_be_reached() -> ColumnElement[bool]:
    """`LineLink.reachable` for the database."""
    return or_(LineLink.unfollowed_at.is_(None), LineLink.followed_at > LineLink.unfollowed_at)
