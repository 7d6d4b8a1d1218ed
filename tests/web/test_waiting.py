"""What waits for the clinic's clock, and why."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session

import followups.kinds  # noqa: F401 - fills the registry
from customers.people import new_customer
from followups import rules
from followups.rules import Draft
from loyalty import ledger, notifications, points
from loyalty.entries import Cause
from models.base import new_id
from models.clinics import Clinic
from models.followups import FollowupExecution, Status
from models.loyalty import Notification
from tests.fixtures.clinic import NOW, make_clinic
from web.waiting import READ, SHOWN, Wait, waiting


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


def test_follow_ups_by_their_kind_for_how_many_and_why_they_are_held(session: Session, clinic: Clinic) -> None:
    one, other = (new_customer(session, clinic, NOW) for _ in range(2))
    kind = "appointment_reminder"
    rule = rules.make(session, clinic, kind, Draft(name=kind, channels=["line"], active=True), NOW)
    morning, noon = NOW + timedelta(days=1), NOW + timedelta(days=1, hours=3)

    def plan(customer_id: UUID, due: datetime, status: Status = "planned", reason: str | None = None) -> None:
        session.add(FollowupExecution(
            clinic_id=clinic.id, rule_id=rule.id, rule_version=1, customer_id=customer_id, anchor=f"a:{new_id()}",
            about_id=new_id(), purpose="transactional", status=status, reason=reason, due_at=due,
            not_after=due + timedelta(days=1), held=0, created_at=NOW,
        ))  # fmt: skip

    for who, due in ((one.id, morning), (other.id, morning + timedelta(seconds=20)), (other.id, NOW)):
        plan(who, due)
    plan(one.id, noon, reason="quiet_hours")
    plan(one.id, noon, "cancelled", "no_longer_so")
    session.flush()
    assert waiting(session, NOW) == [
        Wait(morning + timedelta(seconds=20), "followups", "", 2, kind),
        Wait(noon, "followups", "quiet_hours", 1, kind),
    ]


def test_no_more_are_read_than_so_many(session: Session, clinic: Clinic) -> None:
    customer = new_customer(session, clinic, NOW)
    rule = rules.make(session, clinic, "birthday_special", Draft(name="b", channels=["line"]), NOW)
    session.flush()
    due = NOW + timedelta(days=1)
    rows = [
        {"id": new_id(), "clinic_id": clinic.id, "rule_id": rule.id, "rule_version": 1, "customer_id": customer.id,
         "anchor": f"a:{n}", "about_id": customer.id, "purpose": "marketing", "status": "planned",
         "due_at": due + timedelta(hours=n // READ), "not_after": due, "held": 0, "created_at": NOW}
        for n in range(READ + 1)
    ]  # fmt: skip
    session.execute(insert(FollowupExecution), rows)
    assert [one.until for one in waiting(session, NOW)] == [due]
