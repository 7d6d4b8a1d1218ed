"""What a customer has."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from pydantic import Field

from loyalty import points, tiers
from loyalty.points import Standing
from models.customers import Customer
from web.api.loyalty import lookups
from web.api.loyalty.values import Factor
from web.http.operations import RequestContext, Resource
from web.http.values import CustomerId, Money, RequestModel, ResponseModel

resource = Resource("Profile", "Points, tier and referral code of a customer.", prefix="/api/loyalty")


class OfCustomer(RequestModel):
    customer_id: CustomerId


class NextTier(ResponseModel):
    name: str
    points_required: int = Field(description="Total points from which it holds")
    points_missing: int


class Expiry(ResponseModel):
    at: datetime = Field(description="The first instant at which they are gone")
    points: int


class Profile(ResponseModel):
    customer_id: UUID = Field(description="Our id; after two records were merged, that of the one that goes on")
    member: bool = Field(description="Whether the customer has joined the programme")
    total_points: int = Field(description="Earned in all; decides the tier")
    available_points: int = Field(ge=0, description="To be spent now")
    owed: int = Field(
        ge=0,
        description="What a refund took beyond what there was; the next points fill it before any are available",
    )
    pending_points: int = Field(description="Promised, not yet to be spent")
    current_tier: str
    tier_progress: int = Field(ge=0, le=100, description="Percent of the way to the next tier; 100 at the top")
    discount_percent: int
    multiplier: Factor = Field(description="Of the points that a treatment earns")
    next_tier: NextTier | None = Field(description="null at the top")
    next_expiry: Expiry | None
    total_spent: Money
    total_visits: int
    referral_code: str | None = Field(description="null until the customer has earned or joined")


@resource.get("/profile", scope="loyalty:read", answer=Profile, refusals=("unknown_customer",))
def get_profile(context: RequestContext, query: OfCustomer) -> Profile:
    """A customer's points, tier and progress

    Computed for this moment: expired points are gone, matured ones are there. A customer without any points yet has
    zeros and no referral code.
    """
    return to_profile(context, lookups.customer(context, query.customer_id))


def to_profile(context: RequestContext, customer: Customer) -> Profile:
    held = points.profile_of(context.session, customer)
    standing = points.standing(context.session, held, context.now) if held else _nothing_yet(customer)
    above, expiry = standing.next_tier, standing.next_expiry
    return Profile(
        customer_id=customer.id,
        member=customer.joined_at is not None,
        total_points=standing.total,
        available_points=standing.available,
        owed=standing.owed,
        pending_points=standing.pending,
        current_tier=standing.tier.name,
        tier_progress=standing.progress,
        discount_percent=standing.tier.discount,
        multiplier=standing.tier.multiplier,
        next_tier=above
        and NextTier(
            name=above.name, points_required=above.threshold, points_missing=above.threshold - standing.deciding
        ),
        next_expiry=expiry and Expiry(at=expiry[0], points=expiry[1]),
        total_spent=held.total_spent if held else Decimal(0),
        total_visits=held.total_visits if held else 0,
        referral_code=held.referral_code if held else None,
    )


def _nothing_yet(customer: Customer) -> Standing:
    steps = customer.clinic.settings.tiers.steps
    return Standing(0, 0, 0, 0, tiers.tier_for(steps, 0), tiers.next_tier(steps, 0), 0, None, 0)
