"""What the cards of every subject share: the clinic's colours, buttons that carry an `Action`, the names of tiers."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Literal, TypeVar

from channels.line.flex import Flex, Palette, button, postback
from channels.line.messages import Choice
from channels.message import Action
from customers.voice import palette_of
from loyalty.tiers import tier_name
from runtime.language import Language

__all__ = ["evenly", "palette_of", "tap", "tier_name", "ways_on", "ways_to_earn"]

One = TypeVar("One")


def evenly(items: Sequence[One], most: int) -> list[Sequence[One]]:
    """In as few bubbles as it takes, filled alike: side by side they are all as high as the highest."""
    bubbles = -(-len(items) // most)
    cuts = [round(at * len(items) / bubbles) for at in range(bubbles + 1)] if bubbles else []
    return [items[start:end] for start, end in pairwise(cuts)]


def tap(
    label: str,
    action: Action,
    palette: Palette,
    style: Literal["primary", "secondary", "quiet"] = "primary",
    **place: Any,
) -> Flex:
    """A button; its label is also what appears in the chat as the customer's words."""
    return button(label, postback(action.data, label), palette, style, **place)


def ways_on(t: Language, *, member: bool) -> tuple[Choice, ...]:
    """The choices under an answer: where one can go from anywhere."""
    if not member:
        return (
            Choice(t("Become a member"), Action("join")),
            Choice(t("I have a code"), Action("friend_code")),
            Choice(t("Tiers"), Action("tiers")),
        )
    return (
        Choice(t("My card"), Action("card")),
        Choice(t("My points"), Action("points")),
        Choice(t("Rewards"), Action("rewards")),
        Choice(t("Achievements"), Action("achievements")),
        Choice(t("Invite a friend"), Action("referrals")),
        Choice(t("History"), Action("history")),
        Choice(t("Help"), Action("help")),
    )


def ways_to_earn(t: Language, *, birthday_known: bool) -> tuple[Choice, ...]:
    """What a member can do for points in the chat itself."""
    return (
        Choice(t("Check in"), Action("check_in")),
        Choice(t("Review my visit"), Action("review")),
        *(() if birthday_known else (Choice(t("Set my birthday"), Action("birthday")),)),
    )
