"""A birthday, as the customer tells it."""

import pytest
from sqlalchemy.orm import Session

from bot.listen import Outcome
from models.customers import Customer
from tests.bot.test_conversation import only, words
from tests.bot.test_earning_chat import available, card
from tests.fixtures.clinic import Talk


@pytest.fixture
def mali(talk: Talk) -> Talk:
    """A member with her welcome points."""
    talk.tap("join")
    return talk


def pick(talk: Talk, day: str | None) -> Outcome:
    params = {"params": {"date": day}} if day is not None else {}
    return talk.event("postback", postback={"data": "birthday_picked", **params})


def test_a_birthday_is_picked_confirmed_and_fixed(session: Session, mali: Talk) -> None:
    (button,) = card(mali.say("วันเกิด"))["footer"]["contents"]
    assert button["action"] == {
        "type": "datetimepicker",
        "data": "birthday_picked",
        "mode": "date",
        "initial": "1990-01-01",
        "min": "1920-01-01",
        "max": "2026-02-03",
        "label": "เลือกวัน",
    }
    outcome = pick(mali, "1992-02-29")
    assert "วันเกิดของคุณคือ 29 กุมภาพันธ์ ใช่ไหมคะ" in words(outcome)
    assert only(session, Customer).birth_month_day is None
    yes = card(outcome)["footer"]["contents"][0]["action"]["data"]
    assert "ของขวัญเดือนเกิด\nได้รับ 100 แต้ม" in words(mali.event("postback", postback={"data": yes}))
    assert (only(session, Customer).birth_month_day, available(session)) == ("02-29", 200)


def test_a_birthday_of_another_month_is_noted(session: Session, mali: Talk) -> None:
    mali.tap("language", to="en")
    assert "We have noted July 1 as your birthday." in words(mali.tap("birthday_set", month=7, day=1))
    assert available(session) == 100


def test_a_fixed_birthday_stays(session: Session, mali: Talk) -> None:
    mali.tap("birthday_set", month=7, day=1)
    for outcome in (mali.tap("birthday_set", month=2, day=1), pick(mali, "1990-02-01"), mali.tap("birthday")):
        assert "วันเกิดของคุณที่บันทึกไว้คือ 1 กรกฎาคม" in words(outcome)
    assert only(session, Customer).birth_month_day == "07-01"


@pytest.mark.parametrize(
    "typed",
    ["12 มีนาคม 2535", "12 มี.ค. 35 ค่ะ", "๑๒/๓/๒๕๓๕", "12/3/1992", "12-03-2535", "เกิดวันที่ 12 มีนา ค่ะ", "March 12, 1992",
     "12th of march", "1992-03-12", "3/12", "the twelfth of March", "March twelfth",
     "my birthday is on march the twelfth",
     "สิบสองมีนาคม", "เกิดวันที่สิบสอง มีนา ค่ะ"],
)  # fmt: skip
def test_a_birthday_is_typed_confirmed_and_fixed(session: Session, mali: Talk, typed: str) -> None:
    """The day stands before the month where both could be, as here; what was read is shown before it is fixed."""
    day, known = ("3 ธันวาคม", "12-03") if typed == "3/12" else ("12 มีนาคม", "03-12")
    mali.say("วันเกิด")
    outcome = mali.say(typed)
    assert f"วันเกิดของคุณคือ {day} ใช่ไหมคะ" in words(outcome)
    assert only(session, Customer).birth_month_day is None
    assert f"บันทึกวันเกิดของคุณเป็น {day} แล้ว" in words(mali.say("ใช่ค่ะ"))
    assert only(session, Customer).birth_month_day == known


def test_a_day_that_was_misread_is_asked_for_again(session: Session, mali: Talk) -> None:
    mali.say("วันเกิด")
    for typed in ("31/2/2535", "12/3/2599", "วันที่ 45"):
        assert "วันเกิดของคุณคือวันไหน" in words(mali.say(typed))
    mali.say("3/12/2535")
    assert "วันเกิดของคุณคือวันไหน" in words(mali.say("ไม่ใช่ค่ะ"))
    assert "12 มีนาคม ใช่ไหมคะ" in words(mali.say("12 มีนา"))
    assert "คุณมี 100 แต้ม" in words(mali.say("แต้มเหลือเท่าไหร่คะ"))  # another matter is heard as such
    assert only(session, Customer).birth_month_day is None


@pytest.mark.parametrize(
    "said",
    ["ขอใส่วันเกิด 12 มีนาคม 2535 ค่ะ", "วันเกิดหนู 12 มี.ค. ค่ะ", "12 มีนา วันเกิดผมครับ", "เกิดวันที่ 12 เดือนมีนาคม พ.ศ. 2535",
     "วันเกิดหนูเดือนมีนา วันที่ 12", "เกิด ๑๒/๓/๒๕๓๕", "my birthday is March 12th", "the 12th of march is my birthday",
     "i was born on 12 Mar. 1992", "dob 12/03/1992", "bday: march 12"],
)  # fmt: skip
def test_a_birthday_is_told_in_one_sentence(session: Session, mali: Talk, said: str) -> None:
    assert "12 มีนาคม ใช่ไหมคะ" in words(mali.say(said))
    mali.say("ใช่ค่ะ")
    assert only(session, Customer).birth_month_day == "03-12"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("วันเกิดหนู 31 กุมภาพันธ์ค่ะ", "กุมภาพันธ์ มีเพียง 29 วัน จึงไม่มีวันที่ 31"),
        ("my birthday is february 31", "กุมภาพันธ์ มีเพียง 29 วัน จึงไม่มีวันที่ 31"),
        ("เกิด 29 ก.พ. 2541", "กุมภาพันธ์ 2541 มีเพียง 28 วัน จึงไม่มีวันที่ 29"),
        ("วันเกิด 31/4", "เมษายน มีเพียง 30 วัน จึงไม่มีวันที่ 31"),
        ("วันเกิด 13/13", "ไม่มีวันนี้ในปฏิทิน"),
        ("วันเกิด 12/3/2599", "ปีนี้น่าจะไม่ถูกต้อง"),
    ],
)
@pytest.mark.parametrize("asked", [False, True])
def test_it_is_said_why_a_day_can_be_no_birthday(mali: Talk, said: str, why: str, asked: bool) -> None:
    if asked:
        mali.say("วันเกิด")
    answer = words(mali.say(said))
    assert why in answer
    assert "วันเกิดของคุณคือวันไหน" in answer


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("แต้มของฉันเหลือเท่าไหร่ ครบ 1000 ไหม", "คุณมี 100 แต้ม"),
        ("ขอคุยกับเจ้าหน้าที่เรื่องนัด 2 นัดค่ะ", "ทีมงาน"),
        ("ฉีดแล้วเป็นไข้ 38 ปวดหัวนิดหน่อย ต้องทำยังไงคะ", "ทีมแพทย์"),
        ("i have a fever of 38 after the injection and a headache", "ทีมแพทย์"),
        ("i have a fever of 39 after the injection and it is bleeding", "1669"),
    ],
)
def test_while_a_birthday_is_asked_for_a_sentence_about_something_else_is_heard(
    mali: Talk, said: str, heard: str
) -> None:
    mali.say("วันเกิด")
    answer = words(mali.say(said))
    assert heard in answer
    assert "วันเกิดของคุณคือวันไหน" not in answer


@pytest.mark.parametrize("day", [None, "", "yesterday", "1990-02-30", "0001-01-01", "9999-12-31"])
def test_a_picker_without_a_day_has_grown_old(mali: Talk, day: str | None) -> None:
    assert "ปุ่มนี้เก่าแล้ว" in words(pick(mali, day))


def test_forged_days_have_grown_old(session: Session, mali: Talk) -> None:
    for month, day in ((2, 31), (0, 1), (2_147_483_648, 1), (1, 10**30)):
        assert "ปุ่มนี้เก่าแล้ว" in words(mali.tap("birthday_set", month=month, day=day))
    assert "ปุ่มนี้เก่าแล้ว" in words(mali.tap("birthday_picked", date="1990-01-01"))
    assert only(session, Customer).birth_month_day is None


def test_guests_are_offered_membership(talk: Talk) -> None:
    talk.event("follow")
    for outcome in (talk.tap("birthday"), pick(talk, "1990-01-01"), talk.tap("birthday_set", month=1, day=1)):
        assert "ยินดีต้อนรับสู่ Aura Clinic" in words(outcome)
