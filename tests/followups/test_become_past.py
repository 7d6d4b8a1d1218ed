"""A warning that nobody could give in time is told as what has happened, at a decent hour."""

import json
from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from loyalty import expiry, notifications, points
from models.customers import LineLink
from models.loyalty import Notification, NotificationData
from runtime.context import Runtime
from tests.fixtures.clinic import NOW
from tests.followups.news import BANGKOK, drain, sends


def test_what_becomes_past_at_night_is_told_in_the_morning(session: Session, runtime: Runtime, mali: LineLink) -> None:
    points.create_loyalty_profile(session, mali.customer, NOW)
    session.execute(update(Notification).values(state="sent"))
    ends = datetime(2027, 3, 1, tzinfo=BANGKOK)
    expiry.post_due(session, mali.customer.clinic, ends)
    session.execute(delete(Notification).where(Notification.kind == "points_expired"))
    data: NotificationData = {"points": 1, "on": ends.isoformat()}
    notifications.write(session, mali.customer, "points_expiring", NOW, data=data, not_after=ends)
    session.commit()
    drain(runtime, ends + timedelta(hours=1))
    assert sends(session) == []
    drain(runtime, ends + timedelta(hours=9))
    (send,) = sends(session)
    assert "หมดอายุแล้ว" in json.loads(send.body or b"")[0]["altText"]
