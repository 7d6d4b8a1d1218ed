"""What was bought with points."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from loyalty import redemptions
from loyalty.points import profile_of
from models.rewards import Redemption
from runtime.language import LANGUAGES, own_words
from web.api.loyalty import lookups
from web.api.loyalty.paging import Page, place_of
from web.http.operations import RequestContext, Resource
from web.http.problems import Problem
from web.http.values import Id, RequestModel, ResponseModel, ShortText

resource = Resource(
    "Redemptions", "What was bought: its code is used once, or cancelled before that.", prefix="/api/loyalty"
)


class Bought(ResponseModel):
    id: UUID
    customer_id: UUID
    reward_id: UUID
    reward_name: str
    reward_names: dict[str, str] = Field(description="In each language")
    code: str = Field(description="What staff confirm, once")
    points: int
    state: Literal["issued", "used", "cancelled", "expired"]
    issued_at: datetime
    expires_at: datetime
    settled_at: datetime | None


class Redeemed(ResponseModel):
    redemption: Bought
    available_points: int = Field(ge=0)
    owed: int = Field(ge=0, description="What the next points fill before any are available")


class AllBought(ResponseModel):
    items: list[Bought]
    next: UUID | None = Field(description="Ask with `before` set to this for older ones; null at the end")


class Confirm(RequestModel):
    code: Annotated[ShortText, Field(max_length=40, description="As it was read or typed")]


class RedemptionPath(RequestModel):
    id: Id


@resource.get(
    "/redemptions", scope="loyalty:read", answer=AllBought, refusals=("unknown_customer", "unknown_redemption")
)
def list_redemptions(context: RequestContext, query: Page) -> AllBought:
    """What a customer has redeemed, newest first"""
    customer = lookups.customer(context, query.customer_id)
    before = place_of(query)
    if before is not None and redemptions.own(context.session, customer, before) is None:
        raise Problem("unknown_redemption", "The customer has no redemption with the id in `before`.")
    items, older = redemptions.mine(context.session, customer, before=before, limit=query.limit)
    return AllBought(items=[_bought(context, one) for one in items], next=older)


@resource.post(
    "/redemptions/confirm",
    scope="staff",
    answer=Redeemed,
    refusals=("unknown_redemption", "redemption_used", "redemption_cancelled", "redemption_expired"),
)
def confirm_redemption(context: RequestContext, body: Confirm) -> Redeemed:
    """Use a code, once

    Send it as the customer shows or says it.
    """
    return to_redeemed(
        context, redemptions.confirm(context.session, context.clinic, body.code, context.now, actor=context.actor)
    )


@resource.post(
    "/redemptions/<id>/cancel",
    scope="loyalty:write",
    answer=Redeemed,
    refusals=("unknown_redemption", "redemption_used", "redemption_cancelled", "redemption_expired"),
)
def cancel_redemption(context: RequestContext, path: RedemptionPath) -> Redeemed:
    """Cancel before use: the points go back"""
    redemption = lookups.redemption(context, path.id)
    redemptions.cancel(context.session, redemption, context.now, actor=context.actor)
    return to_redeemed(context, redemption)


def to_redeemed(context: RequestContext, redemption: Redemption) -> Redeemed:
    profile = profile_of(context.session, redemption.customer)
    balance = profile.available_points if profile else 0
    return Redeemed(redemption=_bought(context, redemption), available_points=max(balance, 0), owed=max(-balance, 0))


def _bought(context: RequestContext, redemption: Redemption) -> Bought:
    reward = redemption.reward
    return Bought(
        id=redemption.id,
        customer_id=redemption.customer_id,
        reward_id=redemption.reward_id,
        reward_name=reward.name,
        reward_names={language: own_words(reward.texts, language, reward.name)[0] for language in LANGUAGES},
        code=redemption.code,
        points=redemption.points,
        state=redemptions.state_of(redemption, context.now),
        issued_at=redemption.issued_at,
        expires_at=redemption.expires_at,
        settled_at=redemption.settled_at,
    )
