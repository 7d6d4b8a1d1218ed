"""When something is told: at once to who stands at the counter, in the morning to others, late as what has passed."""

import json
from datetime import datetime, time, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import facts.paid
from facts.visited import visited
from followups.notifications import settled
from loyalty import birthdays, expiry, feedback, ledger, points, reviews
from loyalty.entries import Cause
from models.conversations import ConversationState
from models.customers import LineLink
from models.facts import Visit
from models.loyalty import PointLot
from privacy import consent
from runtime.context import Runtime
from tests.fixtures.clinic import NOW
from tests.followups.news import BANGKOK, drain, sends, states


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


@pytest.mark.parametrize(("days", "late"), [(30, 3), (7, 2), (7, 6)])
def test_a_late_warning_is_told_as_long_as_the_points_live(
    session: Session, runtime: Runtime, joined: LineLink, days: int, late: int
) -> None:
    """With what is left then, and once: the warnings that were missed are of the same points."""
    end = welcome_ends(session)
    expiry.warn(session, joined.clinic, (end - timedelta(days=30)).astimezone(BANGKOK).date())
    day = (end - timedelta(days=days)).astimezone(BANGKOK).date()
    expiry.warn(session, joined.clinic, day)
    profile = ledger.open_profile(session, joined.customer, NOW)
    ledger.spend(session, profile, 40, Cause("reward"), NOW)
    session.commit()
    drain(runtime, datetime.combine(day + timedelta(days=late), time(12), BANGKOK))
    (send,) = sends(session)
    said = json.loads(send.body or b"")[0]["altText"]
    assert said.count("60 แต้ม") == 1
    assert "100 แต้ม" not in said


def test_nobody_is_warned_of_points_that_are_spent(session: Session, runtime: Runtime, joined: LineLink) -> None:
    end = welcome_ends(session)
    day = (end - timedelta(days=7)).astimezone(BANGKOK).date()
    expiry.warn(session, joined.clinic, day)
    ledger.spend(session, ledger.open_profile(session, joined.customer, NOW), 100, Cause("reward"), NOW)
    session.commit()
    drain(runtime, datetime.combine(day, time(12), BANGKOK))
    assert sends(session) == []
    assert ("skipped", "over") in states(session)


def test_a_warning_leads_to_the_rewards(session: Session, runtime: Runtime, joined: LineLink) -> None:
    end = welcome_ends(session)
    day = (end - timedelta(days=7)).astimezone(BANGKOK).date()
    expiry.warn(session, joined.clinic, day)
    session.commit()
    drain(runtime, datetime.combine(day, time(10, 1), BANGKOK))
    (message,) = json.loads(sends(session)[0].body or b"")
    assert [one["action"]["data"] for one in message["contents"]["footer"]["contents"]] == ["rewards", "points"]


def came(session: Session, mali: LineLink, name: str = "v") -> Visit:
    """Three days before half past eleven, so that she is asked."""
    visit = visited(
        session, mali.customer, source="till", external_id=name, visited_at=NOW - timedelta(days=3), service_code=None,
        now=NOW - timedelta(days=3),
    )  # fmt: skip
    feedback.ask_due(session, mali.clinic, NOW.astimezone(BANGKOK).date(), NOW)
    session.commit()
    return visit


def no(session: Session, mali: LineLink, purpose: str) -> None:
    consent.decide(session, mali.customer, purpose=purpose, channel="line", granted=False, text="", now=NOW)
    session.commit()


SAID = NOW + timedelta(seconds=20)


def test_how_a_visit_was_is_asked_by_itself(session: Session, runtime: Runtime, joined: LineLink) -> None:
    visit = came(session, joined)
    bill(session, joined, 1, NOW, NOW)
    drain(runtime, SAID)
    said = [json.loads(send.body or b"")[0] for send in sends(session)]
    (asked,) = [one for one in said if "เป็นอย่างไรบ้าง" in one["altText"]]
    assert len(said) == 2
    lines = [part["action"] for part in asked["contents"]["body"]["contents"] if "action" in part]
    assert [line["data"] for line in lines] == [f"rate?visit={visit.id}&stars={stars}" for stars in (5, 4, 3, 2, 1)]
    assert "ไม่ว่าจะตอบแบบไหนก็ได้ 50 แต้ม" in asked["altText"]
    (no_more,) = asked["contents"]["footer"]["contents"]
    assert no_more["action"]["data"] == "hear_of?what=survey&answer=no"


def test_nobody_is_asked_at_night(session: Session, runtime: Runtime, joined: LineLink) -> None:
    """Not even who has just paid, and is told of that."""
    came(session, joined)
    bill(session, joined, 1, NIGHT, NIGHT)
    drain(runtime, NIGHT + timedelta(seconds=20))
    (send,) = sends(session)
    assert "เป็นอย่างไรบ้าง" not in json.loads(send.body or b"")[0]["altText"]
    assert states(session) == {("sent", None), ("open", "quiet_hours")}


@pytest.mark.parametrize(("purpose", "reason"), [(consent.UNASKED, "stopped"), (consent.SURVEY, "declined")])
def test_who_does_not_want_it_is_not_asked(
    session: Session, runtime: Runtime, joined: LineLink, purpose: str, reason: str
) -> None:
    came(session, joined)
    no(session, joined, purpose)
    drain(runtime, SAID)
    assert (sends(session), states(session)) == ([], {("skipped", reason)})


def test_who_has_spoken_meanwhile_is_not_asked(session: Session, runtime: Runtime, joined: LineLink) -> None:
    visit = came(session, joined)
    reviews.review(session, joined.customer, visit.id, 4, None, NOW)
    session.commit()
    drain(runtime, SAID)
    assert ("skipped", "reviewed") in states(session)
    assert not [one for one in sends(session) if "เป็นอย่างไรบ้าง" in json.loads(one.body or b"")[0]["altText"]]


def test_who_talks_to_people_is_asked_afterwards(session: Session, runtime: Runtime, joined: LineLink) -> None:
    came(session, joined)
    state = ConversationState(clinic_id=joined.clinic_id, user_index=joined.user_index, data={})
    state.people_until = SAID + timedelta(minutes=30)
    session.add(state)
    session.commit()
    drain(runtime, SAID)
    assert (sends(session), states(session)) == ([], {("open", "later")})
    drain(runtime, SAID + timedelta(hours=1))
    assert len(sends(session)) == 1


MORNING = datetime(2026, 7, 14, 9, 0, tzinfo=BANGKOK)


def born(session: Session, mali: LineLink, at: datetime = MORNING) -> None:
    """On the fourteenth of July, and the day's job has run."""
    mali.customer.display_name = "มะลิ"
    mali.customer.birth_month_day = "07-14"
    session.flush()
    birthdays.congratulate_due(session, mali.clinic, MORNING.date(), at)
    session.commit()


@pytest.mark.parametrize(
    ("language", "said"),
    [("th", ("สุขสันต์วันเกิด คุณมะลิ", "Aura Clinic")), ("en", ("Happy birthday, มะลิ", "everyone at Aura Clinic"))],
)
def test_wishes_are_by_name_and_nothing_but_wishes(
    session: Session, runtime: Runtime, joined: LineLink, language: str, said: tuple[str, ...]
) -> None:
    """At nine sharp, by themselves, with no points, no offer and nothing to tap."""
    joined.customer.language = language
    born(session, joined)
    bill(session, joined, 1, MORNING, MORNING)
    drain(runtime, MORNING)
    (send,) = sends(session)
    (message,) = json.loads(send.body or b"")
    assert [one for one in said if one not in message["altText"]] == []
    assert "footer" not in message["contents"]
    assert "action" not in json.dumps(message["contents"])
    assert not [word for word in ("แต้ม", "point", "%", "โปร") if word in message["altText"]]


@pytest.mark.parametrize(("purpose", "reason"), [(consent.UNASKED, "stopped"), (consent.GREETINGS, "declined")])
def test_who_wants_no_wishes_is_left_in_peace(
    session: Session, runtime: Runtime, joined: LineLink, purpose: str, reason: str
) -> None:
    born(session, joined)
    no(session, joined, purpose)
    drain(runtime, MORNING)
    assert (sends(session), states(session)) == ([], {("skipped", reason)})


@pytest.mark.parametrize("hours", [0, 13, 16])
def test_wishes_that_cannot_be_said_on_the_day_are_not_said(
    session: Session, runtime: Runtime, joined: LineLink, hours: int
) -> None:
    """Told at nine; in the evening it is quiet until the next day; and the next day they are late."""
    born(session, joined)
    drain(runtime, MORNING + timedelta(hours=hours))
    drain(runtime, MORNING + timedelta(days=1))
    assert states(session) == ({("sent", None)} if hours == 0 else {("skipped", "too_late")})
    assert len(sends(session)) == (hours == 0)


def test_wishes_that_line_does_not_take_on_the_day_are_dropped(
    session: Session, runtime: Runtime, joined: LineLink
) -> None:
    """Until midnight, by the real time that the outbox knows; news of points has no end."""
    born(session, joined)
    drain(runtime, MORNING)
    (send,) = sends(session)
    assert send.not_after is not None
    assert abs(send.not_after - send.created_at - timedelta(hours=15)) < timedelta(seconds=5)
    send.state = "dropped"
    settled(session, send, NOW)
    session.commit()
    assert states(session) == {("skipped", "too_late")}
    bill(session, joined, 1, MORNING, MORNING)
    drain(runtime, MORNING + timedelta(minutes=1))
    assert sends(session)[1].not_after is None
