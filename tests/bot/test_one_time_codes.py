"""A friend in LINE is linked with the clinic's record of them by a code that staff read out."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from customers import contacts, names, one_time
from customers.people import identify, new_customer
from facts.paid import paid
from models.clinics import Clinic
from models.customers import Customer, JourneyEvent
from models.loyalty import Notification
from models.one_time import OneTimeCode
from tests.bot.room import NID, Room
from tests.bot.test_group_till import allowed
from tests.fixtures.clinic import NOW, Talk

PHONE, SPELLED = "081-234-5678", "+66812345678"
CODE = re.compile(r"\b(\d{3}) (\d{3})\b")


def record(session: Session, clinic: Clinic, name: str, id_: str, phone: str = SPELLED) -> Customer:
    """As a booking system knows somebody."""
    made = new_customer(session, clinic, NOW)
    identify(session, made, "booking:standard", id_, None)
    names.call(session, made, name)
    contacts.tell(session, made, "phone", phone, source="standard", now=NOW)
    session.flush()
    return made


@pytest.fixture
def nok(session: Session, clinic: Clinic) -> Customer:
    return record(session, clinic, "Nok Jaidee", "1")


def said(talk: Talk, text: str) -> str:
    reply = talk.say(text).reply
    return " ".join(getattr(one, "text", None) or getattr(one, "alt", "") or str(one) for one in reply.messages)


def code_in(heard: str) -> str:
    found = CODE.search(heard)
    assert found is not None, heard
    return "".join(found.groups())


def asked(talk: Talk, phone: str = PHONE) -> str:
    talk.say("ผูกข้อมูล")
    return said(talk, phone)


def row(session: Session, state: str = "entered") -> OneTimeCode:
    session.expire_all()
    return next(one for one in session.scalars(select(OneTimeCode)) if one.state == state)


def me(session: Session, talk: Talk) -> Customer:
    talk.say("เมนู")
    assert talk.row.customer is not None
    return talk.row.customer


def shown_by_phone(bound: Room) -> str:
    """The staff hear of it with their next message, and tap."""
    found = re.search(r"ออกรหัสผูกข้อมูล [0-9A-F]{6} [0-9A-F]{6}", bound.hears("วันนี้"))
    assert found is not None
    return code_in(bound.hears(found[0]))


def test_a_friend_asks_by_a_phone_and_types_what_is_read_out(
    session: Session, nok: Customer, talk: Talk, bound: Room
) -> None:
    assert "เบอร์" in said(talk, "ผูกข้อมูล")
    said(talk, PHONE)
    code = shown_by_phone(bound)
    seen = said(talk, code)
    assert "Nok" in seen and "678" in seen and "Jaidee" not in seen and "1234" not in seen
    talk.tap("link", code=row(session).id, answer="yes")
    session.expire_all()
    assert nok.merged_into == me(session, talk).id
    assert [
        one.data["by"][:6] for one in session.scalars(select(JourneyEvent).where(JourneyEvent.type == "linked"))
    ] == ["staff:"]


@pytest.mark.parametrize("asked", [False, True])
@pytest.mark.parametrize("words", ["ผูกข้อมูล {}", "ผูกข้อมูล{}ค่ะ", "link my record {}", "ผูกข้อมูล: {}"])
def test_the_wish_and_the_phone_may_be_one_message(
    session: Session, nok: Customer, talk: Talk, bound: Room, words: str, asked: bool
) -> None:
    if asked:
        said(talk, "ผูกข้อมูล")
    said(talk, words.format(PHONE))
    assert "Nok" in said(talk, shown_by_phone(bound))


def test_who_asks_is_answered_alike_whether_the_phone_is_known_or_not(
    session: Session, nok: Customer, bound: Room
) -> None:
    known = Talk(session, nok.clinic, bound.talk.table, "U" + "1" * 32)
    unknown = Talk(session, nok.clinic, bound.talk.table, "U" + "2" * 32)
    for one in (known, unknown):
        one.say("เมนู")
    first, second = asked(known), asked(unknown, "0899999999")
    assert first == second
    assert len(list(session.scalars(select(OneTimeCode)))) == 2
    for _ in range(2):
        assert asked(known) == asked(unknown, "0899999999")
    assert asked(known) == asked(unknown, "0899999999") != first  # four in an hour are too many, of either


def test_a_link_of_somebody_found_needs_no_phone_of_theirs(
    session: Session, nok: Customer, talk: Talk, bound: Room
) -> None:
    (words,) = bound.buttons("ค้นหา Nok")
    code = code_in(bound.hears(words))
    talk.say("เมนู")
    assert "Nok" in said(talk, code)  # six digits alone, without a question before
    talk.tap("link", code=row(session).id, answer="no")
    session.expire_all()
    assert nok.merged_into is None
    talk.tap("link", code=row(session, "declined").id, answer="yes")
    session.expire_all()
    assert nok.merged_into is None, "the first answer holds"


def test_five_wrong_codes_and_the_right_one_is_not_looked_at_for_ten_minutes(
    session: Session, nok: Customer, talk: Talk, bound: Room
) -> None:
    code = code_in(bound.hears(bound.buttons("ค้นหา Nok")[0]))
    talk.say("ผูกข้อมูล")
    wrong = "000000" if code != "000000" else "000001"
    for _ in range(one_time.TRIES):
        assert "Nok" not in said(talk, wrong)
    assert "Nok" not in said(talk, code)
    talk.now = bound.talk.now = NOW + timedelta(minutes=11)
    assert "Nok" not in said(talk, code), "it has lived its ten minutes"
    code = code_in(bound.hears(bound.buttons("ค้นหา Nok")[0]))
    talk.say("ผูกข้อมูล")
    assert "Nok" in said(talk, code)


def test_a_code_is_good_once_and_for_one_phone(session: Session, nok: Customer, talk: Talk, bound: Room) -> None:
    code = code_in(bound.hears(bound.buttons("ค้นหา Nok")[0]))
    other = Talk(session, nok.clinic, bound.talk.table, "U" + "2" * 32)
    for one in (talk, other):
        one.say("ผูกข้อมูล")
    assert "Nok" in said(talk, code)
    assert "Nok" not in said(other, code)
    id_ = row(session).id
    other.tap("link", code=id_, answer="yes")
    session.expire_all()
    assert nok.merged_into is None
    for _ in range(2):
        talk.tap("link", code=id_, answer="yes")
    session.expire_all()
    assert nok.merged_into == me(session, talk).id
    assert len(session.scalars(select(JourneyEvent).where(JourneyEvent.type == "linked")).all()) == 1


def test_somebody_else_cannot_type_what_was_asked_for_by_a_phone(
    session: Session, nok: Customer, talk: Talk, bound: Room
) -> None:
    asked(talk)
    code = shown_by_phone(bound)
    thief = Talk(session, nok.clinic, bound.talk.table, "U" + "2" * 32)
    thief.say("ผูกข้อมูล")
    assert "Nok" not in said(thief, code)
    assert "Nok" in said(talk, code)


def test_a_record_with_money_waits_for_the_staff_and_the_friend_hears(
    session: Session, nok: Customer, talk: Talk, bound: Room
) -> None:
    paid(session, nok, source="till", external_id="p", amount=Decimal(1000), paid_at=NOW, service_code=None, now=NOW)
    code = code_in(bound.hears(bound.buttons("ค้นหา Nok")[0]))
    talk.say("ผูกข้อมูล")
    said(talk, code)
    talk.tap("link", code=row(session).id, answer="yes")
    session.expire_all()
    assert nok.merged_into is None
    found = re.search(r"ให้ผูก [0-9A-F]{6}", bound.hears("วันนี้"))
    assert found is not None
    allowed(session, bound, NID)
    bound.of(NID).write(found[0])
    session.expire_all()
    assert nok.merged_into == me(session, talk).id
    assert "linked" in session.scalars(select(Notification.kind)).all()
    assert "ไม่มีสิ่งใด" in bound.hears(found[0]) or "ไม่มี" in bound.hears(found[0])


def test_a_record_that_was_silent_for_a_year_waits_too_and_a_no_changes_nothing(
    session: Session, nok: Customer, talk: Talk, bound: Room
) -> None:
    nok.created_at = NOW - timedelta(days=400)
    session.flush()
    code = code_in(bound.hears(bound.buttons("ค้นหา Nok")[0]))
    talk.say("ผูกข้อมูล")
    said(talk, code)
    talk.tap("link", code=row(session).id, answer="yes")
    assert row(session, "waits")
    bound.write(f"ไม่ให้ผูก {one_time.short_of(row(session, 'waits'))}")
    session.expire_all()
    assert nok.merged_into is None
    assert "not_linked" in session.scalars(select(Notification.kind)).all()


def test_a_friends_record_is_nobodys_to_link(session: Session, nok: Customer, talk: Talk, bound: Room) -> None:
    """Who has the same phone and is a friend in LINE speaks for themselves."""
    mine = me(session, talk)
    contacts.tell(session, mine, "phone", SPELLED, source="standard", now=NOW)
    nok.merged_into = mine.id
    session.flush()
    other = Talk(session, nok.clinic, bound.talk.table, "U" + "2" * 32)
    asked(other)
    assert "ออกรหัส" not in bound.hears("วันนี้")


@pytest.mark.parametrize("typed", ["021234567", "+4915112345678", "hello", "12345", "1234567"])
def test_what_is_no_thai_mobile_asks_for_nothing(session: Session, talk: Talk, typed: str) -> None:
    asked(talk, typed)
    assert session.scalars(select(OneTimeCode)).all() == []


def test_the_limits_of_a_person_a_record_and_a_clinic(session: Session, nok: Customer, talk: Talk) -> None:
    mine = me(session, talk)
    for at in range(one_time.OF_ONE_PERSON):
        one_time.ask(session, mine, f"+6681234567{at}", NOW)
    with pytest.raises(one_time.TooManyCodes, match="no more"):
        one_time.ask(session, mine, "+66812345699", NOW)
    for _ in range(one_time.AN_HOUR):
        one_time.begin(session, nok, "link", NOW, by="staff")
    with pytest.raises(one_time.TooManyCodes):
        one_time.begin(session, nok, "link", NOW, by="staff")
    later = NOW
    for _ in range(one_time.A_DAY - one_time.AN_HOUR):
        later += timedelta(minutes=61)
        one_time.begin(session, nok, "link", later, by="staff")
    with pytest.raises(one_time.TooManyCodes):
        one_time.begin(session, nok, "link", later + timedelta(minutes=61), by="staff")
    nok.clinic.choose(linking={"codes_a_day": 0})
    with pytest.raises(one_time.TooManyCodes) as refused:
        one_time.begin(session, mine, "link", NOW + timedelta(days=9), by="staff")
    assert refused.value.code == "of_the_clinic"


def test_no_code_is_kept(session: Session, nok: Customer) -> None:
    kept, code = one_time.begin(session, nok, "link", NOW, by="staff")
    other, _ = one_time.begin(session, nok, "link", NOW, by="staff")
    assert code not in repr([kept.__dict__])
    assert kept.code_hash is not None
    assert kept.code_hash != other.code_hash


@pytest.mark.parametrize("more", ["", " 0812345678"])
@pytest.mark.parametrize("words", ["stop sending me offers", "ไม่ต้องส่งโปรโมชั่นมาอีก"])
def test_no_question_is_in_the_way_of_who_wants_no_more_offers(
    session: Session, talk: Talk, words: str, more: str
) -> None:
    me(session, talk)
    talk.say("ผูกข้อมูล")
    assert "เราจะไม่ส่งข้อเสนอ" in said(talk, words + more)
    said(talk, PHONE)  # nobody waits for one any more
    assert session.scalars(select(OneTimeCode)).all() == []


@pytest.mark.parametrize("words", ["What are your opening hours?", "ที่จอดรถมีไหมคะ", "hello 12"])
def test_what_is_about_something_else_ends_the_question(session: Session, talk: Talk, words: str) -> None:
    me(session, talk)
    plain = said(talk, words)
    talk.say("ผูกข้อมูล")
    assert said(talk, words) == plain
    said(talk, PHONE)
    assert session.scalars(select(OneTimeCode)).all() == []


def test_too_many_codes_end_the_question(session: Session, nok: Customer, talk: Talk, bound: Room) -> None:
    bound.hears(bound.buttons("ค้นหา Nok")[0])
    talk.say("ผูกข้อมูล")
    for _ in range(one_time.TRIES + 1):
        said(talk, "000000")
    said(talk, PHONE)
    assert [one for one in session.scalars(select(OneTimeCode)) if one.state == "asked"] == []
