"""A customer wants to talk to somebody: the staff are told, and what is written then is left to them."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cards.staff_notices import kinds
from customers import meters, staff
from customers.voice import language_of
from models.branches import Branch
from models.clinics import Clinic
from models.meters import LineMeter
from models.staff_notices import StaffNotice
from tests.bot.room import GROUP
from tests.bot.test_conversation import only, words
from tests.fixtures.clinic import NOW, Talk, make_clinic

CALLED = "แจ้งทีมงานแล้วค่ะ"
UNDERSTOOD = "แต้มจะหมดอายุเมื่อไหร่คะ"
ASK = "ขอคุยกับเจ้าหน้าที่หน่อยค่ะ เรื่องนัดพรุ่งนี้"


@pytest.fixture
def clinic(session: Session) -> Clinic:
    """With a group of the staff."""
    clinic = make_clinic(session)
    assert staff.bind(session, clinic, staff.make_code(session, clinic, NOW), GROUP, NOW) is not None
    return clinic


@pytest.fixture
def asked(talk: Talk) -> Talk:
    """A member who has asked for somebody."""
    talk.tap("join")
    assert CALLED in words(talk.say(ASK))
    return talk


@pytest.mark.parametrize("said", ["คุยกับทีมงาน", "ขอคุยกับคนจริงๆ ได้ไหมคะ", "talk to our team", "can i talk to a human"])
def test_a_wish_for_a_person_is_understood(session: Session, talk: Talk, said: str) -> None:
    talk.tap("join")
    talk.say(said)
    notice = only(session, StaffNotice)
    assert (notice.kind, notice.state, notice.push_at) == ("person_wanted", "open", NOW)


def test_what_is_written_then_is_left_to_people(asked: Talk) -> None:
    for said in ("พรุ่งนี้เลื่อนเป็นบ่ายได้ไหม", UNDERSTOOD, "ขอบคุณค่ะ", "สวัสดีค่ะ"):
        assert asked.say(said).reply.silence == "left_to_people", said
    assert asked.event("message", message={"type": "sticker", "id": "1"}).reply.silence == "left_to_people"


def test_what_is_no_talk_is_answered_all_the_same(asked: Talk) -> None:
    assert "100 แต้ม" in words(asked.say("แต้ม"))
    assert "100 แต้ม" in words(asked.tap("points"))
    assert "เราจะไม่ส่งข้อเสนอ" in words(asked.say("ไม่ต้องส่งโปรมาแล้วนะคะ"))


def test_the_menu_takes_it_back(asked: Talk) -> None:
    assert asked.say("ของหนูเมื่อวาน").reply.silence == "left_to_people"
    words(asked.say("เมนู"))
    assert asked.say(UNDERSTOOD).reply.messages


def test_four_hours_after_the_last_words_it_ends(asked: Talk) -> None:
    asked.now = NOW + timedelta(hours=3)
    assert asked.say("รออยู่นะคะ").reply.silence == "left_to_people"
    asked.now = NOW + timedelta(hours=6, minutes=59)
    assert asked.say("ยังรออยู่นะคะ").reply.silence == "left_to_people"
    asked.now = NOW + timedelta(hours=11)
    assert asked.say(UNDERSTOOD).reply.messages


def test_who_asks_again_calls_nobody_twice(session: Session, asked: Talk) -> None:
    assert "ทีมงานทราบแล้ว" in words(asked.say("ขอคุยกับแอดมิน"))
    assert "ทีมงานทราบแล้ว" in words(asked.tap("human"))
    assert len(session.scalars(select(StaffNotice)).all()) == 1


def test_who_goes_back_and_forth_costs_one_push(session: Session, asked: Talk) -> None:
    asked.say("เมนู")
    assert CALLED in words(asked.say(ASK))
    first, second = session.scalars(select(StaffNotice).order_by(StaffNotice.id)).all()
    assert first.push_at == NOW < second.push_at
    asked.say("เมนู")
    asked.now = NOW + timedelta(hours=5)
    asked.say(ASK)
    assert session.scalars(select(StaffNotice.push_at).order_by(StaffNotice.id.desc())).first() == asked.now


def test_at_night_they_hear_when_somebody_is_back(session: Session, talk: Talk) -> None:
    branch = session.scalars(select(Branch).where(Branch.clinic_id == talk.clinic.id)).one_or_none()
    branch = branch or Branch(clinic_id=talk.clinic.id, code="main", name="Main", created_at=NOW)
    branch.hours = {day: ["10:00-20:00"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    session.add(branch)
    session.flush()
    talk.now = datetime(2026, 2, 3, 22, 0, tzinfo=ZoneInfo("Asia/Bangkok"))
    assert "4 ก.พ. 2569 เวลา 10:00" in words(talk.say(ASK))
    # Who answers in the morning answers what was written at night, and nothing has come between.
    for hours in (1, 15):  # one o'clock in the afternoon
        talk.now = datetime(2026, 2, 3, 22, 0, tzinfo=ZoneInfo("Asia/Bangkok")) + timedelta(hours=hours)
        assert talk.say(UNDERSTOOD).reply.silence == "left_to_people"


@pytest.mark.parametrize("why", ["no group", "off"])
def test_where_nobody_is_called_it_is_not_said(session: Session, talk: Talk, why: str) -> None:
    clinic = talk.clinic
    if why == "off":
        clinic.own_settings = {"staff_notices": {"person_wanted": "off"}}
    else:
        (group,) = staff.groups(session, clinic)
        staff.unbind(session, group, NOW)
    talk.tap("join")
    for said in (words(talk.say(ASK)), words(talk.tap("human"))):
        assert "แจ้งทีมงาน" not in said
        assert "ทีมงานทราบแล้ว" not in said
        assert "ทีมงานอ่านแชตนี้อยู่" in said
        assert "โทร" not in said
    notice = only(session, StaffNotice)
    assert notice.state == ("skipped" if why == "off" else "open")  # a group that is bound within the week hears it
    assert talk.say(UNDERSTOOD).reply.silence == "left_to_people"
    branch = session.scalars(select(Branch).where(Branch.clinic_id == clinic.id)).one()
    branch.hours = {day: ["10:00-20:00"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    branch.phone = "02-123-4567"
    session.flush()
    assert "โทร 02-123-4567" in words(talk.tap("human"))
    talk.now = datetime(2026, 2, 3, 22, 0, tzinfo=ZoneInfo("Asia/Bangkok"))
    assert "4 ก.พ. 2569 เวลา 10:00" in words(talk.tap("human"))


@pytest.mark.parametrize("shown", [True, False])
def test_the_staff_read_who_and_what(session: Session, asked: Talk, shown: bool) -> None:
    clinic = asked.clinic
    clinic.own_settings = {"privacy": {"words_to_staff": shown}}
    part = kinds["person_wanted"].draw(session, clinic, language_of(clinic, None), only(session, StaffNotice))
    assert part is not None
    assert "ขอคุยกับทีมงาน" in part.said
    assert (ASK in part.said) is shown
    asked.row.customer.data_key = None  # type: ignore[union-attr]
    assert kinds["person_wanted"].draw(session, clinic, language_of(clinic, None), only(session, StaffNotice)) is None


@pytest.mark.parametrize("why", ["quota", "refused by LINE", "ride"])
def test_who_waits_for_the_next_answer_in_the_group_is_not_said_to_be_told(
    session: Session, talk: Talk, why: str
) -> None:
    clinic = talk.clinic
    meters.ask(session, clinic, NOW)
    session.flush()
    meter = session.get_one(LineMeter, clinic.id)
    if why == "quota":
        meter.month, meter.allowed, meter.used, meter.read_at = date(2026, 2, 1), 300, 300, NOW
    if why == "ride":
        clinic.own_settings = {"staff_notices": {"person_wanted": "ride"}}
    talk.tap("join")
    first = words(talk.say(ASK))
    notice = only(session, StaffNotice)
    if why == "refused by LINE":
        assert CALLED in first
        notice.reason, notice.push_at = "quota", NOW + timedelta(hours=4)
        session.flush()
    for said in (*(() if why == "refused by LINE" else (first,)), words(talk.tap("human"))):
        assert "แจ้งทีมงาน" not in said
        assert "ทีมงานทราบแล้ว" not in said
        assert "ทีมงานอาจเห็นช้ากว่าปกติ" in said
    notice.state = "sent"
    session.flush()
    assert "ทีมงานทราบแล้ว" in words(talk.tap("human"))
