"""Points given and taken, and the ledger's lines."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from loyalty import points as ledger_points
from models.customers import Customer
from models.loyalty import PointTransaction
from web.api.loyalty import lookups
from web.api.loyalty.paging import Page, place_of
from web.api.loyalty.profile import Profile, told
from web.http.operations import Call, Subject
from web.http.problems import Problem
from web.http.values import Answer, Asked, CustomerId, Line, Points, SignedPoints

points = Subject("Points", "Points given by the clinic, corrections, and the history of them all.")

LARGEST_TOTAL = 1_000_000_000
"""More than this on one customer is a mistake of the caller's, long before PostgreSQL's integers end."""


class Award(Asked):
    customer_id: CustomerId
    points: Points
    description: Annotated[Line, Field(description="What they are for; the customer reads it")]
    type: Literal["earned"] = "earned"
    workflow_id: Annotated[
        Line | None, Field(description="Kept as a reference; it does not keep a second award from earning")
    ] = None


class Adjustment(Asked):
    customer_id: CustomerId
    points: SignedPoints
    reason: Annotated[Line, Field(description="Why; it is kept with the line")]
    counts: bool = Field(False, strict=True, description="Whether total points, and so the tier, change too")


class Booked(Answer):
    transaction_id: UUID
    points: int
    expires_at: datetime | None
    profile: Profile


class Transaction(Answer):
    id: UUID
    type: str = Field(description="earned, redeemed, expired, reversed or adjusted")
    source: str = Field(description="What it was for: treatment, award, reward, expiry, …")
    points: int = Field(description="Signed")
    description: str | None = Field(description="null also after the customer was erased")
    reference: str | None
    reverses_id: UUID | None
    expires_at: datetime | None
    created_at: datetime


class Transactions(Answer):
    items: list[Transaction]
    next: UUID | None = Field(description="Ask with `before` set to this for older ones; null at the end")


@points.post("/points/award", scope="loyalty:write", answer=Booked, refusals=("unknown_customer", "bad_points"))
def award_points(call: Call, body: Award) -> Booked:
    """Give points to a customer

    Looks at tier and achievements again and tells the customer. Somebody who has not joined gets a profile without the
    welcome points. For money that was paid use the payments: they count the points themselves.
    """
    customer = lookups.customer(call, body.customer_id)
    _bearable(call, customer, body.points)
    line = ledger_points.award_points(
        call.session, customer, body.points, body.description, body.type, body.workflow_id,
        now=call.now, actor=call.actor,
    )  # fmt: skip
    return _booked(call, line)


@points.post(
    "/points/adjust", scope="staff", answer=Booked, refusals=("unknown_customer", "bad_points", "not_enough_points")
)
def adjust_points(call: Call, body: Adjustment) -> Booked:
    """Correct a customer's points, with a reason

    Taking more than there are is refused. Total points change only with `counts`.
    """
    customer = lookups.customer(call, body.customer_id)
    _bearable(call, customer, body.points)
    line = ledger_points.adjust_points(
        call.session, customer, body.points, body.reason, now=call.now, actor=call.actor, counts=body.counts
    )
    return _booked(call, line)


@points.get(
    "/transactions", scope="loyalty:read", answer=Transactions, refusals=("unknown_customer", "unknown_transaction")
)
def list_transactions(call: Call, query: Page) -> Transactions:
    """A customer's history, newest first"""
    customer = lookups.customer(call, query.customer_id)
    before = place_of(query)
    if before is not None:
        place = call.session.get(PointTransaction, (before, call.clinic.id))
        if place is None or place.customer_id != customer.id:
            raise Problem("unknown_transaction")
    lines, older = ledger_points.history(call.session, customer, before=before, limit=query.limit)
    return Transactions(items=[_line(line) for line in lines], next=older)


def _bearable(call: Call, customer: Customer, more: int) -> None:
    held = ledger_points.profile_of(call.session, customer)
    if held is not None and held.total_points + more > LARGEST_TOTAL:
        raise Problem("bad_points", "The customer would have more points than can be meant.")


def _booked(call: Call, line: PointTransaction) -> Booked:
    return Booked(
        transaction_id=line.id, points=line.amount, expires_at=line.expires_at, profile=told(call, line.customer)
    )


def _line(line: PointTransaction) -> Transaction:
    return Transaction(
        id=line.id,
        type=line.type,
        source=line.source,
        points=line.amount,
        description=line.description,
        reference=line.reference,
        reverses_id=line.reverses_id,
        expires_at=line.expires_at,
        created_at=line.created_at,
    )
