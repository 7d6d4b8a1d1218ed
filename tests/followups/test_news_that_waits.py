"""News for which no message of the month was left rides in the next ordinary answer, or goes along with a push."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from bot.routes import Table
from channels.line.render import wire
from loyalty import points
from loyalty.notifications import Kind
from models.base import new_id
from models.clinics import Clinic
from models.customers import LineLink
from models.loyalty import LoyaltyProfile, Notification, NotificationData
from privacy import consent
from runtime.context import Runtime
from tests.fixtures.clinic import NOW, Talk
from tests.followups.news import drain, sends

HELLO = "สวัสดีค่ะ"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
RODE, WAITS = ("sent", "rode"), ("open", "quota")


@pytest.fixture
def talk(session: Session, clinic: Clinic, table: Table, mali: LineLink) -> Talk:
    points.create_loyalty_profile(session, mali.customer, NOW)
    session.flush()
    for one in session.scalars(select(Notification)):
        session.delete(one)
    session.flush()
    return Talk(session, clinic, table, mali.user_id or "")


def waits(
    talk: Talk, kind: Kind, *, reason: str = "quota", until: datetime | None = None, rode: bool = False,
    **data: Any,
) -> Notification:  # fmt: skip
    (link,) = talk.session.scalars(select(LineLink))
    told: NotificationData = data  # type: ignore[assignment]
    one = Notification(
        id=new_id(), clinic_id=talk.clinic.id, customer_id=link.customer_id, kind=kind, purpose="transactional",
        data=told, due_at=NOW + DAY, not_after=until, state="open", reason=reason, created_at=NOW - DAY,
    )  # fmt: skip
    if rode:
        talk.say(HELLO)
        one.inbox_id = talk.row.id
    talk.session.add(one)
    talk.session.flush()
    return one


def fate(one: Notification) -> tuple[str, str | None]:
    return one.state, one.reason


def summaries(talk: Talk, said: str = HELLO) -> list[str]:
    return [each.get("altText", "") for each in wire(talk.say(said).reply)]


def test_it_rides_in_the_next_answer_in_one_card(talk: Talk) -> None:
    both = [waits(talk, "points_matured", points=50), waits(talk, "points_clawed_back", points=20)]
    _hello, news = summaries(talk)
    assert "50" in news and "20" in news
    assert {fate(one) for one in both} == {RODE}
    assert {one.inbox_id for one in both} == {talk.row.id}
    assert len(summaries(talk)) == 1


def test_whoever_asks_why_hears_of_it(talk: Talk) -> None:
    waits(talk, "points_matured", points=50)
    assert len(summaries(talk)) == 2
    talk.now = NOW + HOUR
    assert "แต้ม" in json.dumps(wire(talk.say("ทำไมถึงได้รับข้อความนี้").reply)[0], ensure_ascii=False)


def test_what_goes_with_nothing_else_rides_by_itself(talk: Talk) -> None:
    waits(talk, "congratulation")
    waits(talk, "points_matured", points=50)
    assert len(summaries(talk)) == 3


@pytest.mark.parametrize("why", ["another reason", "was in an answer before"])
def test_what_waits_otherwise_does_not(talk: Talk, why: str) -> None:
    one = waits(
        talk, "points_matured", points=50, reason="quiet_hours" if why == "another reason" else "quota",
        rode=why == "was in an answer before",
    )  # fmt: skip
    before = fate(one)
    assert (len(summaries(talk)), fate(one)) == (1, before)


@pytest.mark.parametrize("said", ["คุยกับเจ้าหน้าที่", "หายใจไม่ออก", "ลบข้อมูลของฉัน", "asdf"])
def test_it_rides_below_no_other_answer(talk: Talk, said: str) -> None:
    one = waits(talk, "points_matured", points=50)
    talk.say(said)
    assert fate(one) == WAITS


def test_who_has_stopped_all_messages_is_told_nothing(talk: Talk, mali: LineLink) -> None:
    one = waits(talk, "points_matured", points=50)
    consent.decide(
        talk.session, mali.customer, purpose=consent.UNASKED, channel="line", granted=False, text="?", now=NOW
    )
    assert (len(summaries(talk)), fate(one)) == (1, ("skipped", "stopped"))


def test_what_is_too_late_is_not_said(talk: Talk) -> None:
    one = waits(talk, "congratulation", until=NOW - HOUR)
    assert (len(summaries(talk)), fate(one)) == (1, ("skipped", "too_late"))


def test_what_is_so_no_more_is_not_said(talk: Talk, session: Session) -> None:
    one = waits(talk, "tier_upgraded", tier="gold")
    assert (len(summaries(talk)), fate(one)) == (1, ("skipped", "another_tier"))
    other = waits(talk, "tier_upgraded", tier="gold")
    session.scalars(select(LoyaltyProfile)).one().current_tier = "gold"
    assert (len(summaries(talk)), fate(other)) == (2, RODE)


def test_what_breaks_takes_no_answer_along_and_is_put_off(talk: Talk) -> None:
    broken, whole = waits(talk, "points_matured"), waits(talk, "points_matured", points=50)
    assert len(summaries(talk)) == 1
    talk.session.refresh(broken)
    assert (fate(broken), broken.failing_since, fate(whole)) == (("open", "KeyError"), NOW, WAITS)
    assert (len(summaries(talk)), fate(whole)) == (2, RODE)


def test_what_a_worker_is_telling_does_not_ride(talk: Talk, sessions: sessionmaker[Session]) -> None:
    one = waits(talk, "points_matured", points=50)
    talk.session.commit()
    with sessions() as other:
        other.scalars(select(Notification).with_for_update()).one()
        assert len(summaries(talk)) == 1
    assert fate(one) == WAITS
    assert len(summaries(talk)) == 2


def test_it_goes_along_with_a_push(talk: Talk, session: Session, runtime: Runtime) -> None:
    waiting, due = waits(talk, "points_matured", points=50), waits(talk, "points_clawed_back", points=20)
    due.due_at, due.reason = NOW, None
    session.commit()
    drain(runtime, NOW + HOUR)
    (send,) = sends(session)
    assert {one.send_id for one in (waiting, due)} == {send.id}
    assert [fate(one) for one in (waiting, due)] == [("sent", None)] * 2


def test_at_night_it_waits_on_for_an_answer(talk: Talk, session: Session, runtime: Runtime) -> None:
    night = NOW.replace(hour=16)  # 23:00 in Bangkok
    waiting, due = waits(talk, "points_matured", points=50), waits(talk, "points_clawed_back", points=20)
    due.due_at, due.reason = NOW, None
    session.commit()
    drain(runtime, night)
    session.expire_all()
    assert [fate(one) for one in (waiting, due)] == [WAITS, ("open", "quiet_hours")]
    assert sends(session) == []
