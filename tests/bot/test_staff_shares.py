"""Sessions of a course are shared by staff in their group: by words, with a yes, told to both, taken back within ten
minutes while nothing was used."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from customers import cards, staff_acts
from customers.people import meet_on_line
from facts import courses
from facts.told import CourseTold, Person, Sale, SessionTold
from loyalty import points
from models.clinics import Clinic
from models.courses import Course
from models.customers import Customer, JourneyEvent, LineLink
from models.loyalty import Notification
from models.staff import StaffAct, StaffMember
from tests.bot.room import NID, PLOY, Room
from tests.bot.test_group_acts import actor
from tests.bot.test_group_till import allowed
from tests.fixtures.clinic import NOW


def member(session: Session, customer: Customer, name: str) -> str:
    customer.display_name = name
    points.create_loyalty_profile(session, customer, NOW)
    return cards.spaced(str(customer.member_number))


@pytest.fixture
def mali(session: Session, mali: LineLink) -> Customer:
    return mali.customer


@pytest.fixture
def two(session: Session, clinic: Clinic, mali: Customer) -> str:
    """The numbers of Mali and Ken."""
    ken = meet_on_line(session, clinic, "U" + "b" * 32, NOW).customer
    return f"{member(session, mali, 'Mali Srisuk')} {member(session, ken, 'Ken Tan')}"


def sells(session: Session, customer: Customer, id_: str = "C", sessions: int = 10) -> None:
    sale = Sale(Person(ours=customer.id), sessions, date(2026, 2, 1), name=f"Hydra {id_}")
    courses.told(session, customer.clinic, "standard", CourseTold(id_, 1, NOW, sale=sale), NOW)


def held(session: Session) -> list[tuple[int, int, int]]:
    """(bought, shared in, shared out) of each."""
    session.expire_all()
    rows = session.scalars(select(Course).order_by(Course.created_at, Course.id))
    return [(one.bought, one.shared_in, one.shared_out) for one in rows]


def news(session: Session, state: str = "open") -> list[str]:
    told = Notification.kind.like("%share%") | (Notification.kind == "course_received")
    return sorted(session.scalars(select(Notification.kind).where(told, Notification.state == state)))


def test_sessions_become_anothers_with_a_yes_and_both_are_told_once(
    session: Session, mali: Customer, two: str, bound: Room
) -> None:
    sells(session, mali)
    asked = bound.hears(f"แบ่งคอร์ส {two} 3")
    for part in ("Mali", "Ken", "Hydra C", "3 ครั้ง", "7 ครั้ง", "ทั้งสองคนจะได้รับแจ้ง"):
        assert part in asked
    assert held(session) == [(10, 0, 0)]
    assert "เป็นของ Ken" in bound.hears("ยืนยัน")
    code = session.scalars(select(StaffAct.code).where(StaffAct.kind == "share")).one()
    assert "บันทึกไปแล้ว" in bound.hears(f"ยืนยัน {code}")
    assert held(session) == [(10, 0, 3), (3, 3, 0)]
    assert news(session) == ["course_received", "course_shared"]
    types = ("course_shared", "course_received")
    told = session.scalars(select(JourneyEvent).where(JourneyEvent.type.in_(types))).all()
    assert [one.data["by"] for one in told] == [actor(session, PLOY)] * 2


def test_what_is_missing_is_asked_by_buttons_that_say_it(
    session: Session, mali: Customer, two: str, bound: Room
) -> None:
    sells(session, mali)
    for id_ in "DEF":
        sells(session, mali, id_, 9)
    which = bound.buttons(f"share course {two}")
    assert len(which) == 3, "as many as a card has; the fourth is typed"
    many = bound.buttons(which[1])
    assert len(many) == 3
    asked = bound.hears(many[1])
    assert "2 ครั้ง" in asked
    assert "Hydra D" in asked
    assert "Hydra F" in bound.hears(f"share course {two} 4 9")


@pytest.mark.parametrize(("said", "why"), [(" 11", "เหลือไม่ถึง"), (" 0", "เหลือไม่ถึง"), (" 1 2 3", "ค้นหา")])
def test_what_cannot_be_shared_is_refused(
    session: Session, mali: Customer, two: str, bound: Room, said: str, why: str
) -> None:
    sells(session, mali)
    assert why in bound.hears(f"แบ่งคอร์ส {two}{said}")
    assert held(session) == [(10, 0, 0)]


def test_talk_is_talk_and_who_has_no_course_is_said_so(session: Session, two: str, bound: Room) -> None:
    assert bound.hears("แบ่งคอร์สกันดีไหม") == "group_talk"
    assert "ไม่มีคอร์สที่เหลือ" in bound.hears(f"แบ่งคอร์ส {two} 1")


def test_ones_own_course_takes_another_members_yes(
    session: Session, clinic: Clinic, mali: Customer, bound: Room
) -> None:
    own = meet_on_line(session, clinic, PLOY, NOW).customer
    numbers = f"{member(session, mali, 'Mali Srisuk')} {member(session, own, 'Ploy')}"
    sells(session, mali)
    bound.write(f"แบ่งคอร์ส {numbers} 3")
    bound.write("ยืนยัน")
    assert held(session) == [(10, 0, 0)]
    allowed(session, bound, NID)
    code = session.scalars(select(StaffAct.code).where(StaffAct.kind == "share")).one()
    bound.of(NID).write(f"ยืนยัน {code}")
    assert held(session) == [(10, 0, 3), (3, 3, 0)]


@pytest.mark.parametrize("heard", [True, False])
def test_it_is_taken_back_within_ten_minutes_and_who_was_told_hears_one_line(
    session: Session, mali: Customer, two: str, bound: Room, heard: bool
) -> None:
    sells(session, mali)
    bound.write(f"แบ่งคอร์ส {two} 3")
    bound.write("ยืนยัน")
    if heard:
        session.execute(update(Notification).values(state="sent"))
    assert "กลับเป็นของ Mali" in bound.hears("undo")
    assert held(session) == [(10, 0, 0), (0, 0, 0)]
    assert news(session) == (["share_undone"] * 2 if heard else [])


@pytest.mark.parametrize("late", [True, False])
def test_what_was_used_since_or_long_ago_stays(
    session: Session, mali: Customer, two: str, bound: Room, late: bool
) -> None:
    sells(session, mali)
    bound.write(f"แบ่งคอร์ส {two} 3")
    bound.write("ยืนยัน")
    theirs = session.scalars(select(Course).where(Course.from_id.is_not(None))).one()
    code = session.scalars(select(StaffAct.code).where(StaffAct.kind == "share")).one()
    if late:
        bound.talk.now = NOW + timedelta(minutes=11)
    else:
        used = CourseTold(theirs.external_id, 2, NOW, session=SessionTold("1", "used", NOW))
        courses.told(session, mali.clinic, "standard", used, NOW)
    assert ("เกิน 10 นาที" if late else "ยกเลิกที่นี่ไม่ได้") in bound.hears(f"undo {code}")
    assert held(session) == [(10, 0, 3), (3, 3, 0)]


def test_who_has_no_number_is_meant_by_the_code_of_a_search(
    session: Session, clinic: Clinic, mali: Customer, two: str, bound: Room
) -> None:
    sells(session, mali)
    nok = meet_on_line(session, clinic, "U" + "f" * 32, NOW).customer
    nok.display_name = "Nok Dee"
    session.flush()
    found = staff_acts.note(session, session.scalars(select(StaffMember)).one(), "find", "done", NOW, customer=nok)
    asked = bound.hears(f"แบ่งคอร์ส {two[:11]} {found.code} 3")
    assert "Nok" in asked
    bound.write("ยืนยัน")
    assert session.scalars(select(Course.customer_id).where(Course.from_id.is_not(None))).all() == [nok.id]
