"""What a customer hears of unasked, line by line."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import followups.kinds  # noqa: F401
from channels.line.messages import Card
from followups import rules
from followups.rules import Draft
from models.clinics import Clinic
from models.customers import Customer
from models.followups import FollowupExecution
from models.preferences import CustomerPreferences
from privacy import consent
from tests.bot.test_conversation import only, words
from tests.fixtures.clinic import NOW, Talk


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


def muted_until(session: Session) -> datetime | None:
    session.expire_all()
    return session.scalars(select(CustomerPreferences.no_upsell_until)).one_or_none()


@pytest.mark.parametrize("typed", [False, True])
def test_not_now_mutes_what_is_suggested_for_sixty_days(session: Session, member: Talk, typed: bool) -> None:
    said = member.say("ยังไม่ใช่ตอนนี้") if typed else member.tap("not_now")
    assert "4 เม.ย. 2569 เราจะไม่แนะนำ" in words(said)
    assert muted_until(session) == NOW + timedelta(days=60)
    member.now = NOW + timedelta(days=1)
    member.tap("not_now")
    assert muted_until(session) == NOW + timedelta(days=61)


def test_not_now_can_be_taken_back(session: Session, member: Talk) -> None:
    choices = {choice.label: choice.action for choice in member.tap("not_now").reply.choices}
    member.tap(choices["แนะนำอีกครั้ง"].name)
    assert muted_until(session) is None
    assert "แนะนำให้อีกครั้ง" in words(member.say("suggest again"))


def test_the_label_typed_in_english_is_not_now_where_something_was_suggested(
    session: Session, member: Talk, clinic: Clinic
) -> None:
    assert words(member.say("not now")) == "ได้เลยค่ะ"
    assert muted_until(session) is None
    draft = Draft(name="More", channels=["line"], active=True)
    rule = rules.make(session, clinic, "upsell_opportunity", draft, NOW)
    who = only(session, Customer)
    session.add(
        FollowupExecution(
            clinic_id=clinic.id,
            rule_id=rule.id,
            rule_version=1,
            customer_id=who.id,
            anchor="visit:A",
            about_id=who.id,
            purpose="marketing",
            status="sent",
            due_at=NOW,
            not_after=NOW,
            created_at=NOW,
            settled_at=NOW,
        )
    )
    assert "เราจะไม่แนะนำ" in words(member.say("not now"))
    assert muted_until(session) == NOW + timedelta(days=60)
