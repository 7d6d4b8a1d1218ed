"""The five tiers side by side."""

from bot.cards.frame import palette_of, tap, tier_name
from channels.line.flex import CLOSE, SMALL, TIER_METALS, Flex, Palette, bubble, caption, column, row, text, title
from channels.line.messages import Card
from channels.message import Action
from loyalty import rolling
from loyalty.standing import Standing
from models.clinic_settings import Tier
from models.clinics import Clinic
from runtime.language import Language


def compare(clinic: Clinic, t: Language, tiers: tuple[Tier, ...], held: Standing | None) -> Card:
    """What each tier asks and gives; for a member also where they stand and what is missing."""
    palette = palette_of(clinic)
    names = ", ".join(tier_name(tier.name, t) for tier in tiers)
    button = (
        tap(t("My points"), Action("points"), palette, "secondary")
        if held
        else tap(t("Become a member"), Action("join"), palette)
    )
    return Card(
        t("Our tiers: {names}", names=names),
        bubble(
            title(t("Our tiers")),
            caption(how(t, clinic)),
            *(_tier(t, tier, held, palette) for tier in tiers),
            padding=CLOSE,
            buttons=[button],
        ),
    )


def how(t: Language, clinic: Clinic) -> str:
    """Which points decide the tier."""
    if rolling.applies(clinic):
        return t("Decided by the points of the last 12 months, looked at each month.")
    return t("Decided by all points ever earned. Spending never lowers your tier.")


def _tier(t: Language, tier: Tier, held: Standing | None, palette: Palette) -> Flex:
    metal = TIER_METALS.get(tier.name, TIER_METALS["bronze"])
    here = held is not None and held.tier.name == tier.name
    benefits = t(
        "{discount}% off, points ×{multiplier}",
        discount=tier.discount,
        multiplier=f"{tier.multiplier.normalize():f}",
    )
    return row(
        column(width="10px", height="40px", radius="5px", gradient=(metal.start, metal.end), flex=0),
        column(
            text(tier_name(tier.name, t), size=SMALL, bold=True, color=metal.accent, wrap=False),
            caption(benefits, color=palette.ink),
            flex=1,
        ),
        text(missing(t, tier, held), size="xs", color=palette.muted, align="end", flex=1),
        spacing="8px",
        margin="2px",
        padding="2px",
        radius="8px",
        background=palette.tint if here else None,
        align="center",
    )


def missing(t: Language, tier: Tier, held: Standing | None) -> str:
    """How a tier stands to who holds one: what lies below that is reached, also while it is kept until its review."""
    if held is None:
        return t("from {points} points", points=t.number(tier.threshold))
    if held.tier.name == tier.name:
        return t("You are here")
    if tier.threshold <= max(held.deciding, held.tier.threshold):
        return t("Reached")
    return t.n("{count} point to go", "{count} points to go", tier.threshold - held.deciding)
