"""A source has told of a treatment: performed, or that it was none."""

from datetime import datetime

from sqlalchemy.orm import Session

from customers import appointments, treatments
from customers.treatments import rank
from customers.visits import Word
from facts import days
from facts.implied import written
from facts.told import NotYet, Performed, TreatmentTold
from facts.whose import whose
from loyalty import ledger
from models.clinics import Clinic
from models.treatments import Treatment
from runtime.actors import SYSTEM


def told(
    session: Session, clinic: Clinic, source: str, fact: TreatmentTold, now: datetime, *, actor: str = SYSTEM
) -> Treatment:
    """The treatment as it is after the fact; told again, late or in another order it ends the same.

    Raises `NotYet` for a state of what nobody has told of yet, `NeverAgain` where nobody is named, and
    `CustomerMerged`.
    """
    owner = treatments.whose(session, clinic, source, fact.external_id)
    if owner is not None:
        ledger.lock(session, owner)  # before the treatment, as whoever settles a day does
    found = treatments.of_source(session, clinic, source, fact.external_id)
    before = None if found is None else found.state
    at_before = found.of_appointment if found is not None else None
    if found is None:
        found = _first(session, clinic, source, fact, now)
    elif fact.details is not None and fact.order > found.details_order:
        _describe(session, clinic, found, fact.details, now, fact.at)
        found.details_order, found.told_at = fact.order, max(found.told_at, fact.at)
    elif fact.details is not None and fact.order == found.details_order:  # told again: the file may know it by now
        code = appointments.service_code(session, clinic, source, fact.details.service)
        found.service_code = found.service_code or code
        branch = appointments.branch_of(session, clinic, source, fact.details.branch)
        found.branch_id = found.branch_id or (branch.id if branch is not None else None)
    if rank(fact.order, fact.state) > rank(found.state_order, found.state):
        found.state, found.state_order, found.told_at = fact.state, fact.order, max(found.told_at, fact.at)
    session.flush()
    if found.state != before:
        written(session, found, found.performed_at if found.state == "performed" else found.told_at)
    _settle(session, clinic, found, {at_before, found.of_appointment}, now, actor)
    return found


def _first(session: Session, clinic: Clinic, source: str, fact: TreatmentTold, now: datetime) -> Treatment:
    if fact.details is None:
        raise NotYet(f"{source} has not told of this treatment yet")
    customer, _about = whose(session, clinic, source, fact.details.person, now, fact.at)
    made = Treatment(
        clinic_id=clinic.id,
        customer_id=customer.id,
        customer=customer,
        source=source,
        external_id=fact.external_id,
        state=fact.state,
        performed_at=fact.details.at,
        state_order=fact.order,
        details_order=fact.order,
        told_at=fact.at,
        created_at=now,
    )
    _describe(session, clinic, made, fact.details, now, fact.at)
    session.add(made)
    return made


def _describe(
    session: Session, clinic: Clinic, made: Treatment, details: Performed, now: datetime, at: datetime
) -> None:
    """Who, when and what, as the source says now."""
    customer, about = whose(session, clinic, made.source, details.person, now, at)
    if customer is not made.customer:
        made.customer_id, made.customer = customer.id, customer
    branch = appointments.branch_of(session, clinic, made.source, details.branch)
    made.performed_at, made.branch_id = details.at, None if branch is None else branch.id
    made.service_code = appointments.service_code(session, clinic, made.source, details.service)
    made.service, made.staff, made.about = details.service_name or details.service, details.staff, about
    made.of_appointment, made.workflow_id = details.appointment, details.workflow_id


def _settle(session: Session, clinic: Clinic, one: Treatment, held: set[str | None], now: datetime, actor: str) -> None:
    """Its day, and that of the appointment at which it was done."""
    at, there = one.performed_at, one.state == "performed" and one.about is None
    word = Word("treatment", one.source, one.external_id or "", at, one.branch_id, one.service_code, actor)
    ledger.open_profile(session, one.customer, now)
    days.say(session, one.customer, word, now, there=there)
    days.settle(session, one.customer, at, now, actor=actor)
    for id_ in sorted(id_ for id_ in held if id_):
        appointment = appointments.of_source(session, clinic, one.source, id_)
        if appointment is not None:
            days.settle(session, appointment.customer, appointment.starts_at, now)
