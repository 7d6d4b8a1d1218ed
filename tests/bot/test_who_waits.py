"""Who waits for a person is listed by the day, and told once more in what the staff are answered."""

import json
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from channels.line.render import wire
from models.staff_notices import StaffNotice
from tests.bot.quoting import asked, quote, say, told
from tests.bot.room import Room
from tests.bot.test_conversation import words
from tests.fixtures.clinic import NOW, Talk

WAITS = "Mali รอคุยกับเจ้าหน้าที่ตั้งแต่"


def shown(room: Room, text: str) -> str:
    return json.dumps(wire(room.write(text).reply), ensure_ascii=False)


def test_the_day_lists_who_waits_and_since_when(session: Session, talk: Talk, bound: Room) -> None:
    asked(session, talk, bound)
    bound.talk.now = NOW + timedelta(minutes=20)
    assert "รอคุยกับเจ้าหน้าที่ 1" in say(bound, "วันนี้")
    assert WAITS in shown(bound, "วันนี้")


def test_who_was_answered_or_handed_back_waits_no_more(session: Session, talk: Talk, bound: Room) -> None:
    alert = asked(session, talk, bound)
    quote(bound)
    say(bound, "ส่ง")
    assert WAITS not in shown(bound, "วันนี้")
    say(bound, f"ให้บอทตอบต่อ {alert.code}")
    assert WAITS not in shown(bound, "วันนี้")


def test_who_asks_again_after_an_answer_waits_anew(session: Session, talk: Talk, bound: Room) -> None:
    asked(session, talk, bound)
    quote(bound)
    say(bound, "ส่ง")
    talk.say("เมนู")
    bound.talk.now = talk.now = NOW + timedelta(minutes=5)
    talk.say("ขอคุยกับคนจริงๆ ค่ะ")
    assert WAITS in shown(bound, "วันนี้")


def test_it_rides_in_an_answer_once_an_hour_while_they_wait(session: Session, talk: Talk, bound: Room) -> None:
    asked(session, talk, bound)
    bound.talk.now = NOW + timedelta(minutes=59)
    assert WAITS not in say(bound, "คำสั่ง")
    bound.talk.now = NOW + timedelta(minutes=61)
    assert WAITS in say(bound, "คำสั่ง")
    assert WAITS not in say(bound, "คำสั่ง")
    bound.talk.now = NOW + timedelta(minutes=122)
    assert WAITS in say(bound, "คำสั่ง")
    talk.now = bound.talk.now
    talk.say("เมนู")  # takes the conversation back
    bound.talk.now = NOW + timedelta(minutes=190)
    assert WAITS not in say(bound, "คำสั่ง")


def test_what_says_it_again_can_be_quoted_and_calls_nobody_twice(session: Session, talk: Talk, bound: Room) -> None:
    asked(session, talk, bound)
    bound.talk.now = talk.now = NOW + timedelta(minutes=61)
    told(session, bound, "m2")
    again = session.scalars(select(StaffNotice).where(StaffNotice.message_id == "m2")).one()
    assert again.data == {"again": True}
    quote(bound, "m2")
    assert "ส่ง" in say(bound, "ส่ง")
    talk.say("เมนู")
    talk.now = NOW + timedelta(hours=4, minutes=30)
    talk.say("ขอคุยกับคนจริงๆ ค่ะ")
    wishes = select(StaffNotice).where(StaffNotice.kind == "person_wanted").order_by(StaffNotice.due_at.desc())
    newest = session.scalars(wishes.limit(1)).one()
    assert newest.push_at == newest.due_at, "that somebody still waited is no push that was had"
    assert words(talk.say("เมนู"))
