"""What has stopped being so before anybody heard it is not told any more."""

import json
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from customers.people import new_customer
from facts import courses, granted
from facts.told import CourseTold, Person, Sale, ShareTold
from models.customers import LineLink
from models.loyalty import Notification
from runtime.context import Runtime
from tests.fixtures.clinic import NOW
from tests.followups.news import BANGKOK, drain, sends

NIGHT = datetime(2026, 2, 3, 22, 30, tzinfo=BANGKOK)
MORNING = datetime(2026, 2, 4, 9, 30, tzinfo=BANGKOK)


def became(session: Session) -> dict[str, Any]:
    session.expire_all()
    return {one.kind: (one.state, one.reason) for one in session.scalars(select(Notification))}


def said(session: Session) -> str:
    return " ".join(json.loads(send.body or b"")[0]["altText"] for send in sends(session))


@pytest.mark.parametrize("over", [True, False])
def test_a_grant_that_has_ended_is_not_told_as_given(
    session: Session, runtime: Runtime, mali: LineLink, *, over: bool
) -> None:
    friend = new_customer(session, mali.customer.clinic, NOW)
    grant = granted.give(session, mali.customer, friend, "bookings", NIGHT, by="customer")
    if over:
        granted.end(session, grant, "staff", NIGHT + timedelta(minutes=5), by="staff")
    session.commit()
    drain(runtime, NIGHT + timedelta(minutes=10))
    assert sends(session) == []
    drain(runtime, MORNING)
    what = became(session)
    assert what["grant_given"] == (("skipped", "over") if over else ("sent", None))
    assert what.get("grant_ended", ("sent", None)) == ("sent", None)
    assert ("รับสิทธิ์นี้แทนคุณได้แล้ว" in said(session)) != over


def test_one_whose_day_has_come_is_not_told_as_given(session: Session, runtime: Runtime, mali: LineLink) -> None:
    """The end itself is said by the day's job."""
    child, until = new_customer(session, mali.customer.clinic, NOW), date(2026, 2, 4)
    granted.give(session, child, mali.customer, "bookings", NIGHT, by="staff", reason="parent_of_minor", until=until)
    session.commit()
    drain(runtime, MORNING)
    mine = select(Notification).where(Notification.customer_id == mali.customer_id)
    assert (session.scalars(mine).one().reason, sends(session)) == ("over", [])


@pytest.mark.parametrize("back", [True, False])
def test_sessions_that_were_taken_back_are_not_told_as_shared(
    session: Session, runtime: Runtime, mali: LineLink, *, back: bool
) -> None:
    friend, clinic = new_customer(session, mali.customer.clinic, NOW), mali.customer.clinic
    sale = Sale(Person(ours=mali.customer_id), 10, NIGHT.date())
    share = [ShareTold("C-1-K", Person(ours=friend.id), many) for many in (3, 0)]
    told = [
        CourseTold("C-1", 1, NIGHT, sale=sale),
        CourseTold("C-1", 2, NIGHT, share=share[0]),
        CourseTold("C-1", 3, NIGHT, share=share[1]),
    ]
    for fact in told if back else told[:2]:
        courses.told(session, clinic, "standard", fact, NIGHT)
    session.commit()
    drain(runtime, MORNING)
    assert became(session)["course_shared"] == (("skipped", "taken_back") if back else ("sent", None))
    assert bool(sends(session)) != back
