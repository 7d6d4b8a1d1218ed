"""Cards of rewards: what there is, why some are out of reach, and the question before points are spent."""

from collections.abc import Sequence
from datetime import timedelta

from bot.cards.frame import palette_of, tap, tier_name
from channels.line.flex import (
    CLOSE,
    FIGURE_SMALL,
    GAP,
    GAP_SMALL,
    PADDING,
    SMALL,
    TITLE,
    Flex,
    Palette,
    bubble,
    caption,
    carousel,
    column,
    figure,
    key_value,
    progress,
    row,
    separator,
    text,
    title,
)
from channels.line.lengths import truncate, truncate_units
from channels.line.limits import ALT_TEXT
from channels.line.messages import Card
from channels.message import Action
from loyalty.errors import Refusal
from loyalty.rewards import RewardOffer
from models.clinics import Clinic
from models.rewards import Reward
from runtime.language import Language, own_words

PAGE = 9
"""Rewards in one message: with the longest texts that are shown it stays within LINE's 50 KB."""
NAME, DESCRIPTION = 60, 160
_SIGNS = {"discount": "%", "free_treatment": "✦", "free_product": "❀"}


def named(reward: Reward, t: Language) -> str:
    return truncate(own_words(reward.texts, t.code, reward.name)[0], NAME)


def described(reward: Reward, t: Language) -> str:
    return truncate(own_words(reward.texts, t.code, reward.name)[1], DESCRIPTION)


def kind(reward: Reward, t: Language) -> str:
    kinds = {"discount": t("Discount"), "free_treatment": t("Treatment"), "free_product": t("Product")}
    return kinds.get(reward.kind, t("Reward"))


def why(t: Language, refusal: Refusal) -> str:
    """What stands between the customer and a reward."""
    match refusal.code:
        case "points":
            return t.n("{count} point short", "{count} points short", refusal.missing)
        case "tier":
            return t("From tier {tier}", tier=tier_name(refusal.tier or "", t))
        case "stock":
            return t("None left at the moment")
        case "limit":
            return t.n("{count} per person, and you have had it", "{count} per person, and you have had them",
                       refusal.limit or 0)  # fmt: skip
        case "not_yet" if refusal.at is not None:
            return t("From {date}", date=t.date(refusal.at))
        case "over" if refusal.at is not None:
            # The stored instant is the first without it; people think of the last day with it.
            return t("Ended on {date}", date=t.date(refusal.at - timedelta(microseconds=1)))
    return t("Not available")


def catalogue(clinic: Clinic, t: Language, offers: Sequence[RewardOffer], page: int = 1) -> Card:
    """One message of rewards, affordable first; `page` counts from 1."""
    palette = palette_of(clinic)
    shown = offers[(page - 1) * PAGE : page * PAGE]
    bubbles = [_offer(t, each, palette) for each in shown]
    if len(offers) > page * PAGE:
        bubbles.append(_more(t, page + 1, palette))
    return Card(_alt(t, shown), carousel(bubbles))


def _alt(t: Language, offers: Sequence[RewardOffer]) -> str:
    available = t.n("{count} point", "{count} points", offers[0].available)
    said = [t("Rewards. You have {points} to spend.", points=available)]
    said += [
        f"{named(each.reward, t)}: {why(t, each.refusal) if each.refusal else _price(t, each.reward)}"
        for each in offers
    ]
    return truncate_units("\n".join(said), ALT_TEXT)


def _price(t: Language, reward: Reward) -> str:
    return t.n("{count} point", "{count} points", reward.points)


def _offer(t: Language, offer: RewardOffer, palette: Palette) -> Flex:
    reward, refusal = offer.reward, offer.refusal
    button = (
        tap(t("Redeem"), Action("reward", reward=reward.id), palette)
        if refusal is None
        else tap(t("Details"), Action("reward", reward=reward.id), palette, "secondary")
    )
    return bubble(
        figure(
            t.number(reward.points), t("points"), size=FIGURE_SMALL,
            color=palette.accent if refusal is None else palette.muted,
        ),
        *_reach(t, offer, palette),
        head=head(t, reward, palette, tall=True),
        buttons=[button],
        size="kilo",
    )  # fmt: skip


def head(t: Language, reward: Reward, palette: Palette, *, tall: bool = False) -> Flex:
    """What it is at a glance: a sign of its kind, the kind and the name, over the clinic's colour. `tall`: as high
    as its neighbours in a carousel, whatever the name's length."""
    tile = column(
        text(_SIGNS.get(reward.kind, "★"), size=TITLE, color=palette.accent, bold=True, align="center", wrap=False),
        width="48px", height="48px", radius="24px", justify="center", background=palette.surface, flex=0,
    )  # fmt: skip
    said = column(
        caption(kind(reward, t), color=palette.accent),
        text(named(reward, t), bold=True, lines=2, margin="2px"),
        flex=1,
    )
    across = (palette.tint_strong, palette.tint)
    return row(
        tile,
        said,
        spacing=GAP,
        align="center",
        padding=PADDING if tall else CLOSE,
        gradient=across,
        height="104px" if tall else None,
    )


def _reach(t: Language, offer: RewardOffer, palette: Palette) -> list[Flex]:
    """Either what one gets, or why not: a way that has begun is drawn as one."""
    if offer.refusal is None:
        said = described(offer.reward, t)
        return [text(said, size=SMALL, color=palette.muted, lines=3, margin=GAP_SMALL)] if said else []
    bar = []
    if offer.refusal.code == "points":
        share = 100 * offer.available / offer.reward.points
        bar = [progress(share, palette.primary, margin=GAP)]
    return [*bar, text(why(t, offer.refusal), size=SMALL, color=palette.warning, bold=True, margin=GAP_SMALL)]


def _more(t: Language, page: int, palette: Palette) -> Flex:
    return bubble(
        text(t("There are more rewards."), color=palette.muted),
        buttons=[tap(t("More rewards"), Action("rewards", page=page), palette, "secondary")],
        size="kilo",
    )


def question(clinic: Clinic, t: Language, offer: RewardOffer, nonce: str) -> Card:
    """The question before points are spent. `nonce` makes the button one decision, however often it is tapped."""
    palette, reward = palette_of(clinic), offer.reward
    price = _price(t, reward)
    return Card(
        t("Redeem {reward} for {points}?", reward=named(reward, t), points=price),
        bubble(
            title(t("Redeem this reward?")),
            *_description(t, reward, palette),
            caption(
                t.n("The code is good for {count} day.", "The code is good for {count} days.", reward.code_days),
                margin=GAP_SMALL,
            ),
            separator(GAP),
            key_value(t("You have"), t.number(offer.available), margin=GAP),
            key_value(t("Afterwards"), t.number(offer.available - reward.points), margin=GAP_SMALL),
            head=head(t, reward, palette),
            padding=CLOSE,
            buttons=[
                tap(
                    t("Redeem for {points}", points=price),
                    Action("redeem", reward=reward.id, points=reward.points, nonce=nonce),
                    palette,
                ),
                tap(t("Other rewards"), Action("rewards"), palette, "secondary"),
            ],
        ),
    )


def out_of_reach(clinic: Clinic, t: Language, offer: RewardOffer) -> Card:
    """One reward that this customer cannot have now, and why."""
    palette, reward = palette_of(clinic), offer.reward
    said = why(t, offer.refusal) if offer.refusal else ""
    return Card(
        f"{named(reward, t)}: {said}",
        bubble(
            figure(t.number(reward.points), t("points"), size=FIGURE_SMALL, color=palette.muted),
            *_description(t, reward, palette),
            *_reach(t, offer, palette),
            head=head(t, reward, palette),
            buttons=[
                tap(t("Other rewards"), Action("rewards"), palette, "secondary"),
                tap(t("My points"), Action("points"), palette, "quiet"),
            ],
        ),
    )


def _description(t: Language, reward: Reward, palette: Palette) -> list[Flex]:
    said = described(reward, t)
    return [text(said, size=SMALL, color=palette.muted, margin=GAP_SMALL)] if said else []
