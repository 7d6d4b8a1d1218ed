"""Why loyalty refused.

LoyaltyError
├── BadPoints        an amount nobody can mean
└── NotAMember       the customer has no loyalty profile
"""


class LoyaltyError(Exception):
    """Base of this room's refusals: nothing was changed, and repeating the same call changes nothing."""


class BadPoints(LoyaltyError):
    """Points must be a whole number from 1 to 1,000,000."""

    def __init__(self, points: object) -> None:
        super().__init__(f"{points!r} is not a number of points: give a whole number from 1 to 1,000,000")


class NotAMember(LoyaltyError):
    """The customer has no loyalty profile; they join in chat, or by their first award."""
