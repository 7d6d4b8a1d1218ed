"""Rewards: what points buy, affordable first; the question before they are spent, and the answer to it. It is the
chat's own act, with a key of the same kind: what is sent twice buys once.
"""

import secrets
from dataclasses import dataclass
from uuid import UUID

from pydantic import BaseModel, Field

from bot.cards import rewards as cards
from loyalty import rewards
from loyalty.errors import RewardRefused
from loyalty.rewards import RewardOffer
from models.rewards import Reward
from runtime.language import Language
from web.portal.pages import Pages, Place
from web.portal.visit import Missing, Page, Shown, To, Visit

pages = Pages(place=Place(20, "rewards", "/rewards", "gift", lambda t: t("Rewards")))

ICONS = {"discount": "badge-percent", "free_treatment": "sparkles"}
CONFLICT, GONE = 409, 410


class Decision(BaseModel):
    """The answer to the question: the price that was shown, and the key that makes it one decision."""

    points: int = Field(ge=0, le=1_000_000_000)
    nonce: str = Field(pattern="^[0-9a-f]{8}$")


@dataclass(frozen=True)
class Offered:
    """An offer in words; `why` is what stands against it, empty where nothing does."""

    id: UUID
    icon: str
    kind: str
    name: str
    said: str
    points: int
    available: int
    days: int
    why: str
    counts: bool
    """Whether points are all that is missing: a way that has begun is drawn as one."""


@pages.show("/rewards")
def catalogue(visit: Visit) -> Page:
    return _all(visit)


@pages.show("/rewards/<uuid:reward>")
def one(visit: Visit, reward: UUID) -> Page:
    """The question whether to redeem it, or why it cannot be."""
    return _one(visit, reward)


@pages.do("/rewards/<uuid:reward>")
def redeem(visit: Visit, reward: UUID) -> Shown:
    """The same form again shows the same code, whatever has become of it."""
    decision = visit.form(Decision)
    key = f"{reward}:{decision.nonce}"
    try:
        bought = rewards.redeem(visit.session, visit.customer, reward, visit.now, key=key, at_points=decision.points)
    except RewardRefused as refused:
        t = visit.t
        said = t("Nothing was redeemed, and you have all your points.")
        if refused.refusal.code == "price_changed":
            said = t("The price has changed since. Please look again:")
        return _one(visit, reward, said, CONFLICT)
    return To(f"/redemptions/{bought.id}")


def _all(visit: Visit, wrong: str = "", status: int = 200) -> Page:
    offers = [offered(visit.t, one) for one in rewards.catalogue(visit.session, visit.customer, visit.now)]
    values = {
        "offers": offers, "available": offers[0].available if offers else 0, "nonce": secrets.token_hex(4),
        "wrong": wrong,
    }  # fmt: skip
    return Page("rewards.html", values, status)


def _one(visit: Visit, reward: UUID, wrong: str = "", status: int = 200) -> Page:
    try:
        found = rewards.offer(visit.session, visit.customer, reward, visit.now)
    except RewardRefused as refused:
        if visit.session.get(Reward, (reward, visit.clinic.id)) is None:
            raise Missing from refused
        return _all(visit, visit.t("This reward is not offered any more. You have all your points."), GONE)
    values = {"one": offered(visit.t, found), "nonce": secrets.token_hex(4), "wrong": wrong}
    return Page("reward.html", values, status)


def offered(t: Language, offer: RewardOffer) -> Offered:
    reward, refusal = offer.reward, offer.refusal
    return Offered(
        id=reward.id,
        icon=ICONS.get(reward.kind, "gift"),
        kind=cards.kind(reward, t),
        name=cards.named(reward, t),
        said=cards.described(reward, t),
        points=reward.points,
        available=offer.available,
        days=reward.code_days,
        why=cards.why(t, refusal) if refusal else "",
        counts=refusal is not None and refusal.code == "points",
    )
