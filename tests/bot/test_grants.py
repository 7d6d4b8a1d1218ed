"""What one customer may for another: by a code in the chat, by staff with the reason, ended by either or by its day."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.routes import Table
from customers import grants
from customers.grants import GrantRefused
from facts import granted
from facts.merged import merge
from loyalty import points
from models.clinics import Clinic
from models.customers import Customer, JourneyEvent
from models.grants import Grant
from models.loyalty import Notification
from models.one_time import OneTimeCode
from runtime.work import Batch
from tests.bot.room import Room
from tests.bot.test_one_time_codes import code_in, me, record, said
from tests.fixtures.clinic import NOW, Talk, make_clinic

BORN_20 = date(2031, 5, 4)
Person = tuple[Talk, Customer]


@pytest.fixture
def somebody(session: Session, clinic: Clinic, table: Table) -> Callable[[str, str], Person]:
    def make(letter: str, name: str) -> Person:
        talk = Talk(session, clinic, table, "U" + letter * 32)
        customer = me(session, talk)
        customer.display_name = name
        session.flush()
        return talk, customer

    return make


@pytest.fixture
def mali(somebody: Callable[[str, str], Person]) -> Person:
    return somebody("1", "Mali Srisuk")


@pytest.fixture
def ken(somebody: Callable[[str, str], Person]) -> Person:
    return somebody("2", "Ken Tanaka")


def shown(talk: Talk, name: str, **args: object) -> str:
    return " ".join(str(one) for one in talk.tap(name, **args).reply.messages)


def given(owner: Talk, holder: Talk, session: Session, what: str = "reminders") -> str:
    code = code_in(shown(owner, "grant_code", what=what))
    question = said(holder, code)
    row = session.scalars(select(OneTimeCode).where(OneTimeCode.state == "entered")).one()
    holder.tap("grant", code=row.id, answer="yes")
    session.expire_all()
    return question


def told(session: Session) -> list[tuple[str, str, str]]:
    found = session.scalars(select(Notification).where(Notification.kind.like("grant%")).order_by(Notification.id))
    return [(one.kind, one.data["side"], str(one.customer_id)) for one in found]


def test_a_code_lets_who_types_it_and_nobody_else_and_nothing_else(
    session: Session, mali: Person, ken: Person, somebody: Callable[[str, str], Person]
) -> None:
    (owner, her), (holder, him) = mali, ken
    assert not grants.may(session, her, him, "reminders", NOW)
    question = given(owner, holder, session)
    assert "Mali" in question and "Srisuk" not in question
    other = somebody("3", "Nok")[1]
    standing = {
        (who.id, what): grants.may(session, whom, who, what, NOW)
        for whom, who in ((her, him), (her, other), (him, her))
        for what in grants.WHAT
    }
    assert {key for key, may in standing.items() if may} == {(him.id, "reminders")}
    assert grants.holders(session, her, "reminders", NOW) == [him]
    assert all(grants.may(session, her, her, what, NOW) for what in grants.WHAT)
    assert told(session) == [("grant_given", "owner", str(her.id))]
    journey = session.scalars(select(JourneyEvent).where(JourneyEvent.type == "grant_given")).all()
    assert {one.customer_id for one in journey} == {her.id, him.id}


def test_a_no_gives_nothing_and_the_first_answer_holds(session: Session, mali: Person, ken: Person) -> None:
    (owner, her), (holder, him) = mali, ken
    said(holder, code_in(shown(owner, "grant_code", what="billing")))
    row = session.scalars(select(OneTimeCode).where(OneTimeCode.state == "entered")).one()
    for answer in ("no", "yes"):
        holder.tap("grant", code=row.id, answer=answer)
    assert not grants.may(session, her, him, "billing", NOW)
    assert session.scalars(select(Grant)).all() == []


def test_ones_own_code_is_nothing(session: Session, mali: Person) -> None:
    owner, her = mali
    said(owner, code_in(shown(owner, "grant_code", what="billing")))
    assert session.scalars(select(OneTimeCode).where(OneTimeCode.state == "entered")).all() == []
    with pytest.raises(GrantRefused) as refused:
        granted.give(session, her, her, "billing", NOW, by="customer")
    assert refused.value.code == "same_person"


@pytest.mark.parametrize("side", [0, 1])
def test_either_sees_it_and_ends_it_and_the_other_hears(
    session: Session, mali: Person, ken: Person, side: int, somebody: Callable[[str, str], Person]
) -> None:
    given(mali[0], ken[0], session)
    grant = session.scalars(select(Grant)).one()
    for talk, name in ((mali[0], "Ken แทนคุณ"), (ken[0], "คุณแทน Mali")):
        assert name in shown(talk, "notice")
        assert name in shown(talk, "grants")
    stranger = somebody("3", "Nok")[0]
    assert "Mali" not in shown(stranger, "grants")
    stranger.tap("end_grant", grant=grant.id)
    session.expire_all()
    assert grants.may(session, mali[1], ken[1], "reminders", NOW)
    who, other = ((mali, ken), (ken, mali))[side]
    for _ in range(2):
        who[0].tap("end_grant", grant=grant.id)
    session.expire_all()
    assert not grants.may(session, mali[1], ken[1], "reminders", NOW)
    assert grant.ended_why == ("owner", "holder")[side]
    assert told(session)[1:] == [("grant_ended", ("holder", "owner")[side], str(other[1].id))]
    shown(mali[0], "grants")  # the news has ridden
    assert "Ken" not in shown(mali[0], "grants")


def found(bound: Room, words: str) -> str:
    """The code that finding somebody gives."""
    (says,) = bound.buttons(f"ค้นหา {words}")
    return says.split()[-1]


def test_staff_give_it_for_a_child_until_the_20th_birthday(
    session: Session, clinic: Clinic, ken: Person, bound: Room
) -> None:
    child = record(session, clinic, "Ploy Tanaka", "1")
    points.create_loyalty_profile(session, ken[1], NOW)
    session.flush()
    number = ken[1].member_number
    code = found(bound, "Ploy")
    assert "ครบอายุ 20" in bound.hears(f"มอบสิทธิ์ {code} {number} ผู้ปกครอง")
    assert "ยี่สิบปี" in bound.hears(f"มอบสิทธิ์ {code} {number} ผู้ปกครอง 2600-05-04")
    assert session.scalars(select(Grant)).all() == []
    answer = bound.hears(f"มอบสิทธิ์ {code} {number} ผู้ปกครอง 2574-05-04")
    assert "Ken รับสิทธิ์นี้แทน Ploy" in answer
    session.expire_all()
    made = session.scalars(select(Grant)).all()
    assert {(one.owner_id, one.holder_id, one.what, one.reason, one.until) for one in made} == {
        (child.id, ken[1].id, what, "parent_of_minor", BORN_20) for what in grants.WHAT
    }
    assert all(one.given_by.startswith("staff:") for one in made)
    bound.write(f"มอบสิทธิ์ {code} {number} ผู้ปกครอง 2574-05-04 เตือน")
    assert len(session.scalars(select(Grant)).all()) == 3
    assert {side for _, side, _ in told(session)} == {"owner", "holder"}
    listed = bound.hears(f"มอบสิทธิ์ {code}")
    end = re.search(rf"เลิกสิทธิ์ {code} [0-9A-F]{{6}}", listed)
    assert end is not None
    bound.talk.now = NOW + timedelta(hours=2)
    bound.write(end[0])
    session.expire_all()
    assert len([one for one in made if one.ended_at is not None]) == 1


def test_who_is_a_friend_in_line_gives_it_themselves(session: Session, mali: Person, ken: Person, bound: Room) -> None:
    for _, one in (mali, ken):
        points.create_loyalty_profile(session, one, NOW)
    session.flush()
    said_ = bound.hears(f"มอบสิทธิ์ {mali[1].member_number} {ken[1].member_number} หนังสือมอบอำนาจ")
    assert "ให้สิทธิ์เองใน LINE" in said_
    assert session.scalars(select(Grant)).all() == []


def test_a_minors_ends_by_itself_on_its_day_and_once(session: Session, clinic: Clinic, ken: Person) -> None:
    child = record(session, clinic, "Ploy Tanaka", "1")
    granted.give(session, child, ken[1], "bookings", NOW, by="api:1", reason="parent_of_minor", until=BORN_20)
    local_eve = NOW.replace(year=2031, month=5, day=3, hour=16, minute=59)
    assert grants.may(session, child, ken[1], "bookings", local_eve)
    assert not grants.may(session, child, ken[1], "bookings", local_eve + timedelta(minutes=1)), "Bangkok's midnight"
    assert granted.end_due(session, clinic, BORN_20 - timedelta(days=1), local_eve, Batch(10)) == 0
    for done in (1, 0):
        assert granted.end_due(session, clinic, BORN_20, local_eve + timedelta(minutes=5), Batch(10)) == done
    grant = session.scalars(select(Grant)).one()
    assert grant.ended_why == "end_date"
    ended = session.scalars(select(JourneyEvent).where(JourneyEvent.type == "grant_ended")).all()
    assert {one.customer_id for one in ended} == {child.id, ken[1].id}


def test_a_merge_takes_it_along_and_what_is_between_the_two_is_nothing(
    session: Session, clinic: Clinic, mali: Person, ken: Person
) -> None:
    child = record(session, clinic, "Ploy", "1")
    again = record(session, clinic, "Ploy", "2")
    granted.give(session, child, ken[1], "billing", NOW, by="api:1", reason="written_authority")
    granted.give(session, again, child, "billing", NOW, by="api:1", reason="written_authority")
    merge(session, child, again, NOW, actor="staff")
    session.expire_all()
    assert grants.may(session, again, ken[1], "billing", NOW)
    assert grants.holders(session, again, "billing", NOW) == [ken[1]]
    assert [one.holder_id for one in grants.of(session, again, NOW)] == [ken[1].id]


def test_another_clinics_customers_are_nobody(session: Session, mali: Person) -> None:
    other = make_clinic(session, "siam", "Siam")
    stranger = record(session, other, "Nok", "1")
    assert not grants.may(session, mali[1], stranger, "billing", NOW)
    assert grants.of(session, stranger, NOW) == []


def test_talk_that_begins_alike_is_talk(bound: Room) -> None:
    assert bound.hears("grant us a break") == "group_talk"
    assert bound.hears("เลิกสิทธิ์แล้วหรือยัง") == "group_talk"
