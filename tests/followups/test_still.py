"""What has stopped being so before anybody heard it is not told any more."""

import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

import facts.paid
import facts.refunded
from customers.people import new_customer
from facts import courses, granted, tied
from facts.told import CourseTold, Person, Sale, ShareTold
from loyalty import notifications, points
from loyalty.notifications import Kind
from models.customers import LineLink
from models.loyalty import LoyaltyProfile, Notification, NotificationData
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


WELCOME = 100
"""Points that count as well."""


def member(session: Session, mali: LineLink, *, tier: str = "bronze") -> LoyaltyProfile:
    profile = points.create_loyalty_profile(session, mali.customer, NOW)
    session.execute(update(Notification).values(state="sent"))
    profile.current_tier = tier
    session.flush()
    return profile


def news(session: Session, mali: LineLink, kind: Kind, data: NotificationData) -> Notification:
    notifications.write(session, mali.customer, kind, NIGHT, data=data)
    session.commit()
    return session.scalars(select(Notification).where(Notification.kind == kind)).one()


@pytest.mark.parametrize("kind", ["tier_upgraded", "tier_lowered"])
@pytest.mark.parametrize(("tier", "fate"), [("gold", ("sent", None)), ("silver", ("skipped", "another_tier"))])
def test_a_tier_is_told_as_long_as_it_is_held(
    session: Session, runtime: Runtime, mali: LineLink, kind: Kind, tier: str, fate: tuple[str, str | None]
) -> None:
    member(session, mali, tier=tier)
    news(session, mali, kind, {"tier": "gold"})
    drain(runtime, MORNING)
    assert became(session)[kind] == fate


@pytest.mark.parametrize(("earned", "says"), [(0, "500"), (200, "300"), (500, None)])
def test_a_warning_of_a_tier_at_risk_says_what_is_missing_now(
    session: Session, runtime: Runtime, mali: LineLink, earned: int, says: str | None
) -> None:
    mali.customer.clinic.choose(tiers={"policy": "rolling_12_months"})
    profile = member(session, mali, tier="silver")
    silver = next(one for one in mali.customer.clinic.settings.tiers.steps if one.name == "silver")
    points.award_points(session, mali.customer, silver.threshold - 500 - WELCOME, "test", now=NIGHT)
    profile.current_tier = "silver"
    one = news(session, mali, "tier_at_risk", {"tier": "silver", "below": "bronze", "missing": 500, "on": "2026-04-01"})
    if earned:
        points.award_points(session, mali.customer, earned, "test", now=NIGHT)
        profile.current_tier = "silver"
        session.commit()
    drain(runtime, MORNING)
    assert became(session)["tier_at_risk"] == (("sent", None) if says else ("skipped", "over"))
    if says:
        session.refresh(one)
        assert (str(one.data["missing"]), says in said(session)) == (says, True)


@pytest.mark.parametrize(("refunded", "says"), [(0, "1,000"), (4_000, "600"), (10_000, None)])
def test_points_that_were_refunded_before_they_came_are_not_on_their_way(
    session: Session, runtime: Runtime, mali: LineLink, refunded: int, says: str | None
) -> None:
    mali.customer.clinic.choose(points={"treatment_pending_days": 7})
    member(session, mali)
    paid = facts.paid.paid(
        session, mali.customer, source="till", external_id="1", amount=Decimal(10_000), paid_at=NIGHT,
        service_code=None, now=NIGHT,
    )  # fmt: skip
    if refunded:
        facts.refunded.refunded(
            session, paid.payment, external_id="2", amount=Decimal(refunded), refunded_at=NIGHT, now=NIGHT
        )
    session.execute(update(Notification).where(Notification.kind == "points_promised").values(due_at=MORNING))
    session.commit()
    drain(runtime, MORNING)
    assert became(session)["points_promised"] == (("sent", None) if says else ("skipped", "over"))
    assert (says or "กำลังจะเข้า") in said(session) or not says


def test_points_that_have_come_are_not_told_as_on_their_way(session: Session, runtime: Runtime, mali: LineLink) -> None:
    member(session, mali)
    news(session, mali, "points_promised", {"points": 50, "on": (MORNING - timedelta(hours=1)).isoformat()})
    drain(runtime, MORNING)
    assert became(session)["points_promised"] == ("skipped", "over")


@pytest.mark.parametrize("answered", [True, False])
def test_a_question_that_was_answered_is_not_asked(
    session: Session, runtime: Runtime, mali: LineLink, *, answered: bool
) -> None:
    member(session, mali)
    tie = tied.ask(session, mali.customer, "booking:till", "HN-1", MORNING, actor="api:1")
    tie.state = "declined" if answered else "asked"
    session.commit()
    drain(runtime, MORNING + timedelta(minutes=1))
    assert became(session)["tie_asked"] == (("skipped", "over") if answered else ("sent", None))
