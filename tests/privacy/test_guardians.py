"""A guardian's consent: recorded with evidence, for a time, and without it a minor's yes counts for nothing."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.routes import Table
from customers import staff
from customers.people import new_customer
from facts.merged import merge
from models.clinics import Clinic
from models.consents import GuardianConsent
from models.customers import JourneyEvent, LineLink
from privacy import consent, guardians
from privacy.guardians import GuardianRefused
from tests.bot.room import NID, Room
from tests.bot.test_grants import found
from tests.bot.test_group_till import allowed
from tests.bot.test_one_time_codes import record as booked
from tests.fixtures.clinic import NOW, Talk

UNTIL = date(2031, 5, 4)
SAYS: dict[str, Any] = {
    "guardian": "Somsri, mother", "kind": "signed_form", "evidence": "folder 12", "until": UNTIL, "now": NOW,
    "by": "staff",
}  # fmt: skip


@pytest.fixture
def bound(session: Session, clinic: Clinic, table: Table) -> Room:
    """The clinic's group, in which Ploy is the manager."""
    room = Room(session, clinic, table)
    room.write(f"bind {staff.make_code(session, clinic, NOW)}")
    return room


def wants(session: Session, mali: LineLink) -> None:
    consent.decide(session, mali.customer, purpose="marketing", channel="line", granted=True, text="?", now=NOW)
    session.flush()


def test_with_it_a_minors_own_yes_counts_until_its_end_and_no_day_longer(session: Session, mali: LineLink) -> None:
    mali.customer.adult = False
    wants(session, mali)
    assert not consent.may_send_offers(session, mali.customer, "line", NOW)
    guardians.record(session, mali.customer, **SAYS)
    assert consent.may_send_offers(session, mali.customer, "line", NOW)
    eve = NOW.replace(year=2031, month=5, day=3, hour=16, minute=59)
    assert consent.may_send_offers(session, mali.customer, "line", eve)
    assert not consent.may_send_offers(session, mali.customer, "line", eve + timedelta(minutes=1))


def test_it_grants_nothing_by_itself_and_ends_at_once(session: Session, mali: LineLink) -> None:
    made = guardians.record(session, mali.customer, **SAYS)
    assert mali.customer.adult is False
    assert not consent.may_send_offers(session, mali.customer, "line", NOW)
    assert consent.may_ask(session, mali.customer, "marketing", "line", NOW)
    wants(session, mali)
    for ended in (True, False):
        assert guardians.end(session, made, NOW, by="staff") is ended
    assert not consent.may_send_offers(session, mali.customer, "line", NOW)
    assert not consent.may_ask(session, mali.customer, "marketing", "line", NOW)
    types = session.scalars(select(JourneyEvent.type).where(JourneyEvent.type.like("guardian%"))).all()
    assert sorted(types) == ["guardian_agreed", "guardian_ended"]


def test_the_same_again_is_the_same_one(session: Session, mali: LineLink) -> None:
    first = guardians.record(session, mali.customer, **SAYS)
    assert guardians.record(session, mali.customer, **SAYS) is first
    assert guardians.record(session, mali.customer, **SAYS | {"evidence": "folder 13"}) is not first


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"guardian": " "}, "who_needed"),
        ({"evidence": ""}, "evidence_needed"),
        ({"until": NOW.date()}, "end_date_wrong"),
        ({"until": date(2060, 1, 1)}, "end_date_wrong"),
    ],
)
def test_what_it_needs(session: Session, mali: LineLink, changed: dict[str, Any], code: str) -> None:
    with pytest.raises(GuardianRefused) as refused:
        guardians.record(session, mali.customer, **SAYS | changed)
    assert refused.value.code == code


def test_who_is_of_age_answers_alone(session: Session, mali: LineLink) -> None:
    mali.customer.adult = True
    with pytest.raises(GuardianRefused) as refused:
        guardians.record(session, mali.customer, **SAYS)
    assert refused.value.code == "of_age"


def test_who_has_not_said_their_age_is_no_minor_with_a_guardian(session: Session, mali: LineLink) -> None:
    guardians.record(session, mali.customer, **SAYS)
    wants(session, mali)
    mali.customer.adult = None
    assert not consent.may_send_offers(session, mali.customer, "line", NOW)


def test_it_goes_along_in_a_merge_and_opens_with_the_survivors_key(session: Session, mali: LineLink) -> None:
    child = new_customer(session, mali.customer.clinic, NOW)
    session.flush()
    guardians.record(session, child, **SAYS)
    merge(session, child, mali.customer, NOW, actor="staff")
    session.expire_all()
    (made,) = guardians.of(session, mali.customer, NOW)
    assert (made.guardian, made.evidence) == ("Somsri, mother", "folder 12")


def test_a_manager_records_and_ends_it_in_the_group(session: Session, bound: Room) -> None:
    child = booked(session, bound.talk.clinic, "Ploy Tanaka", "1")
    code = found(bound, "Ploy")
    allowed(session, bound, NID)
    words = f"ผู้ปกครองยินยอม {code} 2574-05-04 แบบฟอร์ม สมศรี มารดา: แฟ้ม 12"
    assert "ผู้จัดการ" in bound.of(NID).hears(words)
    assert session.scalars(select(GuardianConsent)).all() == []
    assert "ยังไม่มีผู้ปกครอง" in bound.hears(f"ผู้ปกครองยินยอม {code}")
    assert "แฟ้ม 12" in bound.hears("ผู้ปกครองยินยอม"), "by itself it is asked how"
    assert "แฟ้ม 12" in bound.hears(f"ผู้ปกครองยินยอม {code} 2574-05-04 สมศรี"), "it says how"
    assert "ผู้ปกครองยินยอมแทน Ploy" in bound.hears(words)
    (made,) = guardians.of(session, child, NOW)
    assert (made.guardian, made.kind, made.evidence, made.until) == ("สมศรี มารดา", "signed_form", "แฟ้ม 12", UNTIL)
    assert made.recorded_by.startswith("staff:")
    listed = bound.hears(f"ผู้ปกครองยินยอม {code}")
    assert "สมศรี" not in listed and guardians.short_of(made) in listed
    bound.write(f"เลิกผู้ปกครองยินยอม {code} {guardians.short_of(made)}")
    assert guardians.of(session, child, NOW) == []


def test_a_minor_with_a_guardian_turns_offers_on_in_the_chat(session: Session, talk: Talk) -> None:
    talk.tap("join")
    talk.tap("age", answer="younger")
    customer = talk.row.customer
    assert customer is not None
    talk.tap("want_offers")
    assert not consent.may_send_offers(session, customer, "line", NOW)
    guardians.record(session, customer, **SAYS)
    talk.tap("want_offers")
    assert consent.may_send_offers(session, customer, "line", NOW)
