"""Words about health: no program answers them, the staff are told, and who may need help now learns whom to call."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cards.staff_notices import kinds
from bot.routes import Table
from channels.line.render import wire
from customers import staff
from customers.voice import language_of
from facts.visited import visited
from models.access import StaffGroup
from models.branches import Branch
from models.customers import Customer
from models.facts import Review
from models.loyalty import LoyaltyProfile
from models.staff_notices import StaffNotice
from tests.bot.room import GROUP
from tests.bot.test_conversation import only, words
from tests.fixtures.clinic import NOW, Talk

ASKED = "เพิ่งฉีดฟิลเลอร์มา กินยาแก้ปวดได้ไหมคะ"
URGENT = "หลังฉีดฟิลเลอร์ปากบวมมาก หายใจไม่ออก"
STORY = "เมื่อวานไปฉีดฟิลเลอร์ที่คลินิกมาค่ะ กลับบ้านก็ปกติดี แต่ตื่นเช้ามาวันนี้ปากบวมมาก แล้วก็เริ่มมองไม่ชัด อยากให้คุณหมอช่วยดูให้หน่อยค่ะ"
HOURS = {day: ["10:00-20:00"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}


@pytest.fixture
def member(session: Session, talk: Talk) -> Talk:
    """A member of a clinic whose branch has said its phone and hours."""
    branch = session.scalars(select(Branch).where(Branch.clinic_id == talk.clinic.id)).one()
    branch.hours, branch.phone = HOURS, "02-123-4567"
    talk.tap("join")
    return talk


def notices(session: Session) -> list[tuple[str, str]]:
    return [(one.kind, one.state) for one in session.scalars(select(StaffNotice).order_by(StaffNotice.id))]


@pytest.mark.parametrize(
    ("text", "health"),
    [
        ("ทำเลเซอร์แล้วเจ็บไหมคะ", "asked"),
        ("ฉีดโบแล้วกี่วันหายบวม", "asked"),
        ("ท้องอยู่ทำได้ไหมคะ", "asked"),
        ("can i drink alcohol after botox", "asked"),
        ("ขอดูแต้ม และ แพ้ยาชาทำเลเซอร์ได้ไหม", "asked"),
        ("does it hurt?", "asked"),
        ("หน้าบวมมากเลยค่ะ ทำยังไงดี", "urgent"),
        ("หายใจไม่ออกค่ะ", "urgent"),
        ("ปวดมากทนไม่ไหวแล้ว", "urgent"),
        ("i cant breathe", "urgent"),
        ("my lips are swollen and it's getting worse", "urgent"),
        ("I have a fever of 39 and bleeding", "urgent"),
        ("the wound looks infected, there is pus", "urgent"),
        ("ไข้ขึ้น 40 องศา ทำยังไงดี", "urgent"),
        ("is it normal to have a little fever", "asked"),
        (STORY, "urgent"),
        ("แต้มเหลือเท่าไหร่", ""),
        ("ข้อมูลของฉันปลอดภัยไหม", ""),
        ("ทำไมตอบช้าจัง", ""),
        ("ไม่แพ้ค่ะ", ""),  # what one has not is no question
        ("no swelling, thanks", ""),
        ("ไม่ปวดแล้วค่ะ", ""),
        ("it doesn't hurt at all", ""),
        ("ไม่บวมแต่คันมากค่ะ", "asked"),
        ("ไม่หายบวมเลยค่ะ", "asked"),
        ("ทำแล้วไม่เจ็บใช่ไหมคะ", "asked"),
        ("ไม่ปวดแต่หายใจไม่ออก", "urgent"),
        ("are you open on sun?", ""),
    ],
)  # fmt: skip
def test_what_is_about_health(table: Table, text: str, health: str) -> None:
    found = table.understand(text)
    assert found.health == health, found
    assert not (found.health and found.subjects)


def test_a_question_is_left_to_the_doctors_and_told(session: Session, member: Talk) -> None:
    said = words(member.say(ASKED))
    assert "ทีมแพทย์ของเราจะเป็นผู้ตอบ" in said
    assert "02-123-4567" in said
    assert "1669" not in said
    notice = only(session, StaffNotice)
    assert (notice.kind, notice.state, notice.push_at) == ("medical", "open", NOW)


@pytest.fixture
def group(session: Session, talk: Talk) -> StaffGroup:
    """Of the staff."""
    found = staff.bind(session, talk.clinic, staff.make_code(session, talk.clinic, NOW), GROUP, NOW)
    assert found is not None
    return found


@pytest.mark.parametrize("heard", [True, False])
def test_it_is_said_to_be_passed_on_where_somebody_hears_of_it(
    session: Session, group: StaffGroup, member: Talk, heard: bool
) -> None:
    if not heard:
        staff.unbind(session, group, NOW)
    member.say(ASKED)
    again = words(member.say("แล้วแต่งหน้าได้ไหมคะ หลังทำ"))
    assert ("ส่งให้ทีมแพทย์แล้ว" in again, "บันทึกไว้ให้ทีมแพทย์แล้ว" in again) == (heard, not heard)


@pytest.mark.usefixtures("group")
def test_more_questions_are_told_in_the_next_answer_and_not_talked_over(session: Session, member: Talk) -> None:
    member.say(ASKED)
    member.now = NOW + timedelta(hours=1)
    again = member.say("แล้วแต่งหน้าได้ไหมคะ หลังทำ")
    assert "ส่งให้ทีมแพทย์แล้ว" in words(again)
    assert "02-123-4567" not in words(again)
    assert member.say("แล้วล้างหน้าได้ไหมคะ หลังทำ").reply.silence == "left_to_people"
    first, *more = session.scalars(select(StaffNotice).order_by(StaffNotice.id)).all()
    assert first.push_at == NOW
    assert len(more) == 2
    assert all(one.push_at > member.now for one in more)
    assert member.say("แต้มจะหมดอายุเมื่อไหร่คะ").reply.messages
    member.now = NOW + timedelta(hours=6)
    assert "ทีมแพทย์ของเราจะเป็นผู้ตอบ" in words(member.say(ASKED))


def test_who_may_need_help_now_learns_whom_to_call(session: Session, member: Talk) -> None:
    outcome = member.say(URGENT)
    said = words(outcome)
    assert "โปรดโทร 1669" in said
    assert "02-123-4567" in said
    assert "รอ" not in said
    opened = json.dumps(wire(outcome.reply))
    assert opened.index('"tel:1669"') < opened.index('"tel:+6621234567"')
    notice = only(session, StaffNotice)
    assert (notice.kind, notice.push_at) == ("emergency", NOW)
    assert kinds["emergency"].urgent


def test_what_may_be_urgent_is_answered_every_time_also_while_people_answer(session: Session, member: Talk) -> None:
    member.say("ขอคุยกับแอดมิน")
    assert member.say(ASKED).reply.silence == "left_to_people"
    assert "1669" in words(member.say(URGENT))
    assert "1669" in words(member.say(URGENT))
    assert [kind for kind, _ in notices(session)] == ["person_wanted", "medical", "emergency", "emergency"]
    member.now = NOW + timedelta(minutes=2)
    member.say("ปวดมากค่ะ")
    called = session.scalars(select(StaffNotice.push_at).where(StaffNotice.kind == "emergency")).all()
    assert sorted(called) == [NOW, NOW, member.now]  # each is pushed: none waits for an answer that takes it along


def open_stars(session: Session, member: Talk) -> None:
    visit = visited(
        session, only(session, Customer), source="till", external_id="v", visited_at=NOW, service_code=None, now=NOW
    )
    member.tap("rate", visit=visit.id, stars=2)


@pytest.mark.parametrize(
    "ask",
    [
        open_stars,
        lambda _, member: member.say("แก้ไขข้อมูล"),
        lambda _, member: member.say("วันเกิด"),
        lambda _, member: member.say("ลบข้อมูล"),
        lambda _, member: member.say("ผูกข้อมูล"),
    ],
    ids=["stars", "correction", "birthday", "erasure", "one-time"],
)
def test_what_may_be_urgent_is_no_answer_to_an_open_question(
    session: Session, member: Talk, ask: Callable[[Session, Talk], object]
) -> None:
    ask(session, member)
    assert "1669" in words(member.say(URGENT))
    assert notices(session)[-1][0] == "emergency"
    assert all(one.comment is None for one in session.scalars(select(Review)))


def test_words_of_health_in_an_answer_are_told_and_stay_the_answer(session: Session, member: Talk) -> None:
    open_stars(session, member)
    assert "เก็บความเห็นของคุณไว้แล้ว" in words(member.say("พนักงานดีค่ะ แต่บวมนานไหมคะ"))
    assert only(session, Review).comment == "พนักงานดีค่ะ แต่บวมนานไหมคะ"
    assert "medical" in [kind for kind, _ in notices(session)]


def test_what_may_be_urgent_is_heard_beside_a_code(session: Session, member: Talk) -> None:
    code = only(session, LoyaltyProfile).referral_code
    assert "1669" in words(member.say(f"{URGENT} {code}"))
    assert notices(session)[-1][0] == "emergency"


def test_at_night_it_says_that_nobody_may_read_this(session: Session, member: Talk) -> None:
    member.now = datetime(2026, 2, 3, 22, 0, tzinfo=ZoneInfo("Asia/Bangkok"))
    assert "ก่อนวันที่ 4 ก.พ. 2569 เวลา 10:00 อาจไม่มีใครอ่านแชตนี้" in words(member.say(URGENT))
    assert "4 ก.พ. 2569 เวลา 10:00" in words(member.say(ASKED))


def test_a_clinic_without_a_phone_names_the_emergency_number_alone(session: Session, member: Talk) -> None:
    session.scalars(select(Branch).where(Branch.clinic_id == member.clinic.id)).one().phone = None
    said = words(member.say(URGENT))
    assert "1669" in said
    assert "โทรหาเรา" not in said


@pytest.mark.parametrize("mode", ["ride", "off"])
def test_the_clinic_chooses_how_questions_are_told_and_nobody_what_is_urgent(
    session: Session, member: Talk, mode: str
) -> None:
    member.clinic.own_settings = {"staff_notices": {"medical": mode}}
    member.say(ASKED)
    member.say(URGENT)
    asked, urgent = session.scalars(select(StaffNotice).order_by(StaffNotice.id)).all()
    assert (asked.state, urgent.state) == ("skipped" if mode == "off" else "open", "open")
    assert (asked.push_at > NOW) is (mode == "ride")
    assert urgent.push_at == NOW


@pytest.mark.parametrize("shown", [True, False])
@pytest.mark.parametrize(("text", "kind"), [(ASKED, "medical"), (URGENT, "emergency")])
def test_the_staff_read_who_and_what_as_the_clinic_has_chosen(
    session: Session, member: Talk, text: str, kind: str, shown: bool
) -> None:
    member.say(text)
    member.clinic.own_settings = {"privacy": {"words_to_staff": shown}}
    t = language_of(member.clinic, None)
    part = kinds[kind].draw(session, member.clinic, t, only(session, StaffNotice))
    assert part is not None
    assert (text in part.said) is shown
    assert ("ด่วน" in part.said) is (kind == "emergency")


@pytest.mark.parametrize(
    "ask",
    [open_stars, lambda _, member: member.say("แก้ไขข้อมูล"), lambda _, member: member.say("วันเกิด")],
    ids=["stars", "correction", "birthday"],
)
def test_who_wants_no_more_offers_is_heard_before_what_was_asked(
    session: Session, member: Talk, ask: Callable[[Session, Talk], object]
) -> None:
    ask(session, member)
    assert "เราจะไม่ส่งข้อเสนอ" in words(member.say("ไม่ต้องส่งข้อความโปรโมชั่นมาอีก"))
    assert all(one.comment is None for one in session.scalars(select(Review)))
