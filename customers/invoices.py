"""Bills, as the clinic's own systems tell them. What follows from one is with `facts/invoices.py`."""

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from customers import journey
from models.clinics import Clinic
from models.customers import Customer, JourneyData
from models.facts import Payment
from models.invoices import Invoice, InvoiceState

OWED: tuple[InvoiceState, ...] = ("open", "part_paid")
"""States of what is still to be paid."""


def name_of(source: str, external_id: str) -> str:
    """As a payment names the bill that it pays; sources have no colon."""
    return f"{source}:{external_id}"


def of_source(
    session: Session, clinic: Clinic, source: str, external_id: str, *, locked: bool = False
) -> Invoice | None:
    """`locked`: of two that tell of the same one the second waits. Who tells of money too locks the profile first."""
    chosen = Invoice.clinic_id == clinic.id, Invoice.source == source, Invoice.external_id == external_id
    found = select(Invoice).where(*chosen)
    if locked:
        found = found.with_for_update().execution_options(populate_existing=True)
    return session.scalars(found).one_or_none()


def owed(session: Session, customer: Customer, most: int) -> Sequence[Invoice]:
    """What the customer has still to pay, the soonest due first."""
    theirs = Invoice.clinic_id == customer.clinic_id, Invoice.customer_id == customer.id, Invoice.state.in_(OWED)
    chosen = select(Invoice).where(*theirs)
    return session.scalars(chosen.order_by(Invoice.due_on.nulls_last(), Invoice.id).limit(most)).all()


def settle_named(session: Session, clinic: Clinic, named: str | None) -> None:
    """A payment or a refund of the bill that it names was told, by whatever source."""
    source, _, external_id = (named or "").partition(":")
    found = of_source(session, clinic, source, external_id, locked=True) if named else None
    if found is not None:
        settle(session, found)


def settle(session: Session, invoice: Invoice) -> None:
    """Its state, from what its source says of it and from the payments that name it; the row is locked.

    What several sources tell of one amount is the same money, as it is where points are earned: of each amount it was
    paid as often as the source says that tells of it most often.
    """
    session.flush()
    named = (
        Payment.clinic_id == invoice.clinic_id,
        Payment.of_invoice == name_of(invoice.source, invoice.external_id),
        Payment.uncounted.is_distinct_from("void"),
    )
    of = select(Payment.amount, func.count().label("times")).where(*named)
    by_source = of.group_by(Payment.source, Payment.amount).subquery()
    each = (
        select(by_source.c.amount, func.max(by_source.c.times).label("times")).group_by(by_source.c.amount).subquery()
    )
    told = session.scalar(select(func.coalesce(func.sum(each.c.amount * each.c.times), 0))) or Decimal(0)
    back, paid_at = session.execute(
        select(func.coalesce(func.sum(Payment.refunded), 0), func.max(Payment.paid_at)).where(*named)
    ).one()
    invoice.paid = max(told, invoice.told_paid)
    invoice.refunded, invoice.paid_at = min(back, invoice.paid), paid_at
    state = _state(invoice)
    if state != invoice.state:
        invoice.state = state
        write(session, invoice, state)


def write(session: Session, invoice: Invoice, what: str) -> None:
    """One fact of the journey; told again it is the same."""
    data: JourneyData = {"invoice": str(invoice.id), "amount": str(invoice.amount), "by": invoice.source}
    if invoice.due_on is not None:
        data["due_on"] = invoice.due_on.isoformat()
    order = max(invoice.state_order, invoice.amount_order, invoice.due_order)
    key = f"invoice:{invoice.id}:{order}:{what}:{invoice.paid}:{invoice.refunded}"
    journey.write(session, invoice.customer, f"invoice_{what}", invoice.told_at, key=key, data=data)


def _state(invoice: Invoice) -> InvoiceState:
    if invoice.told_state in ("void", "refunded"):
        return invoice.told_state
    if invoice.refunded and invoice.refunded >= invoice.paid:
        return "refunded"
    if invoice.told_state == "paid" or invoice.paid >= invoice.amount:
        return "paid"
    return "part_paid" if invoice.paid else "open"
