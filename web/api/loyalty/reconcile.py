"""Whether every customer's numbers are the sums of their lines."""

from uuid import UUID

from pydantic import Field

from loyalty import reconcile as sums
from web.http.operations import Call, Subject
from web.http.values import Answer

reconcile = Subject("Reconcile", "Checking the cached numbers against the ledger. They always agree; this proves it.")


class Drift(Answer):
    customer_id: UUID
    available_points: int
    sum_of_transactions: int
    sum_of_lots: int
    total_points: int
    counted_points: int
    debt: int
    owed: int
    repairable: bool = Field(description="false: transactions and lots disagree, and somebody has to look")


class Drifts(Answer):
    drifted: list[Drift]


class Repaired(Answer):
    repaired: list[UUID] = Field(description="Customers whose numbers were set to the sums")
    left: list[UUID] = Field(description="Customers that somebody has to look at")


@reconcile.get("/reconcile", scope="staff", answer=Drifts)
def check_sums(call: Call) -> Drifts:
    """Every profile whose numbers are not the sums; none is the promise"""
    return Drifts(
        drifted=[
            Drift(
                customer_id=one.customer_id,
                available_points=one.available,
                sum_of_transactions=one.lines,
                sum_of_lots=one.lots,
                total_points=one.total,
                counted_points=one.counted,
                debt=one.debt,
                owed=one.owed,
                repairable=one.repairable,
            )
            for one in sums.check(call.session, call.clinic)
        ]
    )


@reconcile.post("/reconcile/repair", scope="staff", answer=Repaired)
def repair_sums(call: Call) -> Repaired:
    """Set the numbers that have drifted to the sums, where these agree"""
    tried = [
        (one.customer_id, sums.repair(call.session, call.clinic, one, call.now))
        for one in sums.check(call.session, call.clinic)
    ]
    return Repaired(repaired=[id_ for id_, done in tried if done], left=[id_ for id_, done in tried if not done])
