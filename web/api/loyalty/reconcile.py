"""Whether every customer's numbers are the sums of their entries."""

from uuid import UUID

from pydantic import Field

from loyalty import reconcile
from web.http.operations import RequestContext, Resource
from web.http.values import ResponseModel

resource = Resource(
    "Reconcile",
    "Checking the cached numbers against the ledger. They always agree; this proves it.",
    prefix="/api/loyalty",
)


class Drift(ResponseModel):
    customer_id: UUID
    available_points: int
    sum_of_transactions: int
    sum_of_lots: int
    total_points: int
    counted_points: int
    debt: int
    owed: int
    repairable: bool = Field(description="false: transactions and lots disagree, and somebody has to look")


class Drifts(ResponseModel):
    drifted: list[Drift]


class Repaired(ResponseModel):
    repaired: list[UUID] = Field(description="Customers whose numbers were set to the sums")
    left: list[UUID] = Field(description="Customers that somebody has to look at")


@resource.get("/reconcile", scope="staff", answer=Drifts)
def check_sums(context: RequestContext) -> Drifts:
    """Every profile whose numbers are not the sums; there should be none"""
    return Drifts(
        drifted=[
            Drift(
                customer_id=one.customer_id,
                available_points=one.available,
                sum_of_transactions=one.entries,
                sum_of_lots=one.lots,
                total_points=one.total,
                counted_points=one.counted,
                debt=one.debt,
                owed=one.owed,
                repairable=one.repairable,
            )
            for one in reconcile.check(context.session, context.clinic)
        ]
    )


@resource.post("/reconcile/repair", scope="staff", answer=Repaired)
def repair_sums(context: RequestContext) -> Repaired:
    """Set the numbers that have drifted to the sums, where these agree"""
    tried = [
        (one.customer_id, reconcile.repair(context.session, context.clinic, one, context.now))
        for one in reconcile.check(context.session, context.clinic)
    ]
    return Repaired(repaired=[id_ for id_, done in tried if done], left=[id_ for id_, done in tried if not done])
