"""Points given and taken, and the ledger's entries."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from loyalty import points
from models.loyalty import PointTransaction
from web.api.loyalty import lookups
from web.api.loyalty.paging import Page, place_of
from web.api.loyalty.profile import Profile, to_profile
from web.api.loyalty.values import Points, SignedPoints
from web.http.operations import RequestContext, Resource
from web.http.problems import Problem
from web.http.values import CustomerId, RequestModel, ResponseModel, ShortText

resource = Resource(
    "Points", "Points given by the clinic, corrections, and the history of them all.", prefix="/api/loyalty"
)


class Award(RequestModel):
    customer_id: CustomerId
    points: Points
    description: Annotated[ShortText, Field(description="What they are for; the customer reads it")]
    type: Literal["earned"] = "earned"
    workflow_id: Annotated[
        ShortText | None,
        Field(description="Kept as a reference; it does not keep a second award from earning"),
    ] = None


class Adjustment(RequestModel):
    customer_id: CustomerId
    points: SignedPoints
    reason: Annotated[ShortText, Field(description="Why; it is kept with the entry")]
    counts: bool = Field(False, strict=True, description="Whether total points, and so the tier, change too")


class Booked(ResponseModel):
    transaction_id: UUID
    points: int
    expires_at: datetime | None
    profile: Profile


class Transaction(ResponseModel):
    id: UUID
    type: str = Field(description="earned, redeemed, expired, reversed or adjusted")
    source: str = Field(description="What it was for: treatment, award, reward, expiry, …")
    points: int = Field(description="Signed")
    description: str | None = Field(description="null also after the customer was erased")
    reference: str | None
    reverses_id: UUID | None
    expires_at: datetime | None
    occurred_at: datetime = Field(description="When it happened: what is told late stands there in the history")
    created_at: datetime = Field(description="When it was written")


class History(Page):
    workflow_id: Annotated[
        ShortText | None, Field(description="Only what was awarded by it, or earned by a payment of it")
    ] = None


class Transactions(ResponseModel):
    items: list[Transaction]
    next: UUID | None = Field(description="Ask with `before` set to this for older ones; null at the end")


@resource.post(
    "/points/award", scope="loyalty:write", answer=Booked, refusals=("unknown_customer", "bad_points", "limit_reached")
)
def award_points(context: RequestContext, body: Award) -> Booked:
    """Give points to a customer

    Looks at tier and achievements again and tells the customer. Somebody who has not joined gets a profile without the
    welcome points. For money that was paid use the payments: they count the points themselves.
    """
    customer = lookups.customer(context, body.customer_id)
    entry = points.award_points(
        context.session, customer, body.points, body.description, body.type, body.workflow_id,
        now=context.now, actor=context.actor,
    )  # fmt: skip
    return _booked(context, entry)


@resource.post(
    "/points/adjust",
    scope="staff",
    answer=Booked,
    refusals=("unknown_customer", "bad_points", "not_enough_points", "limit_reached"),
)
def adjust_points(context: RequestContext, body: Adjustment) -> Booked:
    """Correct a customer's points, with a reason

    Taking more than there are is refused. Total points change only with `counts`.
    """
    customer = lookups.customer(context, body.customer_id)
    entry = points.adjust_points(
        context.session, customer, body.points, body.reason, now=context.now, actor=context.actor, counts=body.counts
    )
    return _booked(context, entry)


@resource.get(
    "/transactions", scope="loyalty:read", answer=Transactions, refusals=("unknown_customer", "unknown_transaction")
)
def list_transactions(context: RequestContext, query: History) -> Transactions:
    """A customer's history: what happened last comes first"""
    customer = lookups.customer(context, query.customer_id)
    before = place_of(query)
    if before is not None:
        place = context.session.get(PointTransaction, (before, context.clinic.id))
        if place is None or place.customer_id != customer.id:
            raise Problem("unknown_transaction")
    entries, older = points.history(
        context.session, customer, before=before, limit=query.limit, workflow=query.workflow_id
    )
    return Transactions(items=[_transaction(entry) for entry in entries], next=older)


def _booked(context: RequestContext, entry: PointTransaction) -> Booked:
    return Booked(
        transaction_id=entry.id,
        points=entry.amount,
        expires_at=entry.expires_at,
        profile=to_profile(context, entry.customer),
    )


def _transaction(entry: PointTransaction) -> Transaction:
    return Transaction(
        id=entry.id,
        type=entry.type,
        source=entry.source,
        points=entry.amount,
        description=entry.description,
        reference=entry.reference,
        reverses_id=entry.reverses_id,
        expires_at=entry.expires_at,
        occurred_at=entry.occurred_at,
        created_at=entry.created_at,
    )
