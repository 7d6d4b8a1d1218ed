"""What points buy."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from loyalty import rewards
from runtime.language import LANGUAGES, own_words
from web.api.loyalty import lookups
from web.api.loyalty.problems import PROBLEMS
from web.api.loyalty.profile import OfCustomer
from web.api.loyalty.redemptions import Redeemed, to_redeemed
from web.api.loyalty.values import Points
from web.http.operations import RequestContext, Resource
from web.http.values import CustomerId, Id, RequestModel, ResponseModel

resource = Resource("Rewards", "What points buy.", prefix="/api/loyalty")


class OfferRefusal(ResponseModel):
    code: str = Field(description="The `code` with which redeeming it would be refused")
    detail: str
    missing: int | None = Field(None, description="How many points it takes more")
    tier: str | None = Field(None, description="The least tier that may have it")
    limit: int | None = Field(None, description="How many a customer may have")
    at: datetime | None = Field(None, description="From when it can be had, or since when no more")


class Words(ResponseModel):
    name: str
    description: str


class Offer(ResponseModel):
    id: UUID
    code: str
    kind: str = Field(description="discount, free_treatment or free_product")
    texts: dict[str, Words] = Field(description=f"By language: {', '.join(LANGUAGES)}")
    points: int
    value: int | None = Field(description="Percent of a discount")
    stock: int | None = Field(description="How many are left; null without limit")
    available: bool = Field(description="Whether this customer can redeem it now")
    refusal: OfferRefusal | None


class Offers(ResponseModel):
    items: list[Offer]


class Redeem(RequestModel):
    customer_id: CustomerId
    reward_id: Id
    at_points: Annotated[
        Points | None, Field(description="The price that the customer was shown; with another one it is refused")
    ] = None


@resource.get("/rewards", scope="loyalty:read", answer=Offers, refusals=("unknown_customer",))
def list_rewards(context: RequestContext, query: OfCustomer) -> Offers:
    """What this customer can have, affordable first

    Of what cannot be had now each says why, and how much is missing.
    """
    customer = lookups.customer(context, query.customer_id)
    return Offers(items=[_offer(one) for one in rewards.catalogue(context.session, customer, context.now)])


@resource.post(
    "/rewards/redeem",
    scope="loyalty:write",
    answer=Redeemed,
    refusals=(
        "unknown_customer",
        "unknown_reward",
        "reward_not_yet",
        "reward_over",
        "reward_stock",
        "reward_limit",
        "reward_tier",
        "reward_points",
        "reward_price_changed",
    ),
)
def redeem_reward(context: RequestContext, body: Redeem) -> Redeemed:
    """Redeem a reward: takes the points and issues a code

    The code is good until `expiresAt`. Send an `Idempotency-Key`, or a repeated request buys twice.
    """
    customer = lookups.customer(context, body.customer_id)
    redemption = rewards.redeem(
        context.session, customer, UUID(body.reward_id), context.now, at_points=body.at_points, actor=context.actor
    )
    return to_redeemed(context, redemption)


def _offer(one: rewards.RewardOffer) -> Offer:
    reward, why = one.reward, one.refusal
    words = {language: own_words(reward.texts, language, reward.name) for language in LANGUAGES}
    return Offer(
        id=reward.id,
        code=reward.code,
        kind=reward.kind,
        texts={language: Words(name=name, description=description) for language, (name, description) in words.items()},
        points=reward.points,
        value=reward.value,
        stock=reward.stock,
        available=why is None,
        refusal=why
        and OfferRefusal(
            code=why.public_code,
            detail=PROBLEMS[why.public_code].title,
            missing=why.missing or None,
            tier=why.tier,
            limit=why.limit,
            at=why.at,
        ),
    )
