"""What the clinic's own systems tell: money paid, money given back, visits."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from facts.paid import paid
from facts.refunded import refunded
from facts.visited import visited
from loyalty import achievements, payments
from models.facts import Uncounted
from runtime.language import LANGUAGES, own_words
from web.api.loyalty import lookups
from web.api.loyalty.profile import Profile, to_profile
from web.api.loyalty.values import Factor
from web.http.operations import RequestContext, Resource
from web.http.values import (
    Baht,
    BranchCode,
    Code,
    CustomerId,
    ExternalId,
    FactId,
    Instant,
    Money,
    OfInvoice,
    RequestModel,
    ResponseModel,
    Source,
    WorkflowId,
)

resource = Resource(
    "Facts", "Payments, refunds and visits, as a till or a booking system tells them.", prefix="/api/loyalty"
)


class Bill(RequestModel):
    customer_id: CustomerId
    amount: Baht


class Quoted(ResponseModel):
    points: int
    amount: Money
    points_per_baht: Factor
    tier: str
    multiplier: Factor


class NewPayment(RequestModel):
    customer_id: CustomerId
    id: ExternalId
    source: Source = "till"
    amount: Baht
    paid_at: Instant
    service_code: Code | None = None
    invoice: OfInvoice | None = None
    branch: BranchCode | None = None
    at_counter: Annotated[
        bool, Field(strict=True, description="Whether the customer was there: then it is a visit of that day, too")
    ] = True
    workflow_id: WorkflowId | None = None


class Reached(ResponseModel):
    code: str
    name: str
    names: dict[str, str] = Field(description="In each language")
    points: int = Field(description="That it gave, besides those of the payment")


class Paid(ResponseModel):
    id: UUID = Field(description="Our id of the payment")
    customer_id: UUID
    amount: Money
    refunded: Money
    points_earned: int
    points_pending: int = Field(description="Promised for this payment, not yet to be spent")
    uncounted: Uncounted | None = Field(
        description="null: it counts. Else it earns nothing: another source's payments earn (`points_from`); another "
        "source has told the same within two hours, and staff decide; they have decided that it is the same, or both "
        "name the same bill; staff have taken it back at once, as if it had not been"
    )
    achievements: list[Reached] = Field(description="Unlocked by it")
    paid_at: datetime
    profile: Profile


class PaymentPath(RequestModel):
    id: FactId


class NewRefund(RequestModel):
    id: ExternalId
    amount: Baht
    refunded_at: Instant


class GivenBack(ResponseModel):
    id: UUID = Field(description="Our id of the refund")
    payment_id: UUID
    amount: Money
    refunded: Money = Field(description="Of this payment in all")
    points_taken_back: int = Field(description="For this refund: none of those that had expired already")
    refunded_at: datetime
    profile: Profile


class NewVisit(RequestModel):
    customer_id: CustomerId
    id: ExternalId
    source: Source = "till"
    visited_at: Instant
    service_code: Code | None = None
    branch: BranchCode | None = None


class Visited(ResponseModel):
    id: UUID = Field(description="Our id of the visit")
    customer_id: UUID
    visited_at: datetime
    profile: Profile


@resource.post("/quote", scope="loyalty:read", answer=Quoted, refusals=("unknown_customer", "limit_reached"))
def quote(context: RequestContext, body: Bill) -> Quoted:
    """What would this bill earn? Nothing is written"""
    customer = lookups.customer(context, body.customer_id)
    bill = payments.quote(context.session, customer, body.amount, context.now)
    return Quoted(
        points=bill.points,
        amount=bill.amount,
        points_per_baht=bill.per_baht,
        tier=bill.tier,
        multiplier=bill.multiplier,
    )


@resource.post(
    "/payments",
    scope="facts:write",
    answer=Paid,
    refusals=("unknown_customer", "fact_refused", "bad_time", "limit_reached"),
)
def record_payment(context: RequestContext, body: NewPayment) -> Paid:
    """Money that was paid, net of discounts

    Earns points, and with them tier, achievements and what else follows. The same source and id again is the same
    payment and earns nothing more; with another amount it is refused.
    """
    customer = lookups.customer(context, body.customer_id)
    recorded = paid(
        context.session,
        customer,
        source=body.source,
        external_id=body.id,
        amount=body.amount,
        paid_at=lookups.past(context, body.paid_at),
        service_code=body.service_code,
        of_invoice=body.invoice.removeprefix("ext:") if body.invoice else None,
        branch_id=lookups.branch(context, body.source, body.branch),
        workflow_id=body.workflow_id,
        at_counter=body.at_counter,
        now=context.now,
    )
    payment = recorded.payment
    return Paid(
        id=payment.id,
        customer_id=customer.id,
        amount=payment.amount,
        refunded=payment.refunded,
        points_earned=recorded.earned,
        points_pending=recorded.promised,
        uncounted=payment.uncounted,
        achievements=[
            Reached(
                code=one.code,
                name=one.name,
                names={language: own_words(one.texts, language, one.name)[0] for language in LANGUAGES},
                points=one.points_reward,
            )
            for one in achievements.unlocked_at(context.session, customer, payment.created_at)
        ],
        paid_at=payment.paid_at,
        profile=to_profile(context, customer),
    )


@resource.post(
    "/payments/<id>/refunds",
    scope="facts:write",
    answer=GivenBack,
    refusals=("unknown_payment", "fact_refused", "bad_time"),
)
def record_refund(context: RequestContext, path: PaymentPath, body: NewRefund) -> GivenBack:
    """Money of a payment that was given back

    Takes back the points in proportion. The same id again is the same refund; more than was paid is refused.
    """
    payment = lookups.payment(context, path.id)
    given_back = refunded(
        context.session,
        payment,
        external_id=body.id,
        amount=body.amount,
        refunded_at=lookups.past(context, body.refunded_at),
        now=context.now,
    )
    refund = given_back.refund
    return GivenBack(
        id=refund.id,
        payment_id=payment.id,
        amount=refund.amount,
        refunded=payment.refunded,
        points_taken_back=given_back.taken_back,
        refunded_at=refund.refunded_at,
        profile=to_profile(context, payment.customer),
    )


@resource.post(
    "/visits", scope="facts:write", answer=Visited, refusals=("unknown_customer", "fact_refused", "bad_time")
)
def record_visit(context: RequestContext, body: NewVisit) -> Visited:
    """A customer was at the clinic

    The same source and id again is the same visit, and so is whatever is told of the same day.
    """
    customer = lookups.customer(context, body.customer_id)
    visit = visited(
        context.session,
        customer,
        source=body.source,
        external_id=body.id,
        visited_at=lookups.past(context, body.visited_at),
        service_code=body.service_code,
        branch_id=lookups.branch(context, body.source, body.branch),
        now=context.now,
    )
    return Visited(
        id=visit.id, customer_id=customer.id, visited_at=visit.visited_at, profile=to_profile(context, customer)
    )
