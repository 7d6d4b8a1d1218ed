"""Who is one person by what sources tell: any order and delay ends the same."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from customers import booking_links, families, names
from customers.people import identify, known_as, meet_on_line, new_customer
from facts.hear import hear
from facts.merged import merge
from facts.told import AppointmentTold, ConsentTold, CustomerTold, Details, Fact, PaymentTold, Person
from models.clinics import Clinic
from models.customers import Customer
from privacy import consent
from tests.fixtures.clinic import NOW

DAY = timedelta(days=1)
GIVEN = ConsentTold("marketing", "line", True, NOW - 30 * DAY, evidence="form 118")


@pytest.fixture
def ken(session: Session, clinic: Clinic) -> Customer:
    friend = meet_on_line(session, clinic, "U" + "f" * 32, NOW).customer
    names.call(session, friend, "Ken Tan")
    session.flush()
    return friend


def booked(who: Person, id_: str = "A") -> AppointmentTold:
    return AppointmentTold(id_, "booked", 1, NOW, Details(who, NOW + 2 * DAY))


def whose(session: Session, clinic: Clinic, fact: Fact, source: str = "standard") -> Customer:
    found = hear(session, clinic, source, fact, NOW).customer
    session.flush()
    return found


@pytest.mark.parametrize("backwards", [False, True])
def test_a_customer_who_is_told_of_before_their_first_booking_by_link_is_the_friend(
    session: Session, clinic: Clinic, ken: Customer, *, backwards: bool
) -> None:
    told = CustomerTold(Person(id="C-7", name="Tan Ken", phone="081-234-5678"), (GIVEN,))
    by_link = booked(Person(id="C-7", name="Ken Tan", token=booking_links.token(session, ken, NOW)))
    for fact in (by_link, told) if backwards else (told, by_link):
        whose(session, clinic, fact)
    assert known_as(session, clinic, "booking:standard", "C-7") in (ken, *_merged(session, ken))
    assert whose(session, clinic, PaymentTold("P", Person(id="C-7"), Decimal(500), NOW)) is ken
    assert consent.decision(session, ken, "marketing", "line") is True


def _merged(session: Session, person: Customer) -> Sequence[Customer]:
    return session.scalars(select(Customer).where(Customer.merged_into == person.id)).all()


def _has_paid(session: Session, clinic: Clinic, record: Customer, _ken: Customer) -> None:
    whose(session, clinic, PaymentTold("P", Person(ours=record.id), Decimal(300), NOW))


def _is_to_come(session: Session, clinic: Clinic, record: Customer, _ken: Customer) -> None:
    whose(session, clinic, booked(Person(ours=record.id), "B"))


def _is_called_otherwise(session: Session, _clinic: Clinic, record: Customer, _ken: Customer) -> None:
    names.call(session, record, "Mali Suk")


def _is_family(session: Session, _clinic: Clinic, record: Customer, ken: Customer) -> None:
    for one in (record, ken):
        families.told(session, one, "phone", "0812345678", source="standard", now=NOW)
    (asked,) = families.waiting(session, ken.clinic)
    families.decide(session, asked, "family", NOW, actor="staff:x")


def _was_taken_apart(session: Session, _clinic: Clinic, record: Customer, ken: Customer) -> None:
    families.taken_apart(session, record, ken, NOW, actor="staff:x")


@pytest.mark.parametrize("has", [_has_paid, _is_to_come, _is_called_otherwise, _is_family, _was_taken_apart])
def test_a_record_that_holds_something_or_is_said_to_be_anothers_waits_for_the_staff(
    session: Session, clinic: Clinic, ken: Customer, has: Callable[[Session, Clinic, Customer, Customer], None]
) -> None:
    record = whose(session, clinic, CustomerTold(Person(id="C-7", name="Ken Tan")))
    has(session, clinic, record, ken)
    token = booking_links.token(session, ken, NOW)
    assert whose(session, clinic, booked(Person(id="C-7", name="Ken Tan", token=token))) is ken
    assert record.merged_into is None
    assert whose(session, clinic, PaymentTold("Q", Person(id="C-7"), Decimal(500), NOW)) is record


@pytest.mark.parametrize(
    ("said", "handled", "is_kens"), [(29, 29, True), (29, 37, True), (31, 31, False), (2, 41, False)]
)
def test_a_link_is_judged_by_when_it_was_used_and_not_by_when_that_was_heard(
    session: Session, clinic: Clinic, ken: Customer, said: int, handled: int, *, is_kens: bool
) -> None:
    who = Person(id="C-7", name="Ken Tan", token=booking_links.token(session, ken, NOW))
    at = NOW + said * DAY
    facts: list[Fact] = [
        AppointmentTold("A", "booked", 1, at, Details(who, at + 30 * DAY)),
        PaymentTold("P", replace(who, id=None, phone="0812345678"), Decimal(500), at),
        CustomerTold(replace(who, id=None, phone="0812345678"), (), at),
    ]
    for fact in facts:
        found = hear(session, clinic, "standard", fact, NOW + handled * DAY).customer
        assert (found is ken) == is_kens, fact


CONTACTS = st.tuples(st.sampled_from([None, "a@x.com", "b@x.com"]), st.sampled_from([None, "0811111111", "0822222222"]))
TYPED = st.builds(
    lambda name, contacts: Person(name=name, email=contacts[0], phone=contacts[1]),
    st.sampled_from(["Mali Suk", "Ploy Suk"]),
    CONTACTS.filter(any),
)


def parts(session: Session, clinic: Clinic, told: Sequence[Person]) -> set[frozenset[Person]]:
    """Whom each of them was taken for, by who was one with whom."""
    before = session.begin_nested()
    for one in told:
        whose(session, clinic, CustomerTold(one), "calcom")
    found: dict[object, set[Person]] = {}
    for one in told:
        found.setdefault(whose(session, clinic, CustomerTold(one), "calcom").id, set()).add(one)
    before.rollback()
    session.expire_all()
    return {frozenset(each) for each in found.values()}


def one_by_one(told: Sequence[Person]) -> set[frozenset[Person]]:
    """Those that have a name and a contact in common, and those that these have in common."""
    groups: list[set[Person]] = []
    for one in told:
        alike = [
            group
            for group in groups
            if any(
                each.name == one.name
                and ((each.email and each.email == one.email) or (each.phone and each.phone == one.phone))
                for each in group
            )
        ]
        groups = [group for group in groups if group not in alike] + [{one}.union(*alike)]
    return {frozenset(group) for group in groups}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=st.lists(TYPED, min_size=1, max_size=6), data=st.data())
def test_who_typed_the_same_name_and_the_same_contact_is_one_in_any_order(
    session: Session, clinic: Clinic, told: list[Person], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations([*told, *told]))
    assert parts(session, clinic, shuffled) == one_by_one(told)


def test_nobody_becomes_known_as_a_friend_by_what_they_typed(session: Session, clinic: Clinic, ken: Customer) -> None:
    """The friend has booked with a phone; somebody books in their name with it and another's address."""
    record = whose(session, clinic, CustomerTold(Person(name="Ken Tan", phone="0811111111")), "calcom")
    merge(session, record, ken, NOW, actor="staff")
    both = CustomerTold(Person(name="Ken Tan", phone="0811111111", email="k@x.com"))
    assert whose(session, clinic, both, "calcom") is ken
    assert whose(session, clinic, CustomerTold(Person(name="Ken Tan", email="k@x.com")), "calcom") is not ken


def test_two_whom_staff_keep_apart_stay_two(session: Session, clinic: Clinic) -> None:
    typed = [Person(name="Mali Suk", email="a@x.com"), Person(name="Mali Suk", phone="0811111111")]
    first, second = (whose(session, clinic, CustomerTold(one), "calcom") for one in typed)
    families.taken_apart(session, first, second, NOW, actor="staff:x")
    both = CustomerTold(Person(name="Mali Suk", email="a@x.com", phone="0811111111"))
    assert whose(session, clinic, both, "calcom") is first
    assert second.merged_into is None


def test_what_is_known_of_somebody_else_goes_nowhere(session: Session, clinic: Clinic, ken: Customer) -> None:
    other = new_customer(session, clinic, NOW)
    identify(session, other, "booking:standard", "C-9", None)
    names.call(session, other, "Ken Tan")
    meet = meet_on_line(session, clinic, "U" + "e" * 32, NOW).customer
    merge(session, other, meet, NOW, actor="staff")
    token = booking_links.token(session, ken, NOW)
    whose(session, clinic, booked(Person(id="C-9", name="Ken Tan", token=token)))
    assert meet.merged_into is None
    assert whose(session, clinic, PaymentTold("P", Person(id="C-9"), Decimal(500), NOW)) is meet
