"""What points buy, and what was bought."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from loyalty import redemptions as bought
from loyalty import rewards as offered
from loyalty.points import profile_of
from models.rewards import Redemption
from web.api.loyalty import lookups
from web.api.loyalty.paging import Page, place_of
from web.api.loyalty.profile import OfCustomer
from web.http.operations import Call, Subject
from web.http.problems import Problem, kinds
from web.http.values import Answer, Asked, CustomerId, Id, Line, Points

rewards = Subject("Rewards", "What points buy.")
redemptions = Subject("Redemptions", "What was bought: its code is used once, or cancelled before that.")


class Refused(Answer):
    code: str = Field(description="The `code` with which redeeming it would be refused")
    detail: str
    missing: int | None = Field(None, description="How many points it takes more")
    tier: str | None = Field(None, description="The least tier that may have it")
    limit: int | None = Field(None, description="How many a customer may have")
    at: datetime | None = Field(None, description="From when it can be had, or since when no more")


class Words(Answer):
    name: str
    description: str


class Offer(Answer):
    id: UUID
    code: str
    kind: str = Field(description="discount, free_treatment or free_product")
    texts: dict[str, Words] = Field(description="By language: th, en")
    points: int
    value: int | None = Field(description="Percent of a discount")
    stock: int | None = Field(description="How many are left; null without limit")
    available: bool = Field(description="Whether this customer can redeem it now")
    refusal: Refused | None


class Offers(Answer):
    items: list[Offer]


class Redeem(Asked):
    customer_id: CustomerId
    reward_id: Id
    at_points: Annotated[
        Points | None, Field(description="The price that the customer was shown; with another one it is refused")
    ] = None


class Bought(Answer):
    id: UUID
    customer_id: UUID
    reward_id: UUID
    reward_name: str
    code: str = Field(description="What staff confirm, once")
    points: int
    state: Literal["issued", "used", "cancelled", "expired"]
    issued_at: datetime
    expires_at: datetime
    settled_at: datetime | None


class Redeemed(Answer):
    redemption: Bought
    available_points: int


class AllBought(Answer):
    items: list[Bought]
    next: UUID | None = Field(description="Ask with `before` set to this for older ones; null at the end")


class Confirm(Asked):
    code: Annotated[Line, Field(max_length=40, description="As it was read or typed")]


class RedemptionPath(Asked):
    id: Id


@rewards.get("/rewards", scope="loyalty:read", answer=Offers, refusals=("unknown_customer",))
def list_rewards(call: Call, query: OfCustomer) -> Offers:
    """What this customer can have, affordable first

    Of what cannot be had now each says why, and how much is missing.
    """
    customer = lookups.customer(call, query.customer_id)
    return Offers(items=[_offer(one) for one in offered.catalogue(call.session, customer, call.now)])


@rewards.post(
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
def redeem_reward(call: Call, body: Redeem) -> Redeemed:
    """Redeem a reward: takes the points and issues a code

    The code is good until `expiresAt`. Send an `Idempotency-Key`, or a repeated request buys twice.
    """
    customer = lookups.customer(call, body.customer_id)
    redemption = offered.redeem(
        call.session, customer, UUID(body.reward_id), call.now, at_points=body.at_points, actor=call.actor
    )
    return _redeemed(call, redemption)


@redemptions.get(
    "/redemptions", scope="loyalty:read", answer=AllBought, refusals=("unknown_customer", "unknown_redemption")
)
def list_redemptions(call: Call, query: Page) -> AllBought:
    """What a customer has redeemed, newest first"""
    customer = lookups.customer(call, query.customer_id)
    before = place_of(query)
    if before is not None and bought.own(call.session, customer, before) is None:
        raise Problem("unknown_redemption", "The customer has no redemption with the id in `before`.")
    items, older = bought.mine(call.session, customer, before=before, limit=query.limit)
    return AllBought(items=[_bought(call, one) for one in items], next=older)


@redemptions.post(
    "/redemptions/confirm",
    scope="staff",
    answer=Redeemed,
    refusals=("unknown_redemption", "redemption_used", "redemption_cancelled", "redemption_expired"),
)
def confirm_redemption(call: Call, body: Confirm) -> Redeemed:
    """Use a code, once

    Send it as the customer shows or says it.
    """
    return _redeemed(call, bought.confirm(call.session, call.clinic, body.code, call.now, actor=call.actor))


@redemptions.post(
    "/redemptions/<id>/cancel",
    scope="loyalty:write",
    answer=Redeemed,
    refusals=("unknown_redemption", "redemption_used", "redemption_cancelled", "redemption_expired"),
)
def cancel_redemption(call: Call, path: RedemptionPath) -> Redeemed:
    """Cancel before use: the points go back"""
    redemption = lookups.redemption(call, path.id)
    bought.cancel(call.session, redemption, call.now, actor=call.actor)
    return _redeemed(call, redemption)


def _offer(one: offered.Offer) -> Offer:
    reward, why = one.reward, one.refusal
    words = {language: offered.text_of(reward, language) for language in ("th", "en")}
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
        and Refused(
            code=f"reward_{why.code}",
            detail=kinds[f"reward_{why.code}"].title,
            missing=why.missing or None,
            tier=why.tier,
            limit=why.limit,
            at=why.at,
        ),
    )


def _redeemed(call: Call, redemption: Redemption) -> Redeemed:
    profile = profile_of(call.session, redemption.customer)
    return Redeemed(redemption=_bought(call, redemption), available_points=profile.available_points if profile else 0)


def _bought(call: Call, redemption: Redemption) -> Bought:
    return Bought(
        id=redemption.id,
        customer_id=redemption.customer_id,
        reward_id=redemption.reward_id,
        reward_name=redemption.reward.name,
        code=redemption.code,
        points=redemption.points,
        state=bought.state_of(redemption, call.now),
        issued_at=redemption.issued_at,
        expires_at=redemption.expires_at,
        settled_at=redemption.settled_at,
    )
