"""Whom the staff's group has found: first name, number, tier, the last three digits of a phone; never more."""

from collections.abc import Sequence

from bot.cards.frame import tier_name
from bot.cards.staff_till import who_is
from bot.words import wording
from channels.line.flex import GAP, GAP_LARGE, GAP_SMALL, Flex, bubble, key_value, separator, title
from channels.line.messages import Card
from customers import cards
from models.customers import Customer
from runtime.language import Language

Found = tuple[Customer, str, str]
"""Who, their tier, and the last three digits of their phone, empty where none is known."""


def people(t: Language, found: Sequence[Found], buttons: list[Flex] | None = None) -> Card:
    lines = []
    for at, (customer, tier, digits) in enumerate(found):
        lines += [separator(GAP_LARGE)] if at else []
        lines.append(title(who_is(t, customer)))
        lines.append(key_value(t("Tier"), tier_name(tier, t), margin=GAP))
        if customer.member_number:
            lines.append(key_value(t("Number"), cards.spaced(customer.member_number), margin=GAP_SMALL))
        if digits:
            lines.append(key_value(t("Phone"), f"…{digits}", margin=GAP_SMALL))
    alt = ", ".join(f"{who_is(t, one)} ({tier_name(tier, t)})" for one, tier, _ in found)
    return Card(alt, bubble(*lines, buttons=buttons or None))


def nobody(t: Language) -> str:
    return t("Nobody is known by that.")


def how(t: Language) -> str:
    return t("To find somebody, write “{find}” and a phone, a member number or a name.", find=wording(t, "find"))


def several(t: Language, count: int | None) -> str:
    """None: there are too many to look at all of them."""
    if count is None:
        return t("Too many customers have such a name to look at all. Please write the whole name, or the phone.")
    return t("{count} customers are called so. Please write more of the name, or the phone.", count=t.number(count))


def too_many(t: Language, limit: int) -> str:
    return t("Not looked for: {count} an hour and member. It was noted for the managers.", count=t.number(limit))
