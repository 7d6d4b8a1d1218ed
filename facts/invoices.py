"""A clinic's system has told of a bill: made, due at another day, paid, void, or given back."""

from datetime import date, datetime
from decimal import Decimal
from typing import get_args

from sqlalchemy import select
from sqlalchemy.orm import Session

from customers import appointments, invoices
from customers.errors import FactRefused
from customers.payments import check_money
from facts.paid import paid
from facts.refunded import refunded
from facts.told import InvoiceTold, NotYet
from facts.whose import owner
from loyalty import ledger
from models.clinics import Clinic
from models.customers import Customer
from models.facts import Payment
from models.invoices import Invoice, InvoiceSaid


def told(session: Session, clinic: Clinic, source: str, fact: InvoiceTold, now: datetime) -> Invoice:
    """The bill as it is after the fact; told again, late or in another order it ends the same.

    Money that the fact tells of is a payment, or the refund of one, as if it were told apart: told both ways it is
    one. Raises `NotYet` for what nobody has told of yet, `FactRefused` for another customer's, as `paid` and
    `refunded` do, and `NeverAgain` where nobody is named.
    """
    if fact.amount is not None:
        check_money(fact.amount)
    customer = _customer(session, clinic, source, fact, now)
    if fact.payment is not None or fact.refund is not None:
        ledger.open_profile(session, customer, now)  # before the bill is locked, as whoever tells of a payment does
    found = invoices.of_source(session, clinic, source, fact.external_id, locked=True)
    moved = found is not None and _say(session, clinic, found, fact)
    if found is None:
        found = _first(session, clinic, source, fact, customer, now)
    if moved:
        invoices.write(session, found, "due_moved")
    _money(session, clinic, source, fact, found, now)
    invoices.settle(session, found)
    return found


def _customer(session: Session, clinic: Clinic, source: str, fact: InvoiceTold, now: datetime) -> Customer:
    known = invoices.of_source(session, clinic, source, fact.external_id)
    if known is None and (fact.person is None or fact.amount is None):
        raise NotYet(f"{source} has not told of this invoice yet")
    named = owner(session, clinic, source, fact.person, now, fact.at) if fact.person is not None else None
    if known is not None and named is not None and named is not known.customer:
        raise FactRefused("this invoice is known with another customer")
    customer = named if known is None else known.customer
    if customer is None:
        raise NotYet(f"{source} has not told of this invoice yet")
    return customer


def _first(
    session: Session, clinic: Clinic, source: str, fact: InvoiceTold, customer: Customer, now: datetime
) -> Invoice:
    if fact.amount is None:
        raise NotYet(f"{source} has not told of this invoice yet")
    made = Invoice(
        clinic_id=clinic.id,
        customer_id=customer.id,
        customer=customer,
        source=source,
        external_id=fact.external_id,
        state="open",
        told_state=fact.state or "open",
        amount=fact.amount,
        told_paid=fact.paid_in_all or Decimal(0),
        due_on=fact.due_on,
        service_code=appointments.service_code(session, clinic, source, fact.service),
        state_order=-1 if fact.state is None else fact.order,
        amount_order=fact.order,
        due_order=-1 if fact.due_on is None else fact.order,
        service_order=-1 if fact.service is None else fact.order,
        told_at=fact.at,
        created_at=now,
    )
    session.add(made)
    invoices.write(session, made, "created")
    return made


def _say(session: Session, clinic: Clinic, invoice: Invoice, fact: InvoiceTold) -> bool:
    """What it is now, each part where the fact is newer; whether it is due on another day than before."""
    before = invoice.due_on
    if fact.amount is not None and (fact.order, fact.amount) > (invoice.amount_order, invoice.amount):
        invoice.amount, invoice.amount_order = fact.amount, fact.order
        invoice.told_paid = fact.paid_in_all or Decimal(0)
    if fact.due_on is not None and (fact.order, fact.due_on) > (invoice.due_order, before or date.min):
        invoice.due_on, invoice.due_order = fact.due_on, fact.order
    if fact.service is not None and fact.order >= invoice.service_order:  # the same again: the file may know it by now
        invoice.service_code = appointments.service_code(session, clinic, invoice.source, fact.service)
        invoice.service_order = fact.order
    if fact.state is not None and _rank(fact.order, fact.state) > _rank(invoice.state_order, invoice.told_state):
        invoice.told_state, invoice.state_order = fact.state, fact.order
    invoice.told_at = max(invoice.told_at, fact.at)
    return invoice.due_on != before


def _rank(order: int, state: InvoiceSaid) -> tuple[int, int]:
    return order, get_args(InvoiceSaid).index(state)


def _money(session: Session, clinic: Clinic, source: str, fact: InvoiceTold, invoice: Invoice, now: datetime) -> None:
    if (told := fact.payment) is not None:
        code = appointments.service_code(session, clinic, source, told.service)
        branch = appointments.branch_of(session, clinic, source, told.branch)
        paid(
            session, invoice.customer, source=source, external_id=told.external_id, amount=told.amount, paid_at=told.at,
            service_code=code, of_invoice=invoices.name_of(source, fact.external_id), at_counter=told.at_counter,
            branch_id=None if branch is None else branch.id, now=now,
        )  # fmt: skip
    if (back := fact.refund) is not None:
        of = Payment.clinic_id == clinic.id, Payment.source == source, Payment.external_id == back.payment
        payment = session.scalars(select(Payment).where(*of)).one_or_none()
        if payment is None:
            raise NotYet(f"{source} has not told of this payment yet")
        if payment.customer_id != invoice.customer_id:
            raise FactRefused("this payment is known with another customer than the invoice")
        refunded(session, payment, external_id=back.external_id, amount=back.amount, refunded_at=back.at, now=now)
