"""What waits for the clinic's clock, and why."""

from datetime import timedelta

from sqlalchemy.orm import Session

from customers.people import new_customer
from loyalty import ledger, notifications, points
from loyalty.entries import Cause
from models.clinics import Clinic
from models.loyalty import Notification
from tests.fixtures.clinic import NOW, make_clinic
from web.waiting import SHOWN, waiting


def test_nothing_waits_where_nothing_happened(session: Session, clinic: Clinic) -> None:
    assert waiting(session, NOW) == []


def test_messages_of_people_and_why_they_wait(session: Session, clinic: Clinic) -> None:
    night, morning = NOW + timedelta(hours=12), NOW + timedelta(hours=21, minutes=30)
    one, other = (new_customer(session, clinic, NOW) for _ in range(2))
    for customer in (one, one, other):
        notifications.write(session, customer, "points_earned", night, data={"points": 1}, due_at=morning)
    for row in session.query(Notification):
        row.reason = "quiet_hours"
    notifications.write(session, one, "tier_upgraded", night, data={"tier": "gold"})
    ten = NOW + timedelta(days=1)
    notifications.write(session, other, "points_expiring", night, data={"points": 5}, due_at=ten, key="warn")
    notifications.write(session, other, "points_earned", NOW, data={"points": 1})  # due already
    session.flush()
    found = [(wait.what, wait.why, wait.count, wait.until) for wait in waiting(session, night)]
    assert found == [
        ("messages", "gathering", 1, night + notifications.MERGE_WINDOW),
        ("messages", "quiet_hours", 2, morning),
        ("messages", "its_hour", 1, ten),
    ]


def test_the_next_of_points_of_every_clinic(session: Session, clinic: Clinic) -> None:
    ends = []
    for where in (clinic, make_clinic(session, slug="nobody", name="Nobody")):
        customer = new_customer(session, where, NOW)
        profile = points.create_loyalty_profile(session, customer, NOW)
        ledger.earn(session, profile, 50, Cause("award", key=f"gift-{where.slug}"), NOW)
        session.flush()
        ends.append(profile.due_at)
    found = waiting(session, NOW + timedelta(hours=1))
    assert [(wait.what, wait.count, wait.until) for wait in found] == [("points", 1, end) for end in ends]
    assert len(found) <= SHOWN
