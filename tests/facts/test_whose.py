"""Whose a thing is that is told under a friend's booking link: the friend's, unless somebody else is named."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from customers import booking_links, names
from customers.people import known_as, meet_on_line
from facts.hear import hear
from facts.merged import merge
from facts.told import (
    AppointmentTold,
    ConsentTold,
    CourseTold,
    CustomerTold,
    Details,
    Fact,
    InvoiceTold,
    PaymentTold,
    Performed,
    Person,
    Sale,
    ShareTold,
    TreatmentTold,
    VisitTold,
)
from models.appointments import Appointment
from models.clinics import Clinic
from models.courses import Course
from models.customers import Customer
from models.facts import Payment, Visit
from models.invoices import Invoice
from models.treatments import Treatment
from privacy import consent
from runtime.errors import NeverAgain
from tests.fixtures.clinic import NOW

CHILD = Person(id="CHILD", name="Nong Ploy", phone="081-234-5678")
GIVEN = tuple(
    ConsentTold("marketing", channel, True, NOW - timedelta(days=30), evidence="form 118")
    for channel in ("line", "sms")
)


@pytest.fixture
def ken(session: Session, clinic: Clinic) -> Customer:
    """A friend, who was given a booking link in the chat."""
    friend = meet_on_line(session, clinic, "U" + "f" * 32, NOW).customer
    names.call(session, friend, "Ken")
    session.flush()
    return friend


def told(who: Person) -> list[Fact]:
    """Money, a visit, a bill, courses sold and shared, and consents: of one person."""
    other = Person(id="G", name="Giver")
    return [
        PaymentTold("P", who, Decimal(1_000), NOW),
        VisitTold("V", who, NOW),
        InvoiceTold("B", "open", 1, NOW, person=who, amount=Decimal(500)),
        CourseTold("C", 1, NOW, sale=Sale(who, 10, NOW.date())),
        CourseTold("O", 1, NOW, sale=Sale(other, 10, NOW.date()), share=ShareTold("S", who, 2)),
        CustomerTold(who, GIVEN),
    ]


def owners(session: Session, clinic: Clinic, who: Person, *, every: Callable[[Person], list[Fact]] = told) -> set[UUID]:
    """Whose all of it became."""
    for fact in every(who):
        hear(session, clinic, "standard", fact, NOW)
    session.flush()
    found: set[UUID] = set()
    for table in (Payment, Visit, Invoice):
        found |= set(session.scalars(select(table.customer_id)))
    found |= set(session.scalars(select(Course.customer_id).where(Course.external_id != "O")))
    consenting = [
        one for one in session.scalars(select(Customer)) if consent.decision(session, one, "marketing", "sms")
    ]
    return found | {one.id for one in consenting}


def by_link(session: Session, friend: Customer, who: Person) -> Person:
    return replace(who, token=booking_links.token(session, friend, NOW))


@pytest.mark.parametrize("known", [False, True])
def test_a_childs_things_are_the_childs_though_the_mothers_link_came_with_them(
    session: Session, clinic: Clinic, ken: Customer, known: bool
) -> None:
    if known:
        hear(session, clinic, "standard", CustomerTold(CHILD), NOW)
    found = owners(session, clinic, by_link(session, ken, CHILD))
    child = known_as(session, clinic, "booking:standard", "CHILD")
    assert child is not None and child is not ken
    assert found == {child.id}
    assert child.display_name == "Nong Ploy"
    assert consent.decision(session, ken, "marketing", "line") is None


@pytest.mark.parametrize("name", [None, "Ken"])
def test_an_id_that_is_known_as_somebody_elses_is_theirs_whatever_link_came_with_it(
    session: Session, clinic: Clinic, ken: Customer, name: str | None
) -> None:
    child = hear(session, clinic, "standard", CustomerTold(CHILD), NOW).customer
    assert owners(session, clinic, by_link(session, ken, Person(id="CHILD", name=name))) == {child.id}


@pytest.mark.parametrize(
    "who", [Person(), Person(id="C-7"), Person(phone="081-234-5678"), Person(id="C-7", name="ken"), Person(name="KEN")]
)
def test_what_names_nobody_else_is_the_friends(session: Session, clinic: Clinic, ken: Customer, who: Person) -> None:
    assert owners(session, clinic, by_link(session, ken, who)) == {ken.id}
    if who.id and who.name:
        assert owners(session, clinic, Person(id="C-7")) == {ken.id}, "the id alone leads to them from then on"


def test_the_friends_own_id_is_theirs_under_another_spelling_of_their_name(
    session: Session, clinic: Clinic, ken: Customer
) -> None:
    hear(session, clinic, "standard", CustomerTold(by_link(session, ken, Person(id="C-7", name="Ken"))), NOW)
    assert owners(session, clinic, by_link(session, ken, Person(id="C-7", name="Kenneth"))) == {ken.id}


def test_somebody_else_of_whom_nothing_but_a_name_is_told_is_nobody(
    session: Session, clinic: Clinic, ken: Customer
) -> None:
    for fact in told(by_link(session, ken, Person(name="Nong Ploy"))):
        with pytest.raises(NeverAgain, match="customer: write an id, a phone"):
            hear(session, clinic, "standard", fact, NOW)
    assert consent.decision(session, ken, "marketing", "line") is None


def test_an_appointment_and_a_treatment_by_the_link_are_the_friends_for_the_one_they_name(
    session: Session, clinic: Clinic, ken: Customer
) -> None:
    who = by_link(session, ken, CHILD)
    soon = Details(who, NOW + timedelta(days=1))
    assert hear(session, clinic, "standard", AppointmentTold("A", "booked", 1, NOW, soon), NOW).customer is ken
    done = TreatmentTold("T", "performed", 1, NOW, Performed(who, NOW))
    assert hear(session, clinic, "standard", done, NOW).customer is ken


def test_who_is_called_otherwise_in_line_keeps_what_the_clinic_calls_them(
    session: Session, clinic: Clinic, ken: Customer
) -> None:
    """A record that was made by telephone becomes theirs; what is told of it then is of themselves."""
    called = Person(id="K", name="คุณเคน ทานากะ", phone="081-234-5678")
    at = NOW + timedelta(days=1)
    booked = AppointmentTold("A", "booked", 1, NOW, Details(called, at, at + timedelta(hours=1), service="HydraFacial"))
    hear(session, clinic, "standard", booked, NOW)
    record = session.scalars(select(Appointment)).one().customer
    merge(session, record, ken, NOW, actor="customer")
    names.call(session, ken, "Kenny")
    for name, whose in (("เคน ทานากะ", None), ("ทานากะ เคน", None), ("Nong Ploy", "Nong Ploy"), ("เคน", "เคน")):
        done = TreatmentTold(f"T{name}", "performed", 1, at, Performed(replace(called, name=name), at))
        hear(session, clinic, "standard", done, at)
        treatment = session.scalars(select(Treatment).where(Treatment.external_id == f"T{name}")).one()
        assert (treatment.customer_id, treatment.about) == (ken.id, whose)
        assert (treatment.visit_id is None) == (whose is not None)
