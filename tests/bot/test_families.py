"""Two customers with one phone or e-mail: staff say once whether they are the same person, or a family."""

import re
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from customers import abroad, cards, families
from customers.people import meet_on_line
from facts.merged import merge
from facts.paid import paid
from loyalty import points
from models.clinics import Clinic
from models.customers import Customer, JourneyEvent, LineLink
from models.facts import Payment
from models.shared_contacts import SharedContact
from models.staff_notices import StaffNotice
from tests.bot.room import NID, PLOY, Room
from tests.bot.test_group_till import allowed
from tests.fixtures.clinic import NOW, make_clinic

PHONE, EMAIL = "0812345678", "family@example.com"


def told(session: Session, clinic: Clinic, name: str, phone: str = PHONE, email: str | None = None) -> Customer:
    """As Cal.com tells of somebody: without an id of its own."""
    read = abroad.told("calcom", None, name, phone, email)
    assert read is not None
    found = abroad.met(session, clinic, read, NOW)
    session.flush()
    return found


def asked(session: Session) -> list[tuple[str, str | None]]:
    session.expire_all()
    return [(one.state, one.decided_by) for one in session.scalars(select(SharedContact).order_by(SharedContact.id))]


def code(session: Session) -> str:
    return families.short_of(session.scalars(select(SharedContact)).one())


@pytest.fixture
def two(session: Session, clinic: Clinic) -> tuple[Customer, Customer]:
    return told(session, clinic, "Mali Srisuk"), told(session, clinic, "Ploy Srisuk")


def test_staff_are_asked_once_and_shown_first_names(
    session: Session, two: tuple[Customer, Customer], bound: Room
) -> None:
    said = bound.hears("วันนี้")
    assert "Mali กับ Ploy เป็นคนเดียวกัน" in said
    assert "Srisuk" not in said and "2345" not in said
    told(session, two[0].clinic, "Ploy Srisuk")
    assert "Ploy" not in bound.hears("วันนี้")
    assert len(asked(session)) == 1


def test_a_family_stays_two_and_is_never_asked_about_again(
    session: Session, two: tuple[Customer, Customer], bound: Room
) -> None:
    bound.write("วันนี้")
    assert "คนละคน" in bound.hears(f"ครอบครัว {code(session)}")
    ((state, by),) = asked(session)
    assert state == "family" and by is not None and by.startswith("staff:")
    for one in two:
        families.told(session, one, "email", EMAIL, source="square", now=NOW)
    assert len(asked(session)) == 1
    assert [one.merged_into for one in two] == [None, None]
    journey = session.scalars(select(JourneyEvent).where(JourneyEvent.type == "family")).all()
    assert {one.customer_id for one in journey} == {one.id for one in two}
    assert {one.data.get("by") for one in journey} == {by}
    assert "ไม่มีลูกค้า" in bound.hears("คนเดียวกันหรือครอบครัว")


def test_also_when_one_of_them_becomes_another_record(
    session: Session, two: tuple[Customer, Customer], bound: Room
) -> None:
    bound.write(f"ครอบครัว {code(session)}")
    mali, ploy = two
    link = meet_on_line(session, mali.clinic, "U" + "7" * 32, NOW)
    session.flush()
    merge(session, mali, link.customer, NOW, actor="staff")
    families.told(session, ploy, "email", EMAIL, source="square", now=NOW)
    families.told(session, link.customer, "email", EMAIL, source="square", now=NOW)
    assert len(asked(session)) == 1


def test_the_same_person_is_asked_once_more_and_made_one(
    session: Session, two: tuple[Customer, Customer], bound: Room
) -> None:
    mali, ploy = two
    paid(session, ploy, source="till", external_id="1", amount=Decimal(900), paid_at=NOW, service_code=None, now=NOW)
    question = bound.hears(f"คนเดียวกัน {code(session)}")
    assert "รวมข้อมูลของ Ploy กับ Mali" in question and "฿900" in question and "ภายใน 30 วัน" in question
    assert ploy.merged_into is None
    bound.write("ยืนยัน")
    session.expire_all()
    assert ploy.merged_into == mali.id
    assert session.scalars(select(Payment.customer_id)).all() == [mali.id]
    ((state, by),) = asked(session)
    assert state == "same" and by is not None and by.startswith("staff:")
    tied = session.scalars(select(JourneyEvent).where(JourneyEvent.type == "tied")).one()
    assert (tied.customer_id, tied.data.get("by")) == (mali.id, by)


def test_who_is_a_friend_in_line_goes_on_and_two_friends_speak_for_themselves(
    session: Session, two: tuple[Customer, Customer], mali: LineLink, bound: Room
) -> None:
    first, second = two
    first_friend = mali.customer
    families.told(session, first_friend, "phone", PHONE, source="till", now=NOW)
    about = next(
        one
        for one in session.scalars(select(SharedContact))
        if {one.first_id, one.second_id} == {first_friend.id, second.id}
    )
    bound.write(f"คนเดียวกัน {families.short_of(about)}")
    bound.write("ยืนยัน")
    session.expire_all()
    assert (second.merged_into, first.merged_into) == (first_friend.id, None)
    another = meet_on_line(session, first.clinic, "U" + "7" * 32, NOW).customer
    session.flush()
    families.told(session, another, "phone", PHONE, source="till", now=NOW)
    both = next(
        one
        for one in session.scalars(select(SharedContact))
        if {one.first_id, one.second_id} == {first_friend.id, another.id}
    )
    assert "เป็นเพื่อนใน LINE" in bound.hears(f"คนเดียวกัน {families.short_of(both)}")
    session.expire_all()
    assert another.merged_into is None


def test_a_member_who_is_one_of_them_needs_another(
    session: Session, two: tuple[Customer, Customer], bound: Room
) -> None:
    """Ploy of the staff is a customer too."""
    mine = meet_on_line(session, two[0].clinic, PLOY, NOW).customer
    session.flush()
    families.told(session, mine, "phone", PHONE, source="till", now=NOW)
    about = next(one for one in session.scalars(select(SharedContact)) if mine.id in (one.first_id, one.second_id))
    bound.write(f"คนเดียวกัน {families.short_of(about)}")
    bound.write("ยืนยัน")
    session.expire_all()
    assert [one.merged_into for one in two] == [None, None]
    allowed(session, bound, NID)
    act = re.search(r"ยืนยัน ([0-9A-Z]{4})", bound.hears(f"คนเดียวกัน {families.short_of(about)}"))
    assert act is not None
    bound.of(NID).write(act[0])
    session.expire_all()
    assert mine.id in [one.merged_into for one in two]


def test_later_is_listed_and_told_no_more(session: Session, two: tuple[Customer, Customer], bound: Room) -> None:
    assert "พักไว้ก่อน" in bound.hears(f"ไว้ตัดสินทีหลัง {code(session)}")
    assert "เป็นคนเดียวกัน" not in bound.hears("วันนี้")
    assert "Mali กับ Ploy" in bound.hears("คนเดียวกันหรือครอบครัว")
    assert "คนละคน" in bound.hears(f"ครอบครัว {code(session)}")
    assert asked(session)[0][0] == "family"


def test_a_merge_by_another_way_ends_the_question(
    session: Session, two: tuple[Customer, Customer], bound: Room
) -> None:
    merge(session, two[1], two[0], NOW, actor="staff")
    assert asked(session) == [("same", "staff")]
    assert "Ploy" not in bound.hears("วันนี้")


def test_a_contact_of_many_says_nothing_of_a_family(session: Session, clinic: Clinic) -> None:
    for at in range(families.MOST + 2):
        told(session, clinic, f"Person {at}")
    most = families.MOST * (families.MOST - 1) // 2
    assert len(asked(session)) == most


def test_talk_that_begins_alike_is_talk(two: tuple[Customer, Customer], bound: Room) -> None:
    assert two[0].merged_into is None
    assert "Mali" in bound.hears("วันนี้")  # what waited has been told
    assert bound.hears("ครอบครัวมาด้วยนะ") == "group_talk"


def test_another_clinics_contacts_are_another_clinics(session: Session, clinic: Clinic) -> None:
    told(session, clinic, "Mali Srisuk")
    told(session, make_clinic(session, "siam", "Siam"), "Ploy Srisuk")
    assert asked(session) == []
    assert session.scalars(select(StaffNotice)).all() == []


PEOPLE = [("Mali", PHONE, None), ("Ploy", PHONE, EMAIL), ("Nok", "0899999999", EMAIL), ("Mali", "0899999999", None)]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations([*PEOPLE, *PEOPLE]))
def test_in_any_order_the_same_pairs_are_asked_about_once(
    session: Session, clinic: Clinic, order: list[tuple[str, str, str | None]]
) -> None:
    before = session.begin_nested()
    met = {one: told(session, clinic, *one).id for one in order}
    names = {id_: one for one, id_ in met.items()}
    pairs = sorted(
        sorted((str(names[one.first_id]), str(names[one.second_id]))) for one in session.scalars(select(SharedContact))
    )
    before.rollback()
    session.expire_all()
    assert pairs == sorted(sorted((str(PEOPLE[one]), str(PEOPLE[other]))) for one, other in ((0, 1), (1, 2), (2, 3)))


def test_a_family_ends_a_same_person_that_waits_for_its_yes(
    session: Session, two: tuple[Customer, Customer], bound: Room
) -> None:
    allowed(session, bound, NID)
    somsak, short = bound.of(NID), code(session)
    bound.write("วันนี้")  # what waited has been told
    yes, _no = bound.buttons(f"คนเดียวกัน {short}")
    assert "คนละคน" in somsak.hears(f"ครอบครัว {short}")
    for words in ("ยืนยัน", yes):
        assert "เพื่อนร่วมงาน แจ้งไว้ว่าสองคนนี้เป็นครอบครัว" in bound.hears(words)
    session.expire_all()
    assert [one.merged_into for one in two] == [None, None]
    assert asked(session)[0][0] == "family"
    assert "ผู้จัดการ" in somsak.hears(f"คนเดียวกัน {short}")
    assert asked(session)[0][0] == "family"


def test_a_yes_ends_the_question_and_a_family_comes_too_late(
    session: Session, two: tuple[Customer, Customer], bound: Room
) -> None:
    short = code(session)
    bound.write(f"คนเดียวกัน {short}")
    bound.write("ยืนยัน")
    assert "คนละคน" not in bound.hears(f"ครอบครัว {short}")
    session.expire_all()
    assert two[1].merged_into == two[0].id
    assert asked(session)[0][0] == "same"
    assert session.scalars(select(JourneyEvent).where(JourneyEvent.type == "family")).all() == []


@pytest.mark.parametrize("by", ["code", "phone", "number"])
def test_a_family_said_by_mistake_is_made_one_by_a_manager_with_a_yes(
    session: Session, two: tuple[Customer, Customer], bound: Room, by: str
) -> None:
    mali, ploy = two
    points.create_loyalty_profile(session, mali, NOW)
    short = code(session)
    said = bound.hears(f"ครอบครัว {short}")
    assert f"คนเดียวกัน {short}" in said, "the way back is said"
    allowed(session, bound, NID)
    name = {"code": short, "phone": PHONE, "number": cards.spaced(str(mali.member_number))}[by]
    assert "ผู้จัดการ" in bound.of(NID).hears(f"คนเดียวกัน {name}")
    assert [state for state, _ in asked(session)] == ["family"]
    assert "รวมข้อมูลของ Ploy กับ Mali" in bound.hears(f"same person {name}")
    assert [state for state, _ in asked(session)] == ["later"]
    bound.write("ยืนยัน")
    session.expire_all()
    assert ploy.merged_into == mali.id
    assert [state for state, _ in asked(session)] == ["same"]


def test_a_mistaken_family_that_is_not_made_one_waits_to_be_decided_anew(
    session: Session, two: tuple[Customer, Customer], bound: Room
) -> None:
    short = code(session)
    bound.write(f"ครอบครัว {short}")
    _yes, no = bound.buttons(f"คนเดียวกัน {short}")
    bound.write(no)
    assert short in bound.hears("คนเดียวกันหรือครอบครัว") or "Mali" in bound.hears("คนเดียวกันหรือครอบครัว")
    assert "คนละคน" in bound.hears(f"ครอบครัว {short}")
    assert [one.merged_into for one in two] == [None, None]


def test_two_who_were_taken_apart_are_made_one_by_a_manager_only(
    session: Session, two: tuple[Customer, Customer], bound: Room
) -> None:
    mali, ploy = two
    families.taken_apart(session, mali, ploy, NOW, actor="staff:x")
    allowed(session, bound, NID)
    assert "ผู้จัดการ" in bound.of(NID).hears(f"คนเดียวกัน {PHONE}")
    _yes, no = bound.buttons(f"คนเดียวกัน {PHONE}")
    bound.write(no)
    assert families.are_apart(session, mali, ploy), "until they are one"
    bound.write(bound.buttons(f"คนเดียวกัน {PHONE}")[0])
    session.expire_all()
    assert ploy.merged_into == mali.id
    assert not families.are_apart(session, mali, ploy)


def test_who_is_not_in_line_is_told_nothing_of_being_two_again(
    session: Session, two: tuple[Customer, Customer], bound: Room
) -> None:
    merge(session, two[1], two[0], NOW, actor="staff")
    asked_ = bound.hears(f"unlink {PHONE}")
    assert "แยก" in asked_ and "LINE" not in asked_


def test_who_shares_nothing_is_said_so_and_the_bare_word_is_asked_how(
    session: Session, two: tuple[Customer, Customer], bound: Room
) -> None:
    assert "ไม่มีเรื่องที่ถามไว้" in bound.hears("คนเดียวกัน 0899999999")
    assert "M 4829 1375" in bound.hears("คนเดียวกัน")
