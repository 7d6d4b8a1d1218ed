"""A code that comes as an SMS proves the phone: the record of it is linked, and offers by SMS are asked for."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from channels.accounts import Accounts, sms_account
from channels.sms.channel import SmsChannel
from channels.sms.text import measure
from customers import one_time
from customers.people import known_as
from models.clinics import Clinic
from models.conversations import Send
from models.customers import Customer
from models.one_time import OneTimeCode
from models.staff_notices import StaffNotice
from privacy import consent, suppressions
from runtime.addresses import Addresses
from runtime.settings import Settings
from runtime.timing import Timing
from tests.bot.test_one_time_codes import SPELLED, asked, record, row, said
from tests.fixtures.clinic import NOW, Talk

OWN = "aura"


@pytest.fixture
def sms(settings: Settings) -> SmsChannel:
    account = sms_account("thaibulksms", "key:secret", "AuraClinic", "")
    return SmsChannel(Accounts({OWN: account}), Addresses(settings), Timing())


@pytest.fixture
def nok(session: Session, clinic: Clinic) -> Customer:
    return record(session, clinic, "Nok Jaidee", "1")


@pytest.fixture
def talk(session: Session, clinic: Clinic, sms: SmsChannel, make_talk: Callable[..., Talk]) -> Talk:
    return make_talk(sms)


@pytest.fixture
def make_talk(session: Session, clinic: Clinic, table: object) -> Callable[..., Talk]:
    def make(*also: SmsChannel, user: str = "b") -> Talk:
        made = Talk(session, clinic, table, "U" + user * 32, *also)  # type: ignore[arg-type]
        made.event("follow")
        return made

    return make


def texts(session: Session) -> list[str]:
    session.expire_all()
    rows = session.scalars(select(Send).where(Send.channel == "sms").order_by(Send.id))
    assert all(one.reason == "one_time_code" for one in rows)
    return [(one.body or b"").decode() for one in session.scalars(select(Send).where(Send.channel == "sms"))]


def code(session: Session) -> str:
    found = re.findall(r"\b\d{6}\b", texts(session)[-1])
    assert len(found) == 1
    return str(found[0])


def me(session: Session, talk: Talk) -> Customer:
    found = known_as(session, talk.clinic, "line", talk.user_id)
    assert found is not None
    return found


def test_it_goes_to_the_phone_names_the_clinic_and_has_no_link(session: Session, talk: Talk) -> None:
    assert "ทาง SMS" in asked(talk)
    (text,) = texts(session)
    assert talk.clinic.called("th") in text
    assert "http" not in text
    assert measure(text).parts <= 2
    (send,) = session.scalars(select(Send))
    assert (send.recipient, send.state) == (SPELLED, "queued")
    assert send.not_after is not None and (send.not_after - send.created_at).total_seconds() == 600
    assert session.scalar(select(func.count()).select_from(StaffNotice)) == 0


def test_a_known_phone_is_answered_as_one_that_nobody_knows(
    session: Session, clinic: Clinic, make_talk: Callable[..., Talk], sms: SmsChannel
) -> None:
    unknown = asked(make_talk(sms, user="c"))
    record(session, clinic, "Nok", "9")
    assert asked(make_talk(sms, user="d")) == unknown
    assert len(texts(session)) == 2


def test_whoever_types_it_has_proved_the_phone(session: Session, talk: Talk) -> None:
    asked(talk)
    answer = said(talk, code(session))
    assert "ยืนยันเบอร์โทรของคุณเรียบร้อยแล้ว" in answer
    owner = known_as(session, talk.clinic, "phone", SPELLED)
    assert owner is me(session, talk)
    assert row(session, "done").customer_id is None


def test_the_clinics_one_record_of_it_is_offered_and_linked(session: Session, talk: Talk, nok: Customer) -> None:
    asked(talk)
    assert "Nok" in said(talk, code(session))
    talk.tap("link", code=row(session).id, answer="yes")
    assert row(session, "done").customer_id is not None
    assert known_as(session, talk.clinic, "booking:standard", "1") is me(session, talk)


def test_who_says_no_to_the_record_keeps_the_phone(session: Session, talk: Talk, nok: Customer) -> None:
    asked(talk)
    said(talk, code(session))
    talk.tap("link", code=row(session).id, answer="no")
    assert known_as(session, talk.clinic, "phone", SPELLED) is me(session, talk)
    assert known_as(session, talk.clinic, "booking:standard", "1") is nok


def test_of_several_records_nobody_is_guessed(session: Session, clinic: Clinic, talk: Talk, nok: Customer) -> None:
    record(session, clinic, "Mee", "2")
    asked(talk)
    assert "เคาน์เตอร์" in said(talk, code(session))
    assert known_as(session, clinic, "phone", SPELLED) is me(session, talk)
    assert session.scalar(select(func.count()).select_from(StaffNotice)) == 1
    shown = one_time.show(session, row(session, "asked"), nok, NOW, by="staff")  # as the staff say which is meant
    session.commit()
    assert shown is not None and "Nok" in said(talk, shown)


def test_the_code_of_one_is_no_code_of_another(
    session: Session, talk: Talk, make_talk: Callable[..., Talk], sms: SmsChannel
) -> None:
    other = make_talk(sms, user="e")
    asked(talk)
    said(other, "ผูกข้อมูล")
    assert "ไม่ตรง" in said(other, code(session)) or known_as(session, talk.clinic, "phone", SPELLED) is None
    assert known_as(session, talk.clinic, "phone", SPELLED) is None


def test_a_second_account_does_not_take_a_proved_phone(
    session: Session, talk: Talk, make_talk: Callable[..., Talk], sms: SmsChannel
) -> None:
    asked(talk)
    said(talk, code(session))
    other = make_talk(sms, user="f")
    asked(other)
    said(other, code(session))
    assert known_as(session, talk.clinic, "phone", SPELLED) is me(session, talk)


def test_three_an_hour_and_no_more(session: Session, talk: Talk) -> None:
    for _ in range(4):
        asked(talk)
    assert len(texts(session)) == 3


def test_a_phone_on_the_list_is_not_written_to(session: Session, talk: Talk) -> None:
    suppressions.add(session, talk.clinic, "phone", SPELLED, "asked", NOW)
    asked(talk)
    assert texts(session) == []


def test_without_a_provider_the_staff_read_it_out(
    session: Session,
    make_talk: Callable[..., Talk],
    nok: Customer,
    settings: Settings,
) -> None:
    talk = make_talk(SmsChannel(Accounts(), Addresses(settings), Timing()), user="g")
    assert "SMS" not in asked(talk)
    assert texts(session) == []
    assert session.scalar(select(func.count()).select_from(StaffNotice)) == 1


def test_offers_by_sms_are_asked_for_once_and_by_themselves(session: Session, talk: Talk) -> None:
    mine = me(session, talk)
    session.execute(update(Customer).where(Customer.id == mine.id).values(adult=True))
    session.expire_all()
    asked(talk)
    assert "ThaiBulkSMS" in said(talk, code(session))
    talk.tap("offers_by", channel="sms", answer="yes")
    assert consent.may_send_offers(session, me(session, talk), "sms", NOW)
    assert not consent.may_send_offers(session, me(session, talk), "line", NOW)
    talk.say("หยุดรับข้อเสนอ")
    assert consent.decision(session, me(session, talk), consent.MARKETING, "sms") is False


def test_the_switch_shows_first_what_is_agreed_to(session: Session, talk: Talk) -> None:
    mine = me(session, talk)
    session.execute(update(Customer).where(Customer.id == mine.id).values(adult=True))
    session.expire_all()
    assert "ask_offers_by" not in str(talk.say("ตั้งค่าข้อความ").reply)
    asked(talk)
    said(talk, code(session))
    assert "ask_offers_by" in str(talk.tap("message_settings").reply)
    assert "ThaiBulkSMS" in str(talk.tap("ask_offers_by", channel="sms").reply)
    talk.tap("offers_by", channel="sms", answer="yes")
    assert "ask_offers_by" not in str(talk.tap("message_settings").reply)


def test_who_has_not_said_their_age_is_not_asked(session: Session, talk: Talk) -> None:
    asked(talk)
    assert "ThaiBulkSMS" not in said(talk, code(session))
    assert session.scalars(select(OneTimeCode.state)).all() == ["done"]
