"""Who asks why they were written to hears what it was for, by which consent or reason, and how to stop it."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import followups.kinds  # noqa: F401 - fills the registry
from channels.line.messages import Text
from followups import rules
from followups.kind import kinds
from followups.rules import Draft
from followups.unasked import REMEMBERED
from loyalty import notifications
from models.base import new_id
from models.clinics import Clinic
from models.conversations import Send
from models.customers import Customer
from models.followups import FollowupExecution
from models.loyalty import Notification
from tests.fixtures.clinic import NOW, Talk

ASKED = {"th": "ทำไมส่งข้อความนี้มา", "en": "why did I get this?"}


@pytest.fixture
def member(session: Session, talk: Talk) -> Talk:
    talk.tap("join")
    talk.tap("age", answer="adult")
    talk.tap("offers", answer="yes")
    return talk


def customer_of(session: Session) -> Customer:
    return session.scalars(select(Customer)).one()


def sent(session: Session, clinic: Clinic, kind: str, days: int = 1) -> FollowupExecution:
    rule = rules.make(session, clinic, kind, Draft(name=kind, channels=["line"], active=True), NOW)
    at = NOW - timedelta(days=days)
    one = FollowupExecution(
        clinic_id=clinic.id, rule_id=rule.id, rule_version=1, customer_id=customer_of(session).id, about_id=new_id(),
        anchor=f"a:{new_id()}", purpose=kinds[kind].purpose, status="sent", due_at=at, settled_at=at, not_after=NOW,
        held=0, created_at=at,
    )  # fmt: skip
    session.add(one)
    session.flush()
    return one


def answered(talk: Talk, language: str = "th") -> tuple[str, list[str]]:
    """What is said, and the actions below it."""
    reply = talk.say(ASKED[language]).reply
    (said,) = reply.messages
    assert isinstance(said, Text)
    return said.text, [choice.action.name for choice in reply.choices]


def test_a_reminder_is_about_the_appointment_and_needs_no_consent(
    session: Session, clinic: Clinic, member: Talk
) -> None:
    sent(session, clinic, "inactive_reactivation", days=9)
    sent(session, clinic, "appointment_reminder")
    said, actions = answered(member)
    assert "การเตือนนัดของคุณ" in said and "ไม่ต้องขอความยินยอม" in said and "หยุดทุกข้อความ" in said
    assert actions == ["message_settings", "stop_all"]


def test_an_offer_is_by_the_consent_of_its_day(session: Session, clinic: Clinic, member: Talk) -> None:
    sent(session, clinic, "inactive_reactivation")
    customer_of(session).language = "en"
    said, actions = answered(member, "en")
    assert "an offer" in said and "because you agreed on" in said and "stop offers" in said
    assert actions == ["stop_offers", "message_settings", "stop_all"]
    member.tap("stop_offers")
    said, actions = answered(member, "en")
    assert "You do not agree any more" in said and "stop offers" not in said and "message settings" in said
    assert actions == ["message_settings", "stop_all"]  # nobody is asked to stop what they have stopped


def test_a_question_of_care_can_be_refused(session: Session, clinic: Clinic, member: Talk) -> None:
    sent(session, clinic, "post_treatment")
    assert "จะหยุดเมื่อคุณบอกว่าไม่รับ" in answered(member)[0]


def test_news_that_were_pushed_are_named(session: Session, clinic: Clinic, member: Talk) -> None:
    customer = customer_of(session)
    notifications.write(session, customer, "points_earned", NOW, data={"points": 1})
    send = Send(
        clinic_id=clinic.id, customer_id=customer.id, customer=customer, channel="line", recipient="U", body=b"x",
        reason="notification", state="sent", due_at=NOW, created_at=NOW,
    )  # fmt: skip
    session.add(send)
    session.flush()
    one = session.scalars(select(Notification).where(Notification.state == "open")).first()
    assert one is not None
    one.state, one.send_id = "sent", send.id
    session.flush()
    assert "เรื่องแต้มและสมาชิกของคุณ" in answered(member)[0]


def test_nothing_was_said_lately(session: Session, clinic: Clinic, member: Talk) -> None:
    assert "ไม่ได้ส่งข้อความถึงคุณเอง" in answered(member)[0]
    sent(session, clinic, "appointment_reminder", days=REMEMBERED.days + 1)
    assert "ไม่ได้ส่งข้อความถึงคุณเอง" in answered(member)[0]


ASKING = """
ทำไมถึงส่งข้อความมาหาฉันคะ
ส่งมาทำไม
ทักมาทำไมคะ
ทำไมได้รับข้อความนี้
ข้อความนี้ส่งมาเพราะอะไร
ข้อความนี้คืออะไรคะ
ทำไมส่งโปรมาให้คะ
why did you send me this message
why am i getting this
why are you texting me
what is this message for
how come you message me
why do you send me promotions
"""
SOMETHING_ELSE = """
ทำไมแต้มไม่เข้า
ทำไมส่งข้อความไม่ได้
why did i get only 50 points
how do i get this reward
อย่าส่งข้อความนี้มาอีก
stop sending me this message
ทำไมไม่ส่งข้อความเตือนนัดมา
"""


@pytest.mark.parametrize("text", ASKING.strip().splitlines())
def test_it_is_asked_in_many_words(member: Talk, text: str) -> None:
    assert member.table.understand(text).subjects == ("why_said",)


@pytest.mark.parametrize("text", SOMETHING_ELSE.strip().splitlines())
def test_something_else_is_not_taken_for_it(member: Talk, text: str) -> None:
    assert "why_said" not in member.table.understand(text).subjects
