"""Square's invoices (developer.squareup.com/reference/square/objects/Invoice): an amount and a day for each part that
is asked for, and a version that grows. The money itself is told by `payment.*`, so an invoice earns nothing.
"""

from datetime import date, tzinfo
from decimal import Decimal

from facts.told import InvoiceTold, micros
from models.invoices import InvoiceSaid
from webhooks.booking import square_people
from webhooks.booking.fields import Fields, Wrong
from webhooks.booking.square_money import baht
from webhooks.booking.system import Passed

STATES: dict[str, InvoiceSaid] = {
    "UNPAID": "open",
    "SCHEDULED": "open",
    "PARTIALLY_PAID": "open",
    "PAYMENT_PENDING": "open",
    "FAILED": "open",
    "PAID": "paid",
    "PARTIALLY_REFUNDED": "paid",
    "REFUNDED": "refunded",
    "CANCELED": "void",
}


def told(body: Fields, zone: tzinfo) -> InvoiceTold:
    """Raises `Passed` for a draft and for a bill of nobody, and `Wrong`."""
    invoice, at = body.under("data").under("object").under("invoice"), body.needed_moment("created_at", zone)
    if body.under("data").yes("deleted") or invoice.text("status") == "DRAFT":
        raise Passed("draft")  # only drafts can be deleted
    status = invoice.needed("status", f"one of {', '.join(STATES)}")
    if status not in STATES:
        raise Wrong(f"{invoice.place}.status: write one of {', '.join(STATES)}")
    recipient = invoice.under("primary_recipient")
    if recipient.text("customer_id") is None:
        raise Passed("nobody_named")
    parts, version = invoice.each("payment_requests"), invoice.version()
    if not parts:
        raise Wrong(f"{invoice.place}.payment_requests: write what is to be paid, and when")
    return InvoiceTold(
        external_id=invoice.needed("id", "the id of the invoice"),
        state=STATES[status],
        order=micros(at) if version is None else version,
        at=at,
        person=square_people.person(recipient, "customer_id"),
        amount=sum((baht(part.under("computed_amount_money")) for part in parts), Decimal(0)),
        due_on=_due(parts),
        paid_in_all=sum((_paid(part) for part in parts), Decimal(0)),
    )


def _due(parts: list[Fields]) -> date | None:
    """Of the next part that is not paid; when all are, of the last."""
    days = [(_paid(part) >= baht(part.under("computed_amount_money")), part.day("due_date")) for part in parts]
    left = [day for done, day in days if not done and day is not None]
    return min(left) if left else max((day for _, day in days if day is not None), default=None)


def _paid(part: Fields) -> Decimal:
    done = part.under("total_completed_amount_money")
    return baht(done) if done else Decimal(0)
