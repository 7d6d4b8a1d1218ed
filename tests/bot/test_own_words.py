"""What a clinic has added in its file is heard and said: its own words for a subject, and its approved answers."""

from typing import Any, get_args

import pytest
from sqlalchemy.orm import Session

from bot.subjects import SUBJECTS
from channels.line.render import wire
from models.clinic_words import SubjectName
from models.clinics import Clinic
from tests.fixtures.clinic import Talk, make_clinic

PARKING = {
    "code": "parking",
    "name": {"th": "ที่จอดรถ", "en": "Parking"},
    "phrases": ["ที่จอดรถ", "จอดรถ", "parking"],
    "text": {"th": "จอดได้ที่ชั้น B2", "en": "Park on floor B2"},
}
PRICES = {"code": "prices", "name": {"th": "ราคา"}, "subject": "price", "text": {"th": "เริ่มต้น ฿1,500"}}
HOURS = {"code": "hours", "name": {"th": "เวลา"}, "subject": "hours", "phrases": ["ร้านตื่น"], "text": {"th": "เปิดทุกวันค่ะ"}}


@pytest.fixture
def clinic(session: Session) -> Clinic:
    return make_clinic(session, phrases={"points": ["ออร่าคอยน์"]}, answers=[PARKING, PRICES, HOURS])


@pytest.fixture
def talk(talk: Talk) -> Talk:
    talk.tap("join")
    return talk


def said(talk: Talk, text: str) -> list[dict[str, Any]]:
    reply = talk.say(text).reply
    return wire(reply) if reply.messages else []


def first(talk: Talk, text: str) -> str:
    messages = said(talk, text)
    return str(messages[0].get("text") or messages[0].get("altText")) if messages else ""


def test_every_subject_can_be_named_in_the_file() -> None:
    assert set(get_args(SubjectName)) == set(SUBJECTS)


@pytest.mark.parametrize("text", ["ออร่าคอยน์", "ออร่าคอยน์เหลือเท่าไหร่คะ", "ขอดูออร่าคอยนหน่อย"])
def test_the_clinics_word_means_the_subject(talk: Talk, text: str) -> None:
    assert "100" in first(talk, text)


@pytest.mark.parametrize("text", ["ที่จอดรถ", "มีที่จอดรถไหมคะ", "จอดรถได้มั้ย", "is there parking?", "pakring"])
def test_an_approved_answer_is_said_word_for_word(talk: Talk, text: str) -> None:
    assert first(talk, text) == "จอดได้ที่ชั้น B2"


def test_it_is_said_in_the_customers_language_else_in_the_first(talk: Talk) -> None:
    talk.tap("language", to="en")
    assert first(talk, "parking") == "Park on floor B2"
    assert first(talk, "how much is a facial?") == "เริ่มต้น ฿1,500"


def test_of_a_subject_that_only_people_answered_it_is_the_answer(talk: Talk) -> None:
    assert first(talk, "ทรีตเมนต์ราคาเท่าไหร่คะ") == "เริ่มต้น ฿1,500"


@pytest.mark.parametrize("text", ["เปิดกี่โมงคะ", "ร้านตื่นกี่โมง"])
def test_of_a_subject_that_the_product_answers_it_comes_first(talk: Talk, text: str) -> None:
    messages = said(talk, text)
    assert [one["type"] for one in messages] == ["text", "flex"]
    assert messages[0]["text"] == "เปิดทุกวันค่ะ"


def test_with_another_subject_both_are_answered(talk: Talk) -> None:
    messages = said(talk, "ขอดูแต้ม และที่จอดรถ")
    assert [one["type"] for one in messages] == ["flex", "text"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ฉันจอดรถไว้แล้วรถหาย ช่วยดูกล้องให้หน่อยได้ไหม", "ทีมงานจะเข้ามาอ่าน"),
        ("ปวดหน้ามากเลยค่ะ ที่จอดรถอยู่ไหน", "ทีมแพทย์ของเราจะเป็นผู้ตอบ"),
    ],
)
def test_a_story_is_left_to_people_and_a_complaint_of_the_body_to_doctors(talk: Talk, text: str, said: str) -> None:
    assert said in first(talk, text)


def test_its_button_says_it_and_grows_old_with_it(session: Session, clinic: Clinic, talk: Talk) -> None:
    assert wire(talk.tap("answer", code="parking").reply)[0]["text"] == "จอดได้ที่ชั้น B2"
    clinic.choose(answers=[PRICES])
    session.flush()
    assert "ปุ่มนี้เก่าแล้ว" in wire(talk.tap("answer", code="parking").reply)[0]["text"]
    assert first(talk, "มีที่จอดรถไหมคะ") != "จอดได้ที่ชั้น B2"


def test_another_clinic_hears_none_of_it(session: Session, talk: Talk) -> None:
    other = Talk(session, make_clinic(session, "other", "Other"), talk.table)
    assert "จอดได้" not in first(other, "มีที่จอดรถไหมคะ")
