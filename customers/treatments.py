"""Treatments: what was done for a customer. What follows from one is with `facts/treated.py` and `facts/days.py`."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from customers.visits import bounds
from models.appointments import Appointment
from models.clinics import Clinic
from models.customers import Customer
from models.treatments import Treatment, TreatmentState

_PLACES: tuple[TreatmentState, ...] = ("performed", "voided")


def rank(order: int, state: TreatmentState) -> tuple[int, int]:
    """As with appointments: what is told later counts; of two at the same place, the one that is further on."""
    return order, _PLACES.index(state)


def of_source(session: Session, clinic: Clinic, source: str, external_id: str) -> Treatment | None:
    """Locked: two that tell of the same one come after each other."""
    chosen = Treatment.source == source, Treatment.external_id == external_id
    found = select(Treatment).where(Treatment.clinic_id == clinic.id, *chosen)
    return session.scalars(found.with_for_update().execution_options(populate_existing=True)).one_or_none()


def whose(session: Session, clinic: Clinic, source: str, external_id: str) -> Customer | None:
    """Whom one is of that is known, not locked."""
    chosen = Treatment.source == source, Treatment.external_id == external_id
    found = select(Customer).join(Treatment.customer).where(Treatment.clinic_id == clinic.id, *chosen)
    return session.scalars(found).one_or_none()


def told_with(session: Session, clinic: Clinic, booked: Sequence[Appointment]) -> Sequence[Treatment]:
    """Those that these appointments imply, and those that were done at them, as their source tells."""
    if not booked:
        return []
    named = (
        Treatment.source.in_({one.source for one in booked}),
        Treatment.of_appointment.in_([one.external_id for one in booked]),
    )
    of_them = or_(Treatment.appointment_id.in_([one.id for one in booked]), and_(*named))
    return session.scalars(select(Treatment).where(Treatment.clinic_id == clinic.id, of_them)).all()


def at_appointment(session: Session, appointment: Appointment) -> bool:
    """Whether its source has told of a treatment that was done at it."""
    of_it = Treatment.source == appointment.source, Treatment.of_appointment == appointment.external_id
    found = select(Treatment.id).where(Treatment.clinic_id == appointment.clinic_id, *of_it)
    return session.scalars(found.where(Treatment.state == "performed").limit(1)).one_or_none() is not None


def of_day(session: Session, customer: Customer, at: datetime) -> Sequence[Treatment]:
    """What was done for the customer on the local day of this moment, as sources tell it, implied ones too."""
    begins, ends = bounds(customer.clinic, at)
    theirs = Treatment.clinic_id == customer.clinic_id, Treatment.customer_id == customer.id
    day = Treatment.performed_at >= begins, Treatment.performed_at < ends
    found = select(Treatment).where(*theirs, *day, Treatment.state == "performed")
    order = Treatment.performed_at, Treatment.source, Treatment.external_id, Treatment.id
    return session.scalars(found.order_by(*order)).all()
