"""Who brought whom, as the referrer may see it and as staff decide it."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from loyalty import referrals
from loyalty.points import profile_of
from models.facts import Referral
from web.api.loyalty import lookups
from web.api.loyalty.profile import OfCustomer
from web.http.operations import RequestContext, Resource
from web.http.values import Id, RequestModel, ResponseModel

resource = Resource(
    "Referrals", "Friends brought by customers, and the ones that staff should look at.", prefix="/api/loyalty"
)

SHOWN = 100


class Friend(ResponseModel):
    number: int = Field(description="1 is the first friend ever brought")
    state: str = Field(description="bound, qualified, review, paid, void or refused")
    bound_at: datetime
    pays_at: datetime | None


class Friends(ResponseModel):
    referral_code: str | None
    counts: dict[str, int] = Field(description="How many friends by state")
    items: list[Friend] = Field(description="The newest hundred; never who they are")


class Suspicious(ResponseModel):
    id: UUID
    referrer_id: UUID
    friend_id: UUID
    state: str
    reason: str | None
    bound_at: datetime
    pays_at: datetime | None


class Queue(ResponseModel):
    items: list[Suspicious]


class ReferralPath(RequestModel):
    id: Id


class Decision(RequestModel):
    approve: bool = Field(strict=True, description="true: it pays when its days are over; false: never")


@resource.get("/referrals", scope="loyalty:read", answer=Friends, refusals=("unknown_customer",))
def list_referrals(context: RequestContext, query: OfCustomer) -> Friends:
    """A customer's referral code and the friends it has brought"""
    customer = lookups.customer(context, query.customer_id)
    profile = profile_of(context.session, customer)
    return Friends(
        referral_code=profile.referral_code if profile else None,
        counts=referrals.counts(context.session, customer),
        items=[
            Friend(number=one.number, state=one.state, bound_at=one.bound_at, pays_at=one.pays_at)
            for one in referrals.friends(context.session, customer, SHOWN)
        ],
    )


@resource.get("/referrals/review", scope="staff", answer=Queue)
def list_referrals_in_review(context: RequestContext) -> Queue:
    """Referrals that wait for a decision of the staff, oldest first"""
    return Queue(items=[_suspicious(one) for one in referrals.in_review(context.session, context.clinic, SHOWN)])


@resource.post(
    "/referrals/<id>/decide", scope="staff", answer=Suspicious, refusals=("unknown_referral", "not_in_review")
)
def decide_referral(context: RequestContext, path: ReferralPath, body: Decision) -> Suspicious:
    """Approve or refuse a referral that waits for it"""
    referral = lookups.referral(context, path.id)
    referrals.decide(context.session, referral, body.approve, context.now, context.actor)
    return _suspicious(referral)


def _suspicious(referral: Referral) -> Suspicious:
    return Suspicious(
        id=referral.id,
        referrer_id=referral.referrer_id,
        friend_id=referral.friend_id,
        state=referral.state,
        reason=referral.reason,
        bound_at=referral.bound_at,
        pays_at=referral.pays_at,
    )
