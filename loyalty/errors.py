"""Why loyalty refused.

LoyaltyError
├── BadPoints        an amount nobody can mean
├── BadConditions    an achievement that asks for what cannot be measured
├── NotEnoughPoints  less available than it costs; `missing` says how many
├── LimitReached     more than a customer may have, or one entry may move; `limit` says how much
├── CustomerMerged   this record is another's now; `into` says whose
├── RewardRefused    out of reach; `refusal` says why and by how much
├── RedemptionRefused  `state` is unknown, used, cancelled or expired; `at` says since when
├── ReferralRefused  nobody was bound; `code` says why
├── NotInReview      staff decide a referral that does not wait for them
└── EarningRefused   no check-in, review or birthday; `code` says why
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from runtime.errors import Refused


class LoyaltyError(Refused):
    """Base of this room's refusals: nothing was changed, and repeating the same call changes nothing."""


class BadPoints(LoyaltyError):
    """Points must be a whole number from 1 to 1,000,000."""

    code = "bad_points"

    def __init__(self, points: object) -> None:
        super().__init__(f"{points!r} is not a number of points: give a whole number from 1 to 1,000,000")


class NotEnoughPoints(LoyaltyError):
    """`missing`: how many more points it takes."""

    code = "not_enough_points"

    def __init__(self, missing: int) -> None:
        super().__init__(f"{missing} points are missing", missing=missing)
        self.missing = missing


class LimitReached(LoyaltyError):
    """More than what is meant by it can be: nothing was written. `limit`: the most; `of`: of what."""

    code = "limit_reached"

    def __init__(self, of: Literal["entry", "points", "baht"], limit: int, amount: int | Decimal) -> None:
        messages = {
            "entry": f"this would move {amount:,} points at once; the most is {limit:,}",
            "points": f"the customer would have {amount:,} points; the most is {limit:,}",
            "baht": f"the customer would have spent {amount:,} baht; the most is {limit:,}",
        }
        super().__init__(messages[of], limit=limit, of=of)
        self.limit, self.of = limit, of


class CustomerMerged(LoyaltyError):
    """The customer has become another record: do the same again with that one, `into`."""

    code = "conflict"

    def __init__(self, into: UUID) -> None:
        super().__init__(f"this customer was merged: use {into}")
        self.into = into


class BadConditions(LoyaltyError):
    """The conditions of an achievement; the message says what to write instead."""

    code = "bad_conditions"


@dataclass(frozen=True)
class Refusal:
    """Why a reward is out of reach; the number or name that belongs to the reason is set, the others are not."""

    code: Literal["unknown", "not_yet", "over", "stock", "limit", "tier", "points", "price_changed"]
    missing: int = 0
    """points: how many more it takes."""
    tier: str | None = None
    """tier: the least that may have it."""
    limit: int | None = None
    """limit: how many a customer may have."""
    at: datetime | None = None
    """not_yet: from when; over: since when."""

    @property
    def public_code(self) -> str:
        """As it is told outside this room, where other things are unknown too."""
        return "unknown_reward" if self.code == "unknown" else f"reward_{self.code}"


class RewardRefused(LoyaltyError):
    """The customer cannot have this reward now; nothing was taken."""

    def __init__(self, refusal: Refusal) -> None:
        messages = {
            "unknown": "this clinic offers no such reward; list its rewards and choose one",
            "not_yet": f"it can be redeemed from {refusal.at}",
            "over": f"it could be redeemed until {refusal.at}",
            "stock": "none are left",
            "limit": f"a customer may have {refusal.limit}, and this one has",
            "tier": f"it takes the tier {refusal.tier}",
            "points": f"{refusal.missing} points are missing",
            "price_changed": "its price is another now; show the customer the new one",
        }
        super().__init__(
            messages[refusal.code],
            missing=refusal.missing or None,
            tier=refusal.tier,
            limit=refusal.limit,
            at=refusal.at,
        )
        self.refusal = refusal
        self.code = refusal.public_code


class RedemptionRefused(LoyaltyError):
    """The code cannot be used or cancelled any more, or never was one; nothing was changed."""

    def __init__(self, state: Literal["unknown", "used", "cancelled", "expired"], at: datetime | None = None) -> None:
        messages = {
            "unknown": "this clinic has issued no such code; read it again from the customer's screen",
            "used": f"it was used at {at}",
            "cancelled": f"it was cancelled at {at}, and its points went back",
            "expired": f"it expired at {at}",
        }
        super().__init__(messages[state], at=at)
        self.state, self.at = state, at
        self.code = "unknown_redemption" if state == "unknown" else f"redemption_{state}"


class ReferralRefused(LoyaltyError):
    """`code`: unknown_code, own_code, already_bound, already_customer, same_phone."""

    def __init__(self, code: str) -> None:
        super().__init__(f"not bound: {code}")
        self.code = code


class NotInReview(LoyaltyError):
    """The referral waits for no decision; `state` is where it stands."""

    code = "not_in_review"

    def __init__(self, state: str) -> None:
        super().__init__(f"this referral is {state}, not in review", state=state)
        self.state = state


class EarningRefused(LoyaltyError):
    """`code`: not_a_member; unknown_code, old_code, already_checked_in; unknown_visit, visit_too_old, already_reviewed,
    bad_rating; bad_birthday, birthday_locked."""

    def __init__(self, code: str) -> None:
        super().__init__(f"nothing earned: {code}")
        self.code = code
