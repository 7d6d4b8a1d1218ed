"""Bills, for a system that calls the API rather than sending webhooks."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from customers import invoices as kept
from facts import invoices
from facts.told import InvoiceTold, PaymentTold, Person, RefundTold, micros
from models.invoices import Invoice, InvoiceSaid, InvoiceState
from web.api.loyalty import lookups
from web.http.operations import RequestContext, Resource
from web.http.values import (
    Baht,
    Code,
    CustomerId,
    Day,
    ExternalId,
    Instant,
    Money,
    RequestModel,
    ResponseModel,
    Source,
    Version,
)

resource = Resource("Invoices", "Bills, and what was paid of them.", prefix="/api/facts")

MOST = 50


class PaidOfIt(RequestModel):
    id: Annotated[
        ExternalId | None, Field(description="Your id of the payment, by which it is known once; else the bill's")
    ] = None
    amount: Baht
    at_counter: Annotated[
        bool, Field(strict=True, description="Whether the customer was there: then it is a visit of that day, too")
    ] = True


class GivenBackOfIt(RequestModel):
    id: ExternalId
    payment: Annotated[ExternalId | None, Field(description="Your id of the payment; else the bill's")] = None
    amount: Baht


class NewInvoice(RequestModel):
    customer_id: CustomerId
    id: ExternalId
    source: Source = "standard"
    at: Annotated[Instant, Field(description="When this was so")]
    version: Version = None
    state: Annotated[
        InvoiceSaid | None,
        Field(
            description="`open`: it stands, whatever was paid of it; `paid` where all of it was paid elsewhere. "
            "Left out it stays as it was: what is `void` is owed again by `open` only. A new bill stands"
        ),
    ] = None
    amount: Annotated[Baht, Field(description="Of the whole bill, net of discounts")]
    due_on: Annotated[Day | None, Field(description="The last day on which it is paid in time")] = None
    service_code: Code | None = None
    payment: Annotated[PaidOfIt | None, Field(description="Was just paid, and earns as a payment does")] = None
    refund: Annotated[GivenBackOfIt | None, Field(description="Was just given back")] = None


class Whose(RequestModel):
    customer_id: CustomerId


class InvoiceAnswer(ResponseModel):
    id: UUID = Field(description="Our id of the bill")
    customer_id: UUID
    source: str
    external_id: str
    state: InvoiceState
    amount: Money
    paid: Money = Field(description="In all, refunds not taken off")
    refunded: Money
    paid_at: datetime | None = Field(description="When the last of it was paid")
    due_on: date | None
    service_code: str | None


class Owed(ResponseModel):
    invoices: list[InvoiceAnswer]


@resource.post(
    "/invoices",
    scope="facts:write",
    answer=InvoiceAnswer,
    refusals=("unknown_customer", "fact_refused", "bad_time", "limit_reached", "unknown_payment"),
)
def tell_invoice(context: RequestContext, body: NewInvoice) -> InvoiceAnswer:
    """A bill as it is now: made, due on another day, paid in part or whole, void or given back

    The same source and id again is the same bill. What is told late changes nothing that is newer. A `payment` here
    and one told under `/payments` with the same source and id are one, and so is one of another source that names this
    bill.
    """
    if body.payment is not None:
        lookups.past(context, body.at)
    customer = lookups.customer(context, body.customer_id)
    if body.refund is not None:
        lookups.payment(context, f"ext:{body.source}:{body.refund.payment or body.id}")
    fact = InvoiceTold(
        external_id=body.id,
        state=body.state,
        order=micros(body.at) if body.version is None else body.version,
        at=body.at,
        person=Person(ours=customer.id),
        amount=body.amount,
        due_on=body.due_on,
        service=body.service_code,
        payment=_payment(body, body.payment) if body.payment else None,
        refund=_refund(body, body.refund) if body.refund else None,
    )
    return _answer(invoices.told(context.session, context.clinic, body.source, fact, context.now))


@resource.get("/invoices", scope="facts:write", answer=Owed, refusals=("unknown_customer",))
def owed_invoices(context: RequestContext, query: Whose) -> Owed:
    """What the customer has still to pay, the soonest due first"""
    customer = lookups.customer(context, query.customer_id)
    return Owed(invoices=[_answer(one) for one in kept.owed(context.session, customer, MOST)])


def _payment(body: NewInvoice, paid: PaidOfIt) -> PaymentTold:
    return PaymentTold(
        paid.id or body.id, Person(), paid.amount, body.at, body.service_code, body.id, at_counter=paid.at_counter
    )


def _refund(body: NewInvoice, back: GivenBackOfIt) -> RefundTold:
    return RefundTold(back.id, back.payment or body.id, back.amount, body.at)


def _answer(one: Invoice) -> InvoiceAnswer:
    return InvoiceAnswer(
        id=one.id,
        customer_id=one.customer_id,
        source=one.source,
        external_id=one.external_id,
        state=one.state,
        amount=one.amount,
        paid=one.paid,
        refunded=one.refunded,
        paid_at=one.paid_at,
        due_on=one.due_on,
        service_code=one.service_code,
    )
