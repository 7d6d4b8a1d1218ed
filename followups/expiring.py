"""Warnings of points that expire: with what is left of them when they are told, and told as past where that is true."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from loyalty import expiry
from models.customers import Customer
from models.loyalty import Notification

KIND = "points_expiring"
DAY = timedelta(days=1)


def over(session: Session, customer: Customer, news: Sequence[Notification], zone: ZoneInfo) -> list[Notification]:
    """Those that are worth saying no more: nothing is left of the points, or a later warning of them is here too.

    A warning may be days late, so the others are given the number that is true now.
    """
    latest: dict[str, Notification] = {}
    for one in sorted((one for one in news if one.kind == KIND), key=lambda one: one.due_at):
        latest[one.data["on"]] = one
    for on, one in latest.items():
        begins = datetime.fromisoformat(on).astimezone(zone)
        left = expiry.ending(session, customer, begins, begins + DAY)
        if left != one.data["points"]:
            one.data = {**one.data, "points": left}
    return [one for one in news if one.kind == KIND and (latest[one.data["on"]] is not one or not one.data["points"])]


def become_past(session: Session, one: Notification, now: datetime) -> bool:
    """A warning that nobody could give in time, of points that have expired since, is told as what has happened."""
    if one.kind != KIND or (on := datetime.fromisoformat(one.data["on"])) > now:
        return False
    key = f"points_expired:{one.customer_id}:{one.data['on']}"
    told = Notification.clinic_id == one.clinic_id, Notification.key == key
    gone = expiry.expired(session, session.get_one(Customer, (one.customer_id, one.clinic_id)), on)
    if not gone or session.scalars(select(Notification.id).where(*told)).first() is not None:
        return False
    one.kind = "points_expired"
    one.key, one.data, one.not_after = key, {"points": gone, "on": one.data["on"]}, None
    session.flush()
    return True
