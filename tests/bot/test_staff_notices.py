"""What the staff's group is told unasked: a low rating, when, in which words, and what rides in which answer."""

import json
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cards.staff_notices import WORDS
from bot.routes import Table
from bot.staff_notices import SHOWN
from channels.line.flex import check
from channels.line.limits import MESSAGES
from channels.line.render import wire
from customers import cards, staff_notices
from customers.people import meet_on_line
from facts.visited import visited
from loyalty import points, reviews
from models.clinics import Clinic
from models.customers import JourneyEvent, LineLink
from models.facts import Review, Visit
from models.staff_notices import StaffNotice
from tests.bot.room import Room
from tests.fixtures.clinic import NOW, Talk

SOON = NOW + reviews.WORDS_AWAITED


@pytest.fixture
def phone(session: Session, clinic: Clinic, table: Table, mali: LineLink) -> Talk:
    """Mali's, who has joined and was here today."""
    mali.customer.display_name = "Mali Srisuk"
    points.create_loyalty_profile(session, mali.customer, NOW)
    been(session, mali, "v1")
    return Talk(session, clinic, table, str(mali.user_id))


def been(session: Session, link: LineLink, name: str, at: datetime = NOW) -> Visit:
    here: dict[str, Any] = {"source": "till", "external_id": name, "visited_at": at, "service_code": None, "now": NOW}
    visit = visited(session, link.customer, **here)
    session.flush()
    return visit


def rate(phone: Talk, stars: int) -> None:
    visit = phone.session.scalars(select(Visit).order_by(Visit.created_at.desc())).first()
    assert visit is not None
    phone.tap("rate", visit=visit.id, stars=stars)


def open_(session: Session) -> list[tuple[datetime, datetime]]:
    found = session.scalars(select(StaffNotice).where(StaffNotice.state == "open").order_by(StaffNotice.id)).all()
    return [(one.due_at, one.push_at) for one in found]


def fates(session: Session) -> list[tuple[str, str | None]]:
    found = session.scalars(select(StaffNotice).order_by(StaffNotice.id)).all()
    return [(one.state, one.reason) for one in found]


@pytest.mark.parametrize(("stars", "told"), [(1, 1), (3, 1), (4, 0), (5, 0)])
def test_the_staff_hear_of_one_to_three_stars(session: Session, phone: Talk, stars: int, told: int) -> None:
    rate(phone, stars)
    assert len(open_(session)) == told


def test_they_hear_of_it_when_the_words_have_come_or_two_minutes_later(session: Session, phone: Talk) -> None:
    rate(phone, 2)
    assert open_(session) == [(SOON, SOON)]
    phone.now = NOW + timedelta(seconds=40)
    phone.say("รอนานมาก")
    assert open_(session) == [(phone.now, phone.now)]


def test_they_hear_of_it_at_once_where_no_words_will_come(session: Session, phone: Talk) -> None:
    rate(phone, 2)
    phone.now = NOW + timedelta(seconds=40)
    phone.tap("skip")
    assert open_(session) == [(phone.now, phone.now)]


def test_the_same_stars_are_one_notice_however_often_they_are_tapped(session: Session, phone: Talk) -> None:
    rate(phone, 2)
    rate(phone, 2)
    phone.say("รอนานมาก")
    phone.say("และแพง")
    assert len(open_(session)) == 1


def test_the_card_says_who_how_many_stars_and_a_hundred_characters(
    session: Session, phone: Talk, bound: Room, mali: LineLink
) -> None:
    rate(phone, 2)
    phone.say("รอนานมาก\n" * 20)
    said = bound.hears("วันนี้")
    for part in ("Mali ให้ 2 ดาว", "★★☆☆☆", cards.spaced(str(mali.customer.member_number)), "มาใช้บริการเมื่อ 3 ก.พ. 2569"):
        assert part in said
    assert "Srisuk" not in said
    quoted = re.findall("“(รอนาน[^”]*)”", said)[0]
    assert WORDS - 1 <= len(quoted) <= WORDS
    assert quoted.endswith("…")


def test_it_is_read_aloud_as_sentences(session: Session, phone: Talk, bound: Room) -> None:
    rate(phone, 1)
    phone.tap("skip")
    *_, last = wire(bound.write("วันนี้").reply)
    lines = last["altText"].split("\n")
    assert (lines[0], lines[-2]) == ("Mali ให้ 1 ดาว", "ลูกค้าไม่ได้เขียนข้อความไว้ค่ะ")
    assert lines[-1].endswith("ข้อความจะถึงลูกค้าเมื่อยืนยันแล้วค่ะ")


def test_what_is_urgent_stands_first(phone: Talk, bound: Room) -> None:
    rate(phone, 2)
    phone.say("รอนานมาก")
    phone.say("หลังฉีดฟิลเลอร์ปากบวมมาก หายใจไม่ออก")
    *_, last = wire(bound.write("วันนี้").reply)
    first, second = last["contents"]["contents"]
    assert first["body"]["contents"][0]["text"].startswith("ด่วน")
    assert second["body"]["contents"][0]["text"] == "Mali ให้ 2 ดาว"


def test_it_rides_once_and_the_journey_keeps_it(session: Session, phone: Talk, bound: Room, mali: LineLink) -> None:
    rate(phone, 2)
    assert "ดาว" not in bound.hears("วันนี้"), "her words may still come"
    bound.talk.now = SOON
    assert "Mali ให้ 2 ดาว" in bound.hears("วันนี้")
    assert "Mali ให้ 2 ดาว" not in bound.hears("วันนี้")
    (notice,) = session.scalars(select(StaffNotice))
    assert (notice.state, notice.reason, notice.group_id is not None) == ("sent", "in_reply", True)
    told = session.scalars(select(JourneyEvent).where(JourneyEvent.type == "staff_told")).one()
    assert (told.customer_id, told.occurred_at, told.data) == (mali.customer_id, SOON, {"notice": "low_rating"})


def test_words_that_come_later_ride_and_are_not_pushed_at_once(session: Session, phone: Talk, bound: Room) -> None:
    rate(phone, 2)
    bound.talk.now = SOON
    bound.write("วันนี้")
    phone.now = SOON + timedelta(minutes=5)
    phone.say("รอนานมาก")
    ((due, push),) = open_(session)
    assert (due, push) == (phone.now, phone.now + staff_notices.RIDES_FOR)
    bound.talk.now = phone.now
    assert "“รอนานมาก”" in bound.hears("วันนี้")


def test_it_goes_with_an_answer_to_talk_too(session: Session, phone: Talk, bound: Room) -> None:
    rate(phone, 2)
    phone.tap("skip")
    assert "Mali ให้ 2 ดาว" in bound.hears("ไปกินข้าวกัน")
    assert bound.talk.row.reason == "group_talk"
    assert bound.hears("ไปกินข้าวกัน") == "group_talk"


@pytest.mark.parametrize("how", ["another's group", "no token", "another bot speaks"])
def test_it_does_not_go_where_it_would_not_be_read_by_the_staff(
    session: Session, phone: Talk, bound: Room, how: str
) -> None:
    rate(phone, 2)
    phone.tap("skip")
    if how == "another's group":
        strangers = Room(session, bound.talk.clinic, bound.talk.table, "C" + "2" * 32)
        assert strangers.hears("ไปกินข้าวกัน") == "group_not_bound"
    else:
        more = {"replyToken": None} if how == "no token" else {"mode": "standby"}
        bound.event("message", message={"type": "text", "id": "1", "text": "ไปกินข้าวกัน"}, **more)
    assert fates(session) == [("open", None)]


def test_what_rides_fits_into_the_answer(session: Session, clinic: Clinic, bound: Room) -> None:
    for number in range(SHOWN + 2):
        link = meet_on_line(session, clinic, f"U{number:032}", NOW)
        session.flush()
        points.create_loyalty_profile(session, link.customer, NOW)
        visit = been(session, link, f"of {number}")
        reviews.review(session, link.customer, visit.id, 1, "ยาว" * 500, NOW)
    session.flush()
    first, second, third = (bound.write("วันนี้").reply for _ in range(3))
    assert [len(one.messages) for one in (first, second, third)] == [2, 2, 1]
    assert len(first.messages) <= MESSAGES
    for message in (*wire(first), *wire(second)):
        check(message)
    assert set(fates(session)) == {("sent", "in_reply")}


def test_a_clinic_may_have_it_ride_or_want_none(session: Session, clinic: Clinic, phone: Talk, mali: LineLink) -> None:
    clinic.own_settings = {"staff_notices": {"low_rating": "ride"}}
    rate(phone, 2)
    assert open_(session) == [(SOON, SOON + staff_notices.RIDES_FOR)]
    clinic.own_settings = {"staff_notices": {"low_rating": "off"}}
    been(session, mali, "v2", NOW - timedelta(days=1)).created_at = NOW + timedelta(seconds=1)
    session.flush()
    rate(phone, 1)
    assert fates(session) == [("open", None), ("skipped", "off")]


def test_one_that_cannot_be_drawn_takes_no_answer_along(session: Session, phone: Talk, bound: Room) -> None:
    rate(phone, 2)
    phone.tap("skip")
    (notice,) = session.scalars(select(StaffNotice))
    notice.data = {}
    said = bound.hears("วันนี้")
    assert "฿0" in said
    assert "ดาว" not in said
    assert (notice.state, notice.reason, notice.due_at) == ("open", "KeyError", NOW + timedelta(minutes=1))
    bound.talk.now = NOW + timedelta(days=4)
    bound.write("วันนี้")
    assert notice.state == "dead"


def test_nothing_is_said_of_who_was_erased_and_nothing_after_a_week(
    session: Session, phone: Talk, bound: Room, mali: LineLink
) -> None:
    rate(phone, 2)
    phone.tap("skip")
    review = session.scalars(select(Review)).one()
    staff_notices.write(
        session, phone.clinic, "low_rating", NOW - timedelta(days=7), key="old", data={"review": str(review.id)}
    )
    mali.customer.data_key = None
    session.flush()
    assert "ดาว" not in json.dumps(wire(bound.write("วันนี้").reply), ensure_ascii=False)
    assert set(fates(session)) == {("skipped", "over"), ("skipped", "too_late")}
