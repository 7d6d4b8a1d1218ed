"""Why loyalty refused.

LoyaltyError
├── BadPoints        an amount nobody can mean
├── BadConditions    an achievement that asks for what cannot be measured
├── NotEnoughPoints  less available than it costs; `missing` says how many
└── BadPayment       an amount of money that cannot be, or a refund of more than was paid
"""


class LoyaltyError(Exception):
    """Base of this room's refusals: nothing was changed, and repeating the same call changes nothing."""


class BadPoints(LoyaltyError):
    """Points must be a whole number from 1 to 1,000,000."""

    def __init__(self, points: object) -> None:
        super().__init__(f"{points!r} is not a number of points: give a whole number from 1 to 1,000,000")


class NotEnoughPoints(LoyaltyError):
    """`missing`: how many more points it takes."""

    def __init__(self, missing: int) -> None:
        super().__init__(f"{missing} points are missing")
        self.missing = missing


class BadPayment(LoyaltyError):
    """The message says what is wrong with the amount."""


class BadConditions(LoyaltyError):
    """The conditions of an achievement; the message says what to write instead."""
