"""Appointments that a source has replace each other, which cannot be: one of them stands, whichever was told first."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import permutations

from sqlalchemy import select
from sqlalchemy.orm import Session

from facts import appointments
from facts.told import AppointmentTold, Details, NotYet, Person
from models.appointments import Appointment, AppointmentState
from models.clinics import Clinic
from models.customers import Customer, LineLink
from tests.fixtures.clinic import NOW


def told(
    customer: Customer, id_: str, order: int, replaces: str | None, state: AppointmentState = "booked"
) -> AppointmentTold:
    starts_at = NOW + timedelta(days=order)
    details = Details(Person(ours=customer.id), starts_at, service=f"{id_}{order}", replaces=replaces)
    return AppointmentTold(id_, state, order, NOW, details)


def only(id_: str, order: int, state: AppointmentState) -> AppointmentTold:
    return AppointmentTold(id_, state, order, NOW)


def states(session: Session, clinic: Clinic, facts: Sequence[AppointmentTold]) -> dict[str, str]:
    """In this order; what is told before its appointment is tried again at the end, as the inbox does."""
    with session.begin_nested() as tried:
        again = []
        for fact in facts:
            try:
                with session.begin_nested():
                    appointments.told(session, clinic, "standard", fact, NOW)
            except NotYet:
                again.append(fact)
        for fact in again:
            appointments.told(session, clinic, "standard", fact, NOW)
        session.expire_all()
        found = {one.external_id: one.state for one in session.scalars(select(Appointment))}
        tried.rollback()
    session.expire_all()
    return {id_: found[id_] for id_ in sorted(found)}


def test_of_two_that_replace_each_other_the_newer_stands_as_it_was_told(
    session: Session, clinic: Clinic, mali: LineLink
) -> None:
    facts = [
        told(mali.customer, "A", 1, "B"),
        told(mali.customer, "B", 2, "A"),
        only("B", 3, "confirmed"),
        only("A", 4, "confirmed"),
    ]
    ended = [states(session, clinic, order) for order in permutations(facts)]
    assert ended == [{"A": "moved", "B": "confirmed"}] * 24


def test_who_is_told_anew_stands_again(session: Session, clinic: Clinic, mali: LineLink) -> None:
    facts = [
        told(mali.customer, "A", 1, "B"),
        told(mali.customer, "B", 2, "A"),
        only("A", 5, "confirmed"),
        told(mali.customer, "A", 3, None),
    ]
    ended = [states(session, clinic, order) for order in permutations(facts)]
    assert ended == [{"A": "confirmed", "B": "moved"}] * 24


def test_of_three_all_round_one_stands(session: Session, clinic: Clinic, mali: LineLink) -> None:
    facts = [told(mali.customer, "A", 1, "C"), told(mali.customer, "B", 2, "A"), told(mali.customer, "C", 3, "B")]
    ended = [states(session, clinic, order) for order in permutations(facts)]
    assert ended == [{"A": "moved", "B": "moved", "C": "booked"}] * 6
    beside = [*facts, told(mali.customer, "D", 4, "C")]
    ended = [states(session, clinic, order) for order in permutations(beside)]
    assert ended == [{"A": "moved", "B": "moved", "C": "moved", "D": "booked"}] * 24


def test_one_that_replaces_itself_stands(session: Session, clinic: Clinic, mali: LineLink) -> None:
    assert states(session, clinic, [told(mali.customer, "A", 1, "A"), only("A", 2, "confirmed")]) == {"A": "confirmed"}
