"""All that is told of a person's days comes late, twice and in any order: appointments, no-shows, visits, payments,
refunds, treatments. What the days come to ends the same, with what it has earned."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from facts import ended
from facts.hear import hear
from facts.told import (
    AppointmentTold,
    Details,
    Fact,
    NotYet,
    PaymentTold,
    Performed,
    Person,
    RefundTold,
    TreatmentTold,
    VisitTold,
)
from loyalty import ledger
from models.appointments import Appointment, AppointmentState
from models.branches import Branch, Service
from models.clinics import Clinic
from models.customers import Customer
from models.facts import Payment, Visit
from models.treatments import Treatment, TreatmentState
from tests.fixtures.clinic import NOW
from tests.loyalty.goals import add

WHO = Person(id="P")
OVER = NOW + timedelta(days=2)
"""When all of it has been told; the clinic has the clock complete what nobody has said anything of for so long."""
BRANCHES = st.sampled_from([None, None, "x", "y"])
SERVICES = st.sampled_from([None, "HYDRA", "LASER"])
STATES: st.SearchStrategy[AppointmentState] = st.sampled_from(
    ["requested", "booked", "confirmed", "come", "completed", "no_show", "cancelled"]
)
DONE: st.SearchStrategy[TreatmentState] = st.sampled_from(["performed", "performed", "voided"])
LONG_AGO = NOW - timedelta(days=40)
MOMENTS = st.sampled_from([NOW - timedelta(hours=hours) for hours in (1, 2, 5, 26, 29)])
"""Of today and yesterday."""


def appointments(draw: st.DrawFn) -> list[Fact]:
    told: list[Fact] = []
    for id_ in ("A", "B"):
        for order in range(draw(st.integers(0, 3))):
            details = Details(
                replace(WHO, name=draw(st.sampled_from([None, None, "Ploy"]))), draw(MOMENTS), service=draw(SERVICES),
                branch=draw(BRANCHES), replaces=draw(st.sampled_from([None, "A"])) if id_ == "B" else None,
            )  # fmt: skip
            given_ = details if order == 0 else draw(st.sampled_from([None, details]))
            told.append(AppointmentTold(id_, draw(STATES), order, NOW + timedelta(minutes=order), given_))
    return told


def treatments(draw: st.DrawFn) -> list[Fact]:
    told: list[Fact] = []
    for id_ in ("T", "U"):
        for order in range(draw(st.integers(0, 2))):
            done = Performed(
                WHO, draw(MOMENTS), draw(SERVICES), branch=draw(BRANCHES),
                appointment=draw(st.sampled_from([None, "A", "C"])),
            )  # fmt: skip
            told.append(TreatmentTold(id_, draw(DONE), order, NOW + timedelta(minutes=order), done))
    return told


@st.composite
def facts(draw: st.DrawFn) -> list[Fact]:
    """No two of one thing at the same place of its order. Each amount is another: of two alike it is the one told later
    that waits for the staff."""
    told = appointments(draw) + treatments(draw)
    for number in range(draw(st.integers(0, 2))):
        told.append(VisitTold(f"V{number}", WHO, draw(MOMENTS), draw(SERVICES), draw(BRANCHES)))
    for number in range(draw(st.integers(0, 2))):
        told.append(
            PaymentTold(
                f"B{number}", WHO, Decimal(100 + 10 * number), draw(MOMENTS), branch=draw(BRANCHES),
                at_counter=draw(st.booleans()),
            )
        )  # fmt: skip
        if draw(st.booleans()):
            told.append(RefundTold(f"R{number}", f"B{number}", Decimal(40), NOW))
    return told


def tell(session: Session, clinic: Clinic, told: Sequence[Fact]) -> None:
    """What comes too early is told again at the end, as the inbox does."""
    late = list(told)
    while late:
        waits: list[Fact] = []
        for fact in late:
            try:
                with session.begin_nested():
                    hear(session, clinic, "standard", fact, NOW)
            except NotYet:
                waits.append(fact)
        if len(waits) == len(late):
            return
        late = waits


def look(session: Session) -> None:
    """As the worker does, until nothing is due."""
    due = select(Appointment).where(Appointment.look_at.is_not(None)).order_by(Appointment.look_at)
    while (one := session.scalars(due).first()) is not None:
        ended.over(session, one.customer, one.id, OVER)
        session.expire_all()


def comes_to(session: Session, clinic: Clinic, told: Sequence[Fact]) -> dict[str, Any]:
    """Everything that the days come to, after the facts in this order."""
    before = session.begin_nested()
    tell(session, clinic, told)
    look(session)
    tell(session, clinic, told[: len(told) // 2])  # late, after all is over
    look(session)
    branches: dict[Any, str | None] = {one.id: one.code for one in session.scalars(select(Branch))}
    at: dict[Any, tuple[datetime, str | None]] = {
        one.id: (one.visited_at, branches.get(one.branch_id))
        for one in session.scalars(select(Visit).where(Visit.uncounted.is_(None)))
    }
    found: dict[str, Any] = {"visits": sorted(at.values(), key=str)}
    found["appointments"] = [
        (one.external_id, one.state, one.outcome, one.outcome_by, one.starts_at, one.service, one.about)
        for one in session.scalars(select(Appointment).order_by(Appointment.external_id))
    ]
    done = session.scalars(select(Treatment).where(Treatment.state == "performed"))
    found["treatments"] = sorted(
        ((one.external_id, one.performed_at, one.service, one.about, at.get(one.visit_id)) for one in done), key=str
    )
    paid = session.scalars(select(Payment).order_by(Payment.external_id))
    found["payments"] = [(one.external_id, one.amount, one.refunded, one.points, one.clawed_back) for one in paid]
    for customer in session.scalars(select(Customer)):
        profile = ledger.open_profile(session, customer, OVER)
        assert profile.total_visits == len(at), "the count is the sum"
        found["profile"] = (profile.total_spent, profile.available_points, profile.total_points, profile.total_visits)
    before.rollback()
    session.expire_all()
    return found


@settings(max_examples=7, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=facts(), data=st.data())
def test_days_end_the_same_in_any_order(
    session: Session, clinic: Clinic, told: list[Fact], data: st.DataObject
) -> None:
    with session.begin_nested() as point:
        clinic.choose(appointments={"completed_after_hours": 4})
        session.add_all(Branch(clinic_id=clinic.id, code=code, name=code, created_at=NOW) for code in "xy")
        session.add(Service(clinic_id=clinic.id, code="HYDRA", names={"th": "ไฮดราเฟเชียล"}))
        # Of whom nobody has a name yet, the first who says one names them: so they are known before.
        hear(session, clinic, "standard", VisitTold("before", replace(WHO, name="Mali"), LONG_AGO), NOW)
        for times in (1, 2):
            add(session, clinic, f"visits-{times}", {"metric": "visits", "at_least": times}, points_reward=40)
        shuffled = data.draw(st.permutations([*told, *told]))
        assert comes_to(session, clinic, shuffled) == comes_to(session, clinic, told)
        point.rollback()
