"""What a customer hears of unasked, line by line."""

import re
from collections.abc import Callable
from datetime import datetime, time, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import followups.kinds  # noqa: F401
from bot.listen import Outcome
from bot.routes import Table
from channels.accounts import Accounts
from channels.base import NoWay, Recipient
from channels.call import CallChannel
from channels.email.channel import EmailChannel
from channels.email.smtp import Smtp
from channels.line.messages import Card
from channels.message import Message
from customers import contacts
from followups import preferences, rules
from followups.rules import Draft
from models.clinics import Clinic
from models.customers import Customer, LineLink
from models.followups import FollowupDelivery, FollowupExecution
from models.preferences import CustomerPreferences
from privacy import consent
from runtime.context import Runtime
from runtime.keys import Vault
from runtime.language import Language
from runtime.settings import Settings
from tests.bot.test_conversation import only, words
from tests.fixtures.clinic import NOW, Talk
from tests.followups.gate import CARE, DAY, Gate


class Phone:
    """A channel that writes to every phone."""

    name = "sms"

    def address(self, session: Session, recipient: Recipient) -> str | NoWay:
        return "+66812345678"

    def render(self, message: Message, clinic: Clinic, t: Language) -> bytes:
        return message.title.encode()


@pytest.fixture
def member(talk: Talk) -> Talk:
    talk.tap("join")
    talk.tap("age", answer="adult")
    return talk


def switches(talk: Talk, said: str = "ตั้งค่าข้อความ") -> dict[str, str]:
    """What each line's tap tells → how it stands now."""
    (card,) = talk.say(said).reply.messages
    assert isinstance(card, Card)
    bodies = [one["body"]["contents"] for one in card.contents["contents"]]
    lines = [part["contents"] for body in bodies for part in body if part["type"] == "box"]
    return {row["action"]["data"]: row["contents"][1]["text"] for rows in lines for row in rows}


def test_each_line_is_a_switch(session: Session, member: Talk) -> None:
    assert switches(member) == {
        "offers?answer=yes": "ไม่รับ",
        "fitting?answer=yes": "ไม่รับ",
        "hear_of?what=care&answer=no": "เปิดรับ",
        "hear_of?what=transactional&answer=no": "เปิดรับ",
        "hear_of?what=survey&answer=no": "เปิดรับ",
        "hear_of?what=greetings&answer=no": "เปิดรับ",
    }
    assert "เราจะไม่ถามอีก" in words(member.tap("hear_of", what="survey", answer="no"))
    assert "จะไม่ส่งคำอวยพรวันเกิด" in words(member.tap("hear_of", what="greetings", answer="no"))
    member.tap("offers", answer="yes")
    assert switches(member, "message settings") == {
        "offers?answer=no": "เปิดรับ",
        "fitting?answer=yes": "ไม่รับ",
        "hear_of?what=care&answer=no": "เปิดรับ",
        "hear_of?what=transactional&answer=no": "เปิดรับ",
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


@pytest.mark.parametrize("what", ["care", "transactional"])
def test_care_and_reminders_end_with_a_tap_and_come_back(session: Session, member: Talk, what: str) -> None:
    member.tap("hear_of", what=what, answer="no")
    assert switches(member)[f"hear_of?what={what}&answer=yes"] == "ไม่รับ"
    who = only(session, Customer)
    assert consent.decision(session, who, what, "line") is False
    member.now = NOW + timedelta(minutes=2)
    member.tap("hear_of", what=what, answer="yes")
    assert consent.decision(session, who, what, "line") is True


def own(session: Session) -> tuple[time | None, time | None]:
    session.expire_all()
    found = only(session, CustomerPreferences)
    return found.quiet_from, found.quiet_until


@pytest.mark.parametrize(
    ("typed", "hours"),
    [
        ("19:30-10:00", (time(19, 30), time(10))),
        ("๑๙.๓๐ ถึง ๑๐.๐๐", (time(19, 30), time(10))),
        ("from 18 to 9 please", (time(18), time(9))),
    ],
)
def test_quiet_hours_are_tapped_or_typed(session: Session, member: Talk, typed: str, hours: tuple[time, time]) -> None:
    card = member.say("งดรบกวน")
    assert "21:00" in words(card)
    assert "19:30" in words(member.say(typed)) or hours[0] == time(18)
    assert own(session) == hours
    member.tap("quiet", begins=22, ends=12)
    assert own(session) == (time(22), time(12))
    assert "22:00 ถึง 12:00" in str(member.tap("message_settings").reply.messages)
    member.say("ตามคลินิก")
    assert own(session) == (None, None)


def test_hours_that_leave_none_are_another_wish_and_other_words_are_heard_as_ever(
    session: Session, member: Talk
) -> None:
    member.say("quiet hours")
    assert "หยุดทุกข้อความ" in words(member.say("09:00-08:59"))
    assert session.scalars(select(CustomerPreferences)).all() == []
    member.say("quiet hours")
    assert "แต้ม" in words(member.say("แต้ม"))
    assert "ปุ่มนี้เก่าแล้ว" in words(member.tap("quiet", begins=5, ends=5))
    assert "ปุ่มนี้เก่าแล้ว" in words(member.tap("quiet", begins=5, ends=24))


def asks(outcome: Outcome) -> list[str]:
    """What the buttons of its cards tell."""
    return re.findall(r"fitting\?answer=\w+", str(outcome.reply.messages))


def test_health_is_asked_for_with_the_first_answer_after_a_treatment_and_never_twice(
    session: Session, member: Talk
) -> None:
    assert asks(member.tap("all_well")) == []
    member.tap("offers", answer="yes")
    assert asks(member.say("สบายดี")) == ["fitting?answer=yes", "fitting?answer=no"]
    assert "จะไม่ใช้ข้อมูลบริการ" in words(member.tap("fitting", answer="no"))
    who = only(session, Customer)
    assert consent.decision(session, who, consent.HEALTH, "line") is False
    member.now = NOW + timedelta(days=179)
    assert asks(member.tap("all_well")) == []
    member.now = NOW + timedelta(days=181)
    assert asks(member.tap("all_well")) != []
    assert "เหมาะกับบริการ" in words(member.tap("fitting", answer="yes"))
    assert consent.allowed(session, who, consent.HEALTH, "line", member.now)
    assert switches(member)["fitting?answer=no"] == "เปิดรับ"
    assert asks(member.tap("all_well")) == []


def test_nobody_under_age_agrees_to_it(session: Session, talk: Talk) -> None:
    talk.tap("join")
    assert "age?answer=adult" in str(talk.tap("fitting", answer="yes").reply.messages)
    talk.tap("age", answer="younger")
    assert "20" in words(talk.tap("fitting", answer="yes"))
    assert consent.decision(session, only(session, Customer), consent.HEALTH, "line") is None


def test_who_wants_what_fits_before_the_age_is_known_is_asked_for_both(session: Session, talk: Talk) -> None:
    talk.tap("join")
    talk.tap("fitting", answer="yes")
    assert "fitting?answer=yes" in str(talk.tap("age", answer="adult", wish="fitting").reply.messages)
    assert consent.decision(session, only(session, Customer), consent.HEALTH, "line") is None


def ways_of(talk: Talk, said: str = "ช่องทางที่สะดวก") -> tuple[str, list[str]]:
    """What the card says, and what its buttons tell."""
    (card,) = talk.say(said).reply.messages
    assert isinstance(card, Card)
    return card.alt, re.findall(r"prefer\?channel=(\w+)", str(card.contents))


@pytest.mark.parametrize("said", ["ช่องทางที่สะดวก", "ways to reach me"])
def test_who_is_reached_by_telephone_may_prefer_a_call(
    session: Session, clinic: Clinic, member: Talk, said: str
) -> None:
    assert ways_of(member, said)[1] == []
    who = only(session, Customer)
    contacts.tell(session, who, "phone", "0812345678", source="standard", now=NOW)
    assert ways_of(member, said)[1] == ["line", "call"]
    member.tap("prefer", channel="call")
    text, taps = ways_of(member, said)
    assert "โทรศัพท์ › LINE" in text and taps == ["line", "any"]
    chosen = only(session, CustomerPreferences)
    assert preferences.in_order(chosen, ["line", "sms", "call"]) == ["call", "line", "sms"]
    member.tap("prefer", channel="line")
    assert only(session, CustomerPreferences).channels == ["line", "call"]
    member.tap("prefer", channel="any")
    assert only(session, CustomerPreferences).channels == []
    assert ways_of(member, said)[1] == ["line", "call"]


def test_of_four_ways_each_may_come_first(
    session: Session, clinic: Clinic, table: Table, settings: Settings, mali: LineLink
) -> None:
    """A card has three buttons; the fourth way stands below it."""
    clinic.choose(channels={"email": {"host": "smtp.aura.example", "sender": "hello@aura.example"}})
    mail = EmailChannel(Accounts(), Smtp("aura.example"), settings, Vault.from_settings(settings))
    talk = Talk(session, clinic, table, "U" + "a" * 32, Phone(), mail)
    contacts.tell(session, mali.customer, "phone", "0812345678", source="standard", now=NOW)
    contacts.tell(session, mali.customer, "email", "mali@mail.example", source="standard", now=NOW)
    session.commit()
    reply = talk.tap("ways_to_reach").reply
    (card,) = reply.messages
    assert isinstance(card, Card)
    offered = re.findall(r"prefer\?channel=(\w+)", str(card.contents))
    offered += [one.action.args["channel"] for one in reply.choices if one.action.name == "prefer"]
    assert sorted(offered) == ["call", "email", "line", "sms"]


def test_by_what_nobody_is_reached_nobody_can_prefer(session: Session, member: Talk) -> None:
    said = words(member.tap("prefer", channel="sms"))
    assert "บันทึก" not in said
    assert session.scalars(select(CustomerPreferences)).all() == []


def test_what_was_chosen_in_the_chat_is_what_the_door_goes_by(
    session: Session, runtime: Runtime, clinic: Clinic, talks: Callable[[str], Talk], mali: LineLink
) -> None:
    contacts.tell(session, mali.customer, "phone", "0812345678", source="standard", now=NOW)
    gate = Gate(session, runtime, clinic, mali.customer, (CallChannel(),))
    by_line = gate.due(gate.rule(CARE, "line", "call"), NOW)
    gate.pass_to(NOW)
    talks("U" + "a" * 32).tap("prefer", channel="call")
    by_call = gate.due(gate.rule(CARE, "line", "call"), NOW + 2 * DAY)
    gate.pass_to(NOW + 2 * DAY)
    went = {one.execution_id: one.channel for one in session.scalars(select(FollowupDelivery))}
    assert went == {by_line: "line", by_call: "call"}
