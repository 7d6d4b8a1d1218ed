"""What services cost, in the words of the clinic's file and in no others."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from bot.named import services as named
from bot.routes import Table
from models.branches import Service
from models.clinics import Clinic
from tests.bot.test_conversation import words
from tests.fixtures.clinic import Talk

OWN = {"code": "prices", "name": {"th": "ราคา"}, "subject": "price", "text": {"th": "ราคาเริ่มต้น ฿990 ค่ะ"}}


def offer(
    session: Session, clinic: Clinic, code: str, names: dict[str, str], price: dict[str, str], place: int
) -> None:
    session.add(Service(clinic_id=clinic.id, code=code, names=names, price=price, position=place))


@pytest.fixture
def menu(session: Session, clinic: Clinic) -> None:
    offered: list[tuple[str, dict[str, str], dict[str, str]]] = [
        ("HydraFacial", {"th": "HydraFacial"}, {"th": "฿3,200"}),
        ("TREAT", {"th": "ทรีตเมนต์หน้า", "en": "Facial treatment"}, {"th": "฿1,500", "en": "฿1,500 a session"}),
        ("LASER", {"th": "เลเซอร์กำจัดขน", "en": "Laser hair removal"}, {"th": "เริ่มต้น ฿2,400", "en": "from ฿2,400"}),
        ("PICO", {"th": "พิโคเลเซอร์", "en": "Pico laser"}, {"th": "฿5,900"}),
        ("GLOW", {"th": "เอ็กโซโกลว์", "en": "Exo-Glow"}, {"th": "฿7,700"}),
        ("BTX", {"th": "โบท็อกซ์", "en": "Botox"}, {}),
    ]
    for place, (code, names, price) in enumerate(offered):
        offer(session, clinic, code, names, price, place)
    session.flush()


@pytest.mark.parametrize(
    ("asked", "price"),
    [
        ("how much is HydraFacial", "HydraFacial ฿3,200"),
        ("ไฮดราเฟเชียลราคาเท่าไหร่", "HydraFacial ฿3,200"),
        ("ไฮดร้าเฟเชี่ยล กี่บาทคะ", "HydraFacial ฿3,200"),
        ("hydra facial เท่าไหร่คะ", "HydraFacial ฿3,200"),
        ("hydrafacal price?", "HydraFacial ฿3,200"),
        ("ขอทราบราคาทรีตเมนต์หน้าค่ะ", "ทรีตเมนต์หน้า ฿1,500"),
        ("เลเซอร์กำจัดขนเท่าไหร่", "เลเซอร์กำจัดขน เริ่มต้น ฿2,400"),
        ("laser hair removal ราคาเท่าไหร่คะ", "เลเซอร์กำจัดขน เริ่มต้น ฿2,400"),
        ("กำจัดขนรักแร้ราคาเท่าไหร่", "เลเซอร์กำจัดขน เริ่มต้น ฿2,400"),
        ("เอ็กโซโกลว์ราคาเท่าไหร่คะ", "เอ็กโซโกลว์ ฿7,700"),
        ("เอ็กโซโกลว ราคา", "เอ็กโซโกลว์ ฿7,700"),
        ("exo glow how much pls", "เอ็กโซโกลว์ ฿7,700"),
    ],
)
def test_a_service_is_known_by_its_names_and_by_what_it_is(menu: None, talk: Talk, asked: str, price: str) -> None:
    talk.tap("join")
    assert words(talk.say(asked)).splitlines() == ["ราคา", price]


def test_it_is_said_in_the_customers_language(menu: None, talk: Talk) -> None:
    talk.tap("join")
    talk.tap("language", to="en")
    assert words(talk.say("how much for a facial treatment?")) == "Prices. Facial treatment ฿1,500 a session"


def test_what_several_are_called_brings_all_of_them(menu: None, talk: Talk) -> None:
    talk.tap("join")
    said = words(talk.say("เลเซอร์เท่าไหร่คะ"))
    assert "เลเซอร์กำจัดขน" in said
    assert "พิโคเลเซอร์" in said
    assert "HydraFacial" not in said


@pytest.mark.parametrize("asked", ["ราคาเท่าไหร่คะ", "ขอดูราคาหน่อยค่ะ", "ทำจมูกกี่บาท", "thermage price"])
def test_of_no_service_of_the_clinics_the_list_is_shown(menu: None, talk: Talk, asked: str) -> None:
    talk.tap("join")
    said = words(talk.say(asked))
    assert "HydraFacial ฿3,200" in said
    assert "เอ็กโซโกลว์ ฿7,700" in said
    assert "โบท็อกซ์" not in said
    assert said == words(talk.tap("prices"))


def test_the_clinics_own_text_stands_for_the_list_and_not_for_a_service(menu: None, clinic: Clinic, talk: Talk) -> None:
    clinic.choose(answers=[OWN])
    talk.tap("join")
    for asked in ("ราคาเท่าไหร่คะ", "ทำจมูกกี่บาท", "โบท็อกซ์ราคาเท่าไหร่"):
        assert words(talk.say(asked)) == "ราคาเริ่มต้น ฿990 ค่ะ"
    assert words(talk.say("hydrafacial ราคาเท่าไหร่")).splitlines() == ["ราคา", "HydraFacial ฿3,200"]


def test_what_has_no_price_in_the_file_says_so(menu: None, talk: Talk) -> None:
    talk.tap("join")
    assert words(talk.say("โบท็อกซ์ราคาเท่าไหร่คะ")).splitlines() == ["ราคา", "โบท็อกซ์ สอบถามได้เลยค่ะ"]


def test_beside_another_subject_both_are_answered(menu: None, talk: Talk) -> None:
    talk.tap("join")
    said = words(talk.say("ขอดูแต้ม และ ราคา hydrafacial"))
    assert "100 แต้ม" in said
    assert "HydraFacial ฿3,200" in said
    assert "พิโคเลเซอร์" not in said


@pytest.mark.parametrize("asked", ["hydrafacial เจ็บไหม ราคาเท่าไหร่", "สนใจ hydrafacial", "hydrafacial ดีไหมคะ"])
def test_what_asks_for_no_price_or_for_advice_is_told_none(menu: None, talk: Talk, asked: str) -> None:
    talk.tap("join")
    assert "฿" not in words(talk.say(asked))


def test_a_clinic_without_prices_leaves_them_to_people(talk: Talk) -> None:
    talk.tap("join")
    assert "ทีมงานจะเข้ามาอ่าน" in words(talk.say("โบท็อกซ์ราคาเท่าไหร่คะ"))
    assert "ปุ่มนี้เก่าแล้ว" in words(talk.tap("prices"))


def test_of_two_names_one_in_the_other_the_longer_is_meant(table: Table) -> None:
    offered = [
        Service(code="laser", names={"th": "เลเซอร์"}, price={}),
        Service(code="hair", names={"th": "เลเซอร์กำจัดขน"}, price={}),
    ]
    found: Any = [one.code for one in named(offered, "เลเซอร์กำจัดขนเท่าไหร่", table.understanding)[0]]
    assert found == ["hair"]
