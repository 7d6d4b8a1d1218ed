"""The one ear: what a source tells is handed to the fact that it is."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from customers import invoices as bills
from customers.appointments import branch_of, branch_unknown, service_code
from customers.errors import FactRefused
from facts import appointments, courses, customers, invoices, treated
from facts.paid import paid
from facts.refunded import refunded
from facts.told import (
    CLOCKS_DIFFER,
    AppointmentTold,
    CourseTold,
    CustomerTold,
    Fact,
    InvoiceTold,
    NotYet,
    PaymentTold,
    RefundTold,
    TreatmentTold,
    VisitTold,
)
from facts.visited import visited
from facts.whose import owner
from loyalty.errors import LimitReached
from models.clinics import Clinic
from models.customers import Customer
from models.facts import Payment
from runtime.errors import NeverAgain

OF_A_GUEST = "of_a_guest"
"""Somebody came, or did not, who was to come with the one whose appointment it is."""


@dataclass(frozen=True)
class Heard:
    """Whom it was about, and whether the clinic's file does not know the service, or the branch, that was named."""

    customer: Customer
    unmapped: bool = False
    passed: str | None = None
    """Why nothing followed from it: a short code."""
    elsewhere: bool = False


def hear(session: Session, clinic: Clinic, source: str, fact: Fact, now: datetime) -> Heard:
    """Raises `NotYet` for what is about something nobody has told of, `NeverAgain` with what is wrong for the rest, and
    `CustomerMerged`."""
    if not isinstance(fact, CustomerTold):
        _not_in_the_future(fact.at, now)  # nothing that is true would ever be newer
    try:
        heard = _heard(session, clinic, source, fact, now)
        return replace(heard, elsewhere=branch_unknown(session, clinic, source, _place(fact)))
    except (FactRefused, LimitReached) as error:
        raise NeverAgain(str(error)) from error


def _heard(session: Session, clinic: Clinic, source: str, fact: Fact, now: datetime) -> Heard:
    if isinstance(fact, CustomerTold):
        return Heard(customers.told(session, clinic, source, fact, now))
    if isinstance(fact, AppointmentTold):
        return _appointment(session, clinic, source, fact, now)
    if isinstance(fact, InvoiceTold):
        if fact.payment is not None:
            _not_in_the_future(fact.payment.at, now)
        customer = invoices.told(session, clinic, source, fact, now).customer
        return Heard(customer, fact.service is not None and not service_code(session, clinic, source, fact.service))
    if isinstance(fact, CourseTold):
        course = courses.told(session, clinic, source, fact, now)
        service = fact.sale.service if fact.sale is not None else None
        return Heard(course.customer, service is not None and not service_code(session, clinic, source, service))
    if isinstance(fact, RefundTold):
        payment = _payment(session, clinic, source, fact.payment)
        refunded(session, payment, external_id=fact.external_id, amount=fact.amount, refunded_at=fact.at, now=now)
        return Heard(payment.customer)
    if isinstance(fact, TreatmentTold):
        if fact.details is not None:
            _not_in_the_future(fact.details.at, now)
        done = treated.told(session, clinic, source, fact, now)
        return Heard(done.customer, done.service is not None and done.service_code is None)
    customer = owner(session, clinic, source, fact.person, now, fact.at)
    code = service_code(session, clinic, source, fact.service)
    branch, id_ = branch_of(session, clinic, source, fact.branch), fact.external_id
    branch_id = branch.id if branch is not None else None
    if isinstance(fact, PaymentTold):
        paid(
            session, customer, source=source, external_id=id_, amount=fact.amount, paid_at=fact.at, service_code=code,
            of_invoice=bills.name_of(source, fact.invoice) if fact.invoice else None, branch_id=branch_id,
            workflow_id=fact.workflow_id, at_counter=fact.at_counter, now=now,
        )  # fmt: skip
    else:
        visited(
            session, customer, source=source, external_id=id_, visited_at=fact.at, service_code=code,
            branch_id=branch_id, now=now,
        )  # fmt: skip
    return Heard(customer, fact.service is not None and code is None)


def _appointment(session: Session, clinic: Clinic, source: str, fact: AppointmentTold, now: datetime) -> Heard:
    one = appointments.told(session, clinic, source, fact, now)
    if appointments.of_a_guest(session, one, fact):
        return Heard(one.customer, passed=OF_A_GUEST)
    return Heard(one.customer, one.service is not None and one.service_code is None)


def _place(fact: Fact) -> str | None:
    """Where it is, as the source says."""
    match fact:
        case AppointmentTold() | TreatmentTold():
            return fact.details.branch if fact.details is not None else None
        case InvoiceTold():
            return fact.payment.branch if fact.payment is not None else None
        case PaymentTold() | VisitTold():
            return fact.branch
        case _:
            return None


def _not_in_the_future(at: datetime, now: datetime) -> None:
    if at > now + CLOCKS_DIFFER:
        raise NeverAgain("this time is in the future: look at the clock of the sending system")


def _payment(session: Session, clinic: Clinic, source: str, external_id: str) -> Payment:
    told = Payment.clinic_id == clinic.id, Payment.source == source, Payment.external_id == external_id
    found = session.scalars(select(Payment).where(*told)).one_or_none()
    if found is None:
        raise NotYet(f"{source} has not told of this payment yet")
    return found
