"""What a booking system tells comes late, twice and in any order: the appointments end the same."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from customers import booking_links
from customers.people import meet_on_line
from facts import appointments
from facts.told import AppointmentTold, Details, NotYet, Person
from models.appointments import Appointment
from models.clinics import Clinic
from tests.fixtures.clinic import NOW

IDS = ("A", "B", "C")
LINK = "the friend's booking link"

DETAILS = st.builds(
    lambda hours, service, replaces, name, token: Details(
        Person(id="P", name=name, token=token), NOW + timedelta(hours=hours), service=service, replaces=replaces
    ),
    st.integers(1, 4),
    st.sampled_from([None, "HYDRA", "LASER"]),
    st.sampled_from([None, None, "A"]),
    st.sampled_from([None, "Mali", "Ploy"]),
    st.sampled_from([None, None, LINK]),
)


@st.composite
def facts(draw: st.DrawFn) -> list[AppointmentTold]:
    """Of each appointment a first one with details; no two of one appointment at the same place of its order."""
    told: list[AppointmentTold] = []
    for id_ in IDS:
        many = draw(st.integers(1, 4))
        for order in range(many):
            state = draw(st.sampled_from(["requested", "booked", "confirmed", "come", "no_show", "cancelled"]))
            details = draw(DETAILS if order == 0 else st.none() | DETAILS)
            if id_ == "A" and details is not None:
                details = Details(details.person, details.starts_at, service=details.service)
            at = NOW + timedelta(minutes=order)
            told.append(AppointmentTold(id_, state, order, at, details))  # type: ignore[arg-type]
    return told


def by_link(fact: AppointmentTold, token: str) -> AppointmentTold:
    """With the token in the place of what stands for it."""
    if fact.details is None or fact.details.person.token is None:
        return fact
    return replace(fact, details=replace(fact.details, person=replace(fact.details.person, token=token)))


def ends(session: Session, clinic: Clinic, told: Sequence[AppointmentTold]) -> list[tuple[Any, ...]]:
    """Everything of the appointments, after the facts in this order; what comes too early is told again at the end."""
    before = session.begin_nested()
    friend = meet_on_line(session, clinic, "U" + "f" * 32, NOW).customer
    token = booking_links.token(session, friend, NOW)
    late: list[AppointmentTold] = []
    for fact in (by_link(one, token) for one in told):
        try:
            appointments.told(session, clinic, "standard", fact, NOW)
        except NotYet:
            late.append(fact)
    for fact in late:
        appointments.told(session, clinic, "standard", fact, NOW)
    session.flush()
    rows = session.scalars(select(Appointment).order_by(Appointment.external_id))
    found = [
        (
            one.external_id,
            one.state,
            one.starts_at,
            one.service,
            one.replaces,
            one.state_order,
            one.details_order,
            one.told_at,
            one.customer_id == friend.id,
        )
        for one in rows
    ]
    before.rollback()
    session.expire_all()
    return found


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=facts(), data=st.data())
def test_any_order_ends_the_same(
    session: Session, clinic: Clinic, told: list[AppointmentTold], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations([*told, *told]))
    assert ends(session, clinic, shuffled) == ends(session, clinic, told)
