"""Whom people are answering: until when the program stays silent, and how staff hand them back to it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from channels.line.render import wire
from models.customers import JourneyEvent
from models.staff_notices import StaffNotice
from tests.bot.quoting import ASK, asked, quote, say, told
from tests.bot.room import Room
from tests.bot.test_conversation import only, words
from tests.fixtures.clinic import NOW, Talk


@pytest.fixture
def alert(session: Session, talk: Talk, bound: Room) -> StaffNotice:
    return asked(session, talk, bound)


def test_what_the_customer_writes_back_is_left_to_people_for_four_hours(
    session: Session, talk: Talk, alert: StaffNotice, bound: Room
) -> None:
    bound.talk.now = talk.now = NOW + timedelta(hours=12)
    quote(bound)
    say(bound, "ส่ง")
    talk.now += timedelta(hours=3)
    assert talk.say("แต้มจะหมดอายุเมื่อไหร่คะ").reply.silence == "left_to_people"


def test_the_button_hands_back_and_says_who(session: Session, talk: Talk, alert: StaffNotice, bound: Room) -> None:
    code = alert.code
    assert "ให้บอทตอบ Mali ต่อแล้วค่ะ" in say(bound, f"ให้บอทตอบต่อ {code}")
    assert "แต้ม" in words(talk.say("แต้มจะหมดอายุเมื่อไหร่คะ"))
    assert "บอทตอบ Mali ตามปกติอยู่แล้วค่ะ" in say(bound, f"ให้บอทตอบต่อ {code}")
    (fact,) = session.scalars(select(JourneyEvent).where(JourneyEvent.type == "handed_back"))
    assert str(fact.data["by"]).startswith("staff:")
    assert "รหัสนี้ใช้ไม่ได้แล้ว" in say(bound, "ให้บอทตอบต่อ abc123")


def test_the_alert_carries_that_button(session: Session, talk: Talk, bound: Room) -> None:
    talk.tap("join")
    talk.say(ASK)
    *_, card = wire(bound.write("คำสั่ง").reply)
    (button,) = card["contents"]["footer"]["contents"]
    assert button["action"]["text"] == f"ให้บอทตอบต่อ {only(session, StaffNotice).code}"


def test_without_a_code_it_is_who_is_held(
    session: Session, talks: Callable[[str], Talk], alert: StaffNotice, bound: Room
) -> None:
    ken = talks("U" + "c" * 32)
    ken.tap("join")
    ken.row.customer.display_name = "Ken"  # type: ignore[union-attr]
    ken.say(ASK)
    told(session, bound, "m2")
    assert "ลูกค้าคนไหนคะ" in say(bound, "ให้บอทตอบต่อ")
    assert "Ken ต่อแล้ว" in quote(bound, "ให้บอทตอบต่อ", "m2")
    assert "Mali ต่อแล้ว" in say(bound, "back to the bot")
    assert "ไม่มีใครที่ทีมงานคุยค้างอยู่" in say(bound, "ให้บอทตอบต่อ")
