"""The treatment of an appointment that was completed: it counts as done without anything else being told."""

from datetime import datetime

from sqlalchemy.orm import Session

from customers import appointments, journey
from customers.visits import bounds
from models.appointments import Appointment
from models.treatments import Treatment


def treatment(
    session: Session, one: Appointment, known: Treatment | None, now: datetime, *, wanted: bool
) -> Treatment | None:
    """As the appointment stands; `known`: the one that it has implied before. Under the profile's lock, so each change
    is written once."""
    if known is None and not wanted:
        return None
    before = known.state if known is not None else None
    made = known or _new(session, one, now)
    if wanted:
        _describe(made, one)
    made.state = "performed" if wanted else "voided"
    if made.state != before:
        session.flush()
        written(session, made, made.performed_at if wanted else now)
    return made


def written(session: Session, one: Treatment, at: datetime) -> None:
    """In the journey: what follows up on treatments reads it there."""
    journey.write(
        session, one.customer, f"treatment_{one.state}", at,
        data={"treatment": str(one.id), "service": one.service_code, "workflow": one.workflow_id, "by": one.source},
    )  # fmt: skip


def _new(session: Session, one: Appointment, now: datetime) -> Treatment:
    made = Treatment(
        clinic_id=one.clinic_id,
        customer_id=one.customer_id,
        customer=one.customer,
        source=one.source,
        appointment_id=one.id,
        state="performed",
        performed_at=one.starts_at,
        state_order=0,
        details_order=0,
        told_at=now,
        created_at=now,
    )
    session.add(made)
    return made


def _describe(made: Treatment, one: Appointment) -> None:
    _, midnight = bounds(one.customer.clinic, one.starts_at)
    ended = one.ends_at or one.starts_at
    if made.customer_id != one.customer_id:
        made.customer_id, made.customer = one.customer_id, one.customer
    made.performed_at = ended if one.starts_at <= ended < midnight else one.starts_at
    made.branch_id, made.service_code = one.branch_id, one.service_code
    made.service, made.about, made.told_at = one.service, appointments.for_whom(one), one.told_at
