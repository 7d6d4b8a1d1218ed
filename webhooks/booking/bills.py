"""Bills in our own form: docs/booking.md describes it."""

from datetime import datetime

from facts.told import InvoiceTold, PaymentTold, Person, RefundTold, micros
from models.invoices import InvoiceSaid
from webhooks.booking.fields import Fields, Wrong
from webhooks.booking.people import named

STATES: dict[str, InvoiceSaid | None] = {
    "invoice.created": "open",
    "invoice.changed": None,
    "invoice.due_moved": None,
    "invoice.paid": None,
    "invoice.refunded": None,
    "invoice.void": "void",
}
"""What is void is owed again only when it is told anew: money that is given back, or another due date, does not say
that it stands. Whether all of it is paid is seen from the payments."""


def told(kind: str, data: Fields, at: datetime) -> InvoiceTold:
    """Raises `Wrong`."""
    id_, version = data.needed("id", "your id of the invoice"), data.version()
    if data.text("currency") not in (None, "THB"):
        raise Wrong(f"{data.place}.currency: amounts are in THB")
    if kind == "invoice.due_moved":
        data.needed_day("dueOn")
    paid = kind == "invoice.paid"
    return InvoiceTold(
        external_id=id_,
        state=STATES[kind],
        order=micros(at) if version is None else version,
        at=at,
        person=named(data),
        amount=data.baht("amount") if kind == "invoice.created" or data.has("amount") else None,
        due_on=data.day("dueOn"),
        service=data.text("service"),
        payment=_payment(data, id_, at) if paid else None,
        refund=_refund(data, id_, at) if kind == "invoice.refunded" else None,
    )


def _payment(data: Fields, id_: str, at: datetime) -> PaymentTold:
    """Without an amount of its own it is the whole bill, which then is said."""
    amount = data.baht("paid" if data.has("paid") else "amount")
    return PaymentTold(
        data.text("payment") or id_, Person(), amount, at, data.text("service"), id_, branch=data.text("branch"),
        at_counter=not data.yes("online"),
    )  # fmt: skip


def _refund(data: Fields, id_: str, at: datetime) -> RefundTold:
    return RefundTold(data.text("refund") or id_, data.text("payment") or id_, data.baht("refunded"), at)
