"""A customer's own mail address: told in the chat, proved by the code that came to it, with offers asked for once."""

import json
import re

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.routes import Table
from channels.accounts import Accounts
from channels.email.channel import EmailChannel
from channels.email.smtp import Smtp
from customers import contacts, own_email
from customers.one_time import AN_HOUR, LIFE
from customers.people import identify, new_customer, vault_of
from followups import preferences
from models.clinics import Clinic
from models.contacts import CustomerContact
from models.conversations import Send
from models.customers import Customer
from models.one_time import OneTimeCode
from privacy import consent, suppressions
from runtime.keys import Vault
from runtime.settings import Settings
from tests.bot.test_conversation import only, words
from tests.fixtures.clinic import NOW, Talk

MAIL = "mali@mail.example"
MAILING = {"email": {"host": "smtp.aura.example", "sender": "hello@aura.example"}}


@pytest.fixture
def talk(session: Session, clinic: Clinic, table: Table, settings: Settings) -> Talk:
    mail = EmailChannel(Accounts(), Smtp("aura.example"), settings, Vault.from_settings(settings))
    made = Talk(session, clinic, table, "U" + "b" * 32, mail)
    made.event("follow")
    return made


@pytest.fixture
def member(session: Session, clinic: Clinic, talk: Talk) -> Talk:
    clinic.choose(channels=MAILING)
    session.commit()
    talk.tap("join")
    talk.tap("age", answer="adult")
    return talk


def sent(session: Session) -> tuple[str, str]:
    """To whom the newest mail goes, and the code in it."""
    send = session.scalars(select(Send).where(Send.channel == "email").order_by(Send.id.desc()).limit(1)).one()
    assert send.body is not None and send.recipient is not None
    text = json.loads(send.body)["text"]
    found = re.search(r"\b(\d{3}) (\d{3})\b", text)
    assert found is not None
    return send.recipient, found[1] + found[2]


def proved(session: Session, talk: Talk, address: str = MAIL) -> str:
    talk.say("อีเมลของฉัน")
    talk.say(address)
    return words(talk.say(sent(session)[1]))


def test_an_address_is_proved_by_what_came_to_it(session: Session, member: Talk) -> None:
    assert "พิมพ์อีเมล" in words(member.say("อีเมลของฉัน"))
    said = words(member.say(" Mali@Mail.Example "))
    assert "m···@mail.example" in said and MAIL not in said
    to, code = sent(session)
    assert to == MAIL
    answer = words(member.say(code))
    assert "เป็นอีเมลของคุณที่นี่แล้ว" in answer
    known = own_email.of(session, only(session, Customer))
    assert known is not None and (known.value, known.verified_at) == (MAIL, NOW)


def test_the_code_does_not_stand_in_the_subject(session: Session, member: Talk) -> None:
    member.say("อีเมลของฉัน")
    member.say(MAIL)
    send = session.scalars(select(Send).where(Send.channel == "email")).one()
    drawn = json.loads(send.body or b"")
    assert not re.search(r"\d", drawn["subject"])
    assert drawn["purpose"] is None  # of a code there are no more to be had
    assert send.not_after is not None and send.not_after - send.created_at == LIFE


def test_offers_are_asked_for_once_with_equal_weight(session: Session, member: Talk) -> None:
    assert "mail_offers?answer=yes" in (said := _data(member, session)) and "mail_offers?answer=no" in said
    assert "จะส่งทางอีเมลด้วย" in words(member.tap("mail_offers", answer="yes"))
    who = only(session, Customer)
    assert consent.may_send_offers(session, who, "email", NOW)
    assert not consent.decision(session, who, consent.MARKETING, "sms")
    assert "mail_offers" not in _data(member, session, "mali2@mail.example")  # they have said so already


def _data(talk: Talk, session: Session, address: str = MAIL) -> str:
    talk.tap("another_email")
    talk.say(address)
    return str(talk.say(sent(session)[1]).reply.messages)


def test_a_no_is_no(session: Session, member: Talk) -> None:
    proved(session, member)
    member.tap("mail_offers", answer="no")
    assert consent.decision(session, only(session, Customer), consent.MARKETING, "email") is False
    assert "mail_offers?answer=yes" in str(member.say("อีเมลของฉัน").reply.messages)


def test_nobody_under_age_is_asked(session: Session, clinic: Clinic, talk: Talk) -> None:
    clinic.choose(channels=MAILING)
    session.commit()
    talk.tap("join")
    talk.tap("age", answer="younger")
    assert "mail_offers" not in _data(talk, session)
    assert "อายุต่ำกว่า 20" in words(talk.tap("mail_offers", answer="yes"))
    assert not consent.decision(session, only(session, Customer), consent.MARKETING, "email")


@pytest.mark.parametrize(
    "typed", ["mali@", "mali@mail", "ma li@mail.example", "a@b@c.example", "@mail.example", "x@y.1"]
)
def test_what_is_no_address_is_asked_again(session: Session, member: Talk, typed: str) -> None:
    member.say("อีเมลของฉัน")
    assert "ไม่ใช่อีเมล" in words(member.say(typed))
    assert session.scalars(select(Send)).all() == []


def test_anything_else_is_heard_as_ever(session: Session, member: Talk) -> None:
    member.say("อีเมลของฉัน")
    assert "แต้ม" in words(member.say("แต้มของฉัน"))
    assert session.scalars(select(CustomerContact)).all() == []


def test_a_wrong_code_proves_nothing(session: Session, member: Talk) -> None:
    member.say("อีเมลของฉัน")
    member.say(MAIL)
    code = sent(session)[1]
    member.say(f"{(int(code) + 1) % 10**6:06}")
    assert own_email.of(session, only(session, Customer)) is None
    member.say(code)
    assert own_email.of(session, only(session, Customer)) is not None


def test_a_code_is_good_for_its_own_asker_only(session: Session, member: Talk) -> None:
    member.say("อีเมลของฉัน")
    member.say(MAIL)
    row = session.scalars(select(OneTimeCode).where(OneTimeCode.purpose == "email")).one()
    assert row.taker_id == only(session, Customer).id and row.customer_id is None


def test_an_address_that_takes_nothing_says_so_and_is_proved_anew(
    session: Session, clinic: Clinic, member: Talk
) -> None:
    proved(session, member)
    suppressions.add(session, clinic, "email", MAIL, "complained", NOW)
    for shown in (member.say("อีเมลของฉัน"), member.tap("mail_offers", answer="yes")):
        assert "หยุดส่ง" in words(shown)
    assert preferences.ways(session, member.channels, only(session, Customer)) == ["line"]
    member.say("ยืนยันอีเมลอีกครั้ง")
    to, code = sent(session)
    assert to == MAIL
    member.say(code)
    assert "หยุดส่ง" not in words(member.say("อีเมลของฉัน"))
    assert preferences.ways(session, member.channels, only(session, Customer)) == ["line", "email"]


def test_offers_by_mail_stand_among_the_settings(session: Session, member: Talk) -> None:
    line = "ข่าวและข้อเสนอทางอีเมล"
    assert line not in words(member.tap("message_settings"))
    proved(session, member)
    assert f"{line}: ไม่รับ" in words(member.tap("message_settings"))
    assert "ข้อเสนอทางอีเมล" in words(member.tap("ask_offers_by", channel="email"))
    member.tap("mail_offers", answer="yes")
    assert f"{line}: เปิดรับ" in words(member.tap("message_settings"))


def test_whose_age_is_not_known_is_asked_that_and_then_for_the_offers(
    session: Session, clinic: Clinic, talk: Talk
) -> None:
    clinic.choose(channels=MAILING)
    session.commit()
    talk.tap("join")
    proved(session, talk)
    assert "20" in words(talk.tap("mail_offers", answer="yes"))
    assert "ข้อเสนอทางอีเมล" in words(talk.say("ใช่"))


def test_so_many_codes_and_no_more(session: Session, member: Talk) -> None:
    for _ in range(AN_HOUR):
        member.tap("another_email")
        member.say(MAIL)
    member.tap("another_email")
    assert "อีกหนึ่งชั่วโมง" in words(member.say(MAIL))
    assert len(session.scalars(select(Send).where(Send.channel == "email")).all()) == AN_HOUR


def test_whose_address_it_is_already_keeps_it(session: Session, clinic: Clinic, member: Talk) -> None:
    """And to who asks it looks the same until they have shown that they read its mail."""
    other = new_customer(session, clinic, NOW)
    session.flush()
    identify(session, other, "email", MAIL, NOW)
    session.commit()
    assert "อีกประวัติหนึ่ง" in proved(session, member)
    index = vault_of(session).index(clinic.id, "email", MAIL)
    assert other.id in [one.id for one in contacts.of_index(session, clinic, "email", index)]
    assert own_email.of(session, other) is not None


def test_the_last_address_is_the_one(session: Session, member: Talk) -> None:
    proved(session, member)
    member.tap("another_email")
    member.say("mali.new@mail.example")
    member.say(sent(session)[1])
    known = own_email.of(session, only(session, Customer))
    assert known is not None and known.value == "mali.new@mail.example"


def test_what_came_back_once_is_written_to_again(session: Session, clinic: Clinic, member: Talk) -> None:
    suppressions.add(session, clinic, "email", MAIL, "bounced", NOW)
    session.commit()
    proved(session, member)
    assert not suppressions.holds(session, clinic, "email", MAIL)


def test_it_is_forgotten_again(session: Session, member: Talk) -> None:
    proved(session, member)
    assert "ลบอีเมลแล้ว" in words(member.tap("forget_email"))
    assert own_email.of(session, only(session, Customer)) is None


def test_a_clinic_without_mail_says_so(session: Session, clinic: Clinic, talk: Talk) -> None:
    talk.tap("join")
    assert "ไม่ได้ส่งข้อความทางอีเมล" in words(talk.say("อีเมลของฉัน"))
