"""What a customer hears of unasked, line by line."""

import pytest
from sqlalchemy.orm import Session

from channels.line.messages import Card
from models.customers import Customer
from privacy import consent
from tests.bot.test_conversation import only, words
from tests.fixtures.clinic import Talk


@pytest.fixture
def member(talk: Talk) -> Talk:
    talk.tap("join")
    talk.tap("age", answer="adult")
    return talk


def switches(talk: Talk, said: str = "ตั้งค่าข้อความ") -> dict[str, str]:
    """What each line's tap tells → how it stands now."""
    (card,) = talk.say(said).reply.messages
    assert isinstance(card, Card)
    lines = [part["contents"] for part in card.contents["body"]["contents"] if part["type"] == "box"]
    return {row["action"]["data"]: row["contents"][1]["text"] for rows in lines for row in rows}


def test_each_line_is_a_switch(session: Session, member: Talk) -> None:
    assert switches(member) == {
        "offers?answer=yes": "ไม่รับ",
        "hear_of?what=survey&answer=no": "เปิดรับ",
        "hear_of?what=greetings&answer=no": "เปิดรับ",
    }
    assert "เราจะไม่ถามอีก" in words(member.tap("hear_of", what="survey", answer="no"))
    assert "จะไม่ส่งคำอวยพรวันเกิด" in words(member.tap("hear_of", what="greetings", answer="no"))
    member.tap("offers", answer="yes")
    assert switches(member, "message settings") == {
        "offers?answer=no": "เปิดรับ",
        "hear_of?what=survey&answer=yes": "ไม่รับ",
        "hear_of?what=greetings&answer=yes": "ไม่รับ",
    }
    who = only(session, Customer)
    assert consent.objects(session, who, consent.SURVEY)
    member.tap("hear_of", what="survey", answer="yes")
    assert not consent.objects(session, who, consent.SURVEY)
    assert consent.objects(session, who, consent.GREETINGS)


def test_who_has_stopped_everything_is_told_so(member: Talk) -> None:
    member.tap("stop_everything")
    assert "เราจะตอบเมื่อคุณทักมาเท่านั้น" in words(member.say("ตั้งค่าข้อความ"))


def test_the_notice_leads_here(member: Talk) -> None:
    choices = [choice.action.name for choice in member.say("นโยบายความเป็นส่วนตัว").reply.choices]
    assert "message_settings" in choices


def test_a_forged_switch_has_grown_old(member: Talk) -> None:
    assert "ปุ่มนี้เก่าแล้ว" in words(member.tap("hear_of", what="marketing", answer="yes"))
