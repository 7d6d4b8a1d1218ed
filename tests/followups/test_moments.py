"""When something is told: at once to who stands at the counter, in the morning to others, late as what has passed."""

import json
from datetime import datetime, time, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import facts.paid
from loyalty import expiry, points
from models.customers import LineLink
from models.loyalty import PointLot
from runtime.context import Runtime
from tests.fixtures.clinic import NOW
from tests.followups.test_notifications import BANGKOK, drain, sends, states


@pytest.fixture
def joined(session: Session, mali: LineLink) -> LineLink:
    """With the 100 points of the welcome."""
    points.create_loyalty_profile(session, mali.customer, NOW)
    session.commit()
    return mali


def bill(session: Session, mali: LineLink, number: int, paid_at: datetime, now: datetime) -> None:
    """Of ฿1,000."""
    facts.paid.paid(
        session, mali.customer, source="till", external_id=f"{number}", amount=Decimal(1_000), paid_at=paid_at,
        service_code=None, now=now,
    )  # fmt: skip
    session.commit()


def welcome_ends(session: Session) -> datetime:
    """The first instant without the points of the welcome."""
    end = session.scalars(select(PointLot.expires_at)).one()
    assert end is not None
    return end


NIGHT = datetime(2026, 2, 3, 21, 30, tzinfo=BANGKOK)


def test_who_has_just_paid_is_told_at_any_hour(session: Session, runtime: Runtime, joined: LineLink) -> None:
    """They stand at the counter. A bill of the afternoon that the till tells at night waits for the morning."""
    bill(session, joined, 1, NIGHT - timedelta(minutes=2), NIGHT)
    drain(runtime, NIGHT + timedelta(seconds=20))
    bill(session, joined, 2, NIGHT - timedelta(hours=6), NIGHT + timedelta(minutes=1))
    drain(runtime, NIGHT + timedelta(minutes=2))
    (send,) = sends(session)
    assert "100 แต้ม" in json.loads(send.body or b"")[0]["altText"]
    assert states(session) == {("sent", None), ("open", "quiet_hours")}


def test_who_could_not_be_told_in_time_is_not_woken(session: Session, runtime: Runtime, joined: LineLink) -> None:
    bill(session, joined, 1, NIGHT, NIGHT)
    drain(runtime, NIGHT + timedelta(hours=3))
    assert (sends(session), states(session)) == ([], {("open", "quiet_hours")})


def test_points_that_are_promised_are_told_and_told_again_when_they_are_there(
    session: Session, runtime: Runtime, joined: LineLink
) -> None:
    joined.clinic.own_settings = {"points": {"treatment_pending_days": 3}}
    for number in range(2):
        bill(session, joined, number, NOW, NOW)
    drain(runtime, NOW + timedelta(seconds=20))
    said = json.dumps(json.loads(sends(session)[0].body or b""), ensure_ascii=False)
    assert "100 แต้ม กำลังจะเข้า" in said
    assert "6 ก.พ. 2569" in said
    later = NOW + timedelta(days=3, hours=1)
    expiry.post_due(session, joined.clinic, later)
    session.commit()
    drain(runtime, later + timedelta(minutes=1))
    assert "200 แต้ม เข้าแล้ว" in json.loads(sends(session)[1].body or b"")[0]["altText"]


def test_warnings_that_came_too_late_are_told_as_what_has_happened(
    session: Session, runtime: Runtime, joined: LineLink
) -> None:
    """The clock jumps over all three of them: one card says what has passed."""
    end = welcome_ends(session)
    for days in (30, 7, 1):
        expiry.warn(session, joined.clinic, (end - timedelta(days=days)).astimezone(BANGKOK).date())
    expiry.post_due(session, joined.clinic, end + timedelta(days=2))
    session.commit()
    drain(runtime, end.astimezone(BANGKOK).replace(hour=12) + timedelta(days=2))
    (send,) = sends(session)
    assert "100 แต้ม หมดอายุแล้ว" in json.loads(send.body or b"")[0]["altText"]
    assert states(session) == {("sent", None), ("skipped", "too_late")}


def test_a_warning_leads_to_the_rewards(session: Session, runtime: Runtime, joined: LineLink) -> None:
    end = welcome_ends(session)
    day = (end - timedelta(days=7)).astimezone(BANGKOK).date()
    expiry.warn(session, joined.clinic, day)
    session.commit()
    drain(runtime, datetime.combine(day, time(10, 1), BANGKOK))
    (message,) = json.loads(sends(session)[0].body or b"")
    assert [one["action"]["data"] for one in message["contents"]["footer"]["contents"]] == ["rewards", "points"]
