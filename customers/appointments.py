"""Appointments, as a clinic's booking systems tell them. What follows from one is with `facts/appointments.py`."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import get_args

from sqlalchemy import select
from sqlalchemy.orm import Session

from customers import abroad
from models.appointments import Appointment, AppointmentState
from models.branches import Branch, Service
from models.clinics import Clinic
from models.customers import Customer

OPEN: tuple[AppointmentState, ...] = ("requested", "booked", "confirmed")
"""States of what is to come."""
_SHOWN_FOR = timedelta(hours=1)
"""After its beginning: who is late, or asks on the way, still sees it."""


def rank(order: int, state: AppointmentState) -> tuple[int, int]:
    """What is told later counts; of two that the source puts at the same place, the one that is further on."""
    return order, get_args(AppointmentState).index(state)


def of_source(session: Session, clinic: Clinic, source: str, external_id: str) -> Appointment | None:
    """Locked: two that tell of the same one come after each other."""
    chosen = (
        Appointment.clinic_id == clinic.id,
        Appointment.source == source,
        Appointment.external_id == external_id,
    )
    return session.scalars(select(Appointment).where(*chosen).with_for_update()).one_or_none()


def in_its_place(session: Session, appointment: Appointment) -> Sequence[Appointment]:
    """Those that replace it, as far as its source has told of any."""
    others = (
        Appointment.clinic_id == appointment.clinic_id,
        Appointment.source == appointment.source,
        Appointment.replaces == appointment.external_id,
    )
    return session.scalars(select(Appointment).where(*others)).all()


def ahead(session: Session, customer: Customer, now: datetime, most: int) -> list[Appointment]:
    """The customer's next ones, the soonest first."""
    mine = Appointment.clinic_id == customer.clinic_id, Appointment.customer_id == customer.id
    coming = Appointment.state.in_(OPEN), Appointment.starts_at > now - _SHOWN_FOR
    chosen = select(Appointment).where(*mine, *coming)
    return list(session.scalars(chosen.order_by(Appointment.starts_at, Appointment.id).limit(most)))


def for_whom(appointment: Appointment) -> str | None:
    """The name for whom it is, where that is another than the customer's; None as long as theirs is not known."""
    name, about = appointment.customer.display_name, appointment.about
    return about if name and about and not abroad.alike(name, about) else None


def service_code(session: Session, clinic: Clinic, source: str, told: str | None) -> str | None:
    """The code of the clinic's file for what a source calls a service: what the file says of that source, else the
    code itself. None where the file knows neither."""
    if told is None:
        return None
    services = list(session.scalars(select(Service).where(Service.clinic_id == clinic.id, Service.active)))
    mapped = (one.code for one in services if told in one.booked_as.get(source, ()))
    return next(mapped, None) or next((one.code for one in services if one.code == told), None)


def branch_of(session: Session, clinic: Clinic, code: str | None) -> Branch | None:
    chosen = Branch.clinic_id == clinic.id, Branch.code == code
    return session.scalars(select(Branch).where(*chosen)).one_or_none() if code else None


def services_by_code(session: Session, clinic: Clinic, codes: Sequence[str]) -> dict[str, Service]:
    chosen = Service.clinic_id == clinic.id, Service.code.in_(codes)
    return {one.code: one for one in session.scalars(select(Service).where(*chosen))} if codes else {}
