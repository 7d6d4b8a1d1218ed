"""What the cards of every subject share: the clinic's colours, buttons that carry an `Action`, the names of tiers."""

from typing import Any, Literal

from channels.flex import Flex, Palette, button, postback
from channels.message import Action, Choice
from locales.language import Language
from models.clinics import Clinic

BRAND_COLOR = "#8E5A6D"


def palette_of(clinic: Clinic) -> Palette:
    return Palette.of(str(clinic.settings.get("brand_color", BRAND_COLOR)))


def tap(
    label: str,
    action: Action,
    palette: Palette,
    style: Literal["primary", "secondary", "quiet"] = "primary",
    **place: Any,
) -> Flex:
    """A button; its label is also what appears in the chat as the customer's words."""
    return button(label, postback(action.data, label), palette, style, **place)


def tier_name(name: str, t: Language) -> str:
    """The tier's name in the customer's language; a clinic's own tier keeps the name it was given."""
    names = {
        "bronze": t("Bronze"),
        "silver": t("Silver"),
        "gold": t("Gold"),
        "platinum": t("Platinum"),
        "diamond": t("Diamond"),
    }
    return names.get(name, name)


def ways_on(t: Language, *, member: bool) -> tuple[Choice, ...]:
    """The choices under an answer: where one can go from anywhere."""
    if not member:
        return (Choice(t("Become a member"), Action("join")), Choice(t("Tiers"), Action("tiers")))
    return (
        Choice(t("My points"), Action("points")),
        Choice(t("History"), Action("history")),
        Choice(t("Tiers"), Action("tiers")),
        Choice(t("Help"), Action("help")),
    )
