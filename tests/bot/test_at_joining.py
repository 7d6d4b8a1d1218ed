"""The two questions at joining, answered by typing."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.at_joining import said_adult
from models.consents import Consent
from models.customers import Customer
from privacy import consent
from tests.bot.test_conversation import only, words
from tests.fixtures.clinic import NOW, Talk

OFFERS = "ส่งข่าวสารและข้อเสนอทาง LINE ได้ไหม"


@pytest.mark.parametrize("said", ["yes, 20 or older", "ใช่ 20 ปีขึ้นไป", "ใช่ค่ะ", "yes", "25", "no, i am 25", "๓๒ ปีค่ะ"])
def test_who_writes_that_they_are_of_age_is_asked_about_offers(session: Session, talk: Talk, said: str) -> None:
    talk.tap("join")
    assert OFFERS in words(talk.say(said))
    assert only(session, Customer).adult is True


@pytest.mark.parametrize(
    "said",
    [
        "no, i am 17", "i'm 17", "i’m 17", "younger than 20", "ยังไม่ถึง 20", "17 ค่ะ", "๑๗", "ไม่ค่ะ", "no, younger",
        "ไม่ใช่ อายุน้อยกว่า", "อายุ 17 ปี", "i'm not 20 yet", "yes, 17",
    ],
)  # fmt: skip
def test_a_minor_who_writes_it_is_noted_as_by_the_button(session: Session, talk: Talk, said: str) -> None:
    talk.tap("join")
    assert "ต่ำกว่า 20 ปี" in words(talk.say(said))
    assert only(session, Customer).adult is False
    assert session.scalars(select(Consent)).all() == []


@pytest.mark.parametrize(
    "said",
    ["botox 50 units", "under 25", "over 18", "20 or 17", "no, 20", "1999", "081-234-5678", "yes and no", "2", "17:30"],
)
def test_what_tells_no_age_is_no_answer(said: str) -> None:
    assert said_adult(said) is None


@pytest.mark.parametrize("said", ["20", "ไม่ต่ำกว่า 20 ปี", "เกิน 20 แล้วค่ะ", "20+", "อายุ 45 ค่ะ", "over 20"])
def test_twenty_is_of_age(said: str) -> None:
    assert said_adult(said) is True


def test_another_text_leaves_the_question_to_its_buttons(session: Session, talk: Talk) -> None:
    talk.tap("join")
    assert "100 แต้ม" in words(talk.say("แต้มของฉัน"))
    talk.say("โบท็อกซ์ 50 ยูนิตเท่าไหร่คะ")
    assert only(session, Customer).adult is None
    talk.tap("age", answer="adult")
    assert only(session, Customer).adult is True


@pytest.mark.parametrize(
    ("said", "granted"),
    [("ยินดีรับ", True), ("ไม่รับ", False), ("yes", True), ("no thanks", False), ("รับค่ะ", True), ("ไม่ค่ะ", False)],
)
def test_offers_are_wanted_or_not_by_a_word(session: Session, talk: Talk, said: str, granted: bool) -> None:
    talk.tap("join")
    talk.tap("age", answer="adult")
    talk.say(said)
    assert only(session, Consent).granted is granted
    assert consent.may_send_offers(session, only(session, Customer), "line", NOW) is granted


def test_a_yes_after_something_else_is_no_consent(session: Session, talk: Talk) -> None:
    talk.tap("join")
    talk.tap("age", answer="adult")
    talk.say("วันนี้ร้านเปิดกี่โมง")
    talk.say("ok")
    assert session.scalars(select(Consent)).all() == []
