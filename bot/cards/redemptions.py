"""Cards of what a customer has redeemed: the code to show at the counter, the list, the question before giving back."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from bot.cards.frame import palette_of, tap
from bot.cards.rewards import named
from channels.line.flex import (
    CLOSE,
    FIGURE_SMALL,
    GAP,
    GAP_LARGE,
    GAP_SMALL,
    SMALL,
    Flex,
    Palette,
    bubble,
    caption,
    column,
    postback,
    row,
    separator,
    text,
    title,
)
from channels.line.messages import Card
from channels.message import Action, aloud
from loyalty.redemptions import state_of
from models.clinics import Clinic
from models.rewards import Redemption
from runtime.codes import spaced
from runtime.language import Language

QR = "128px"


def last_day(t: Language, redemption: Redemption) -> str:
    """The stored instant is the first at which the code is no longer good; people think of the last day."""
    return t.date(redemption.expires_at - timedelta(microseconds=1))


def fate(t: Language, redemption: Redemption, now: datetime) -> str:
    """What has become of it, with the day."""
    at = t.date(redemption.settled_at or redemption.expires_at)
    match state_of(redemption, now):
        case "used":
            return t("Used on {date}", date=at)
        case "cancelled":
            return t("Cancelled on {date}", date=at)
        case "expired":
            return t("Expired after {date}", date=last_day(t, redemption))
    return t("Good until {date}", date=last_day(t, redemption))


def code(clinic: Clinic, t: Language, redemption: Redemption, picture: str | None) -> Card:
    """The code first and large, with its QR code where LINE can fetch the `picture`: all of it above an open menu."""
    palette, name = palette_of(clinic), named(redemption.reward, t)
    drawn: list[Flex] = []
    if picture:
        drawn = [{"type": "image", "url": picture, "size": QR, "aspectRatio": "1:1", "flex": 0}]
    words = column(
        text(t("Show this code at the clinic"), size=SMALL),
        caption(fate(t, redemption, redemption.issued_at), margin=GAP_SMALL),
        flex=1,
        justify="center",
    )
    return Card(
        t(
            "{reward}: your code is {code}. Good until {date}.",
            reward=name,
            code=spaced(redemption.code),
            date=last_day(t, redemption),
        ),
        bubble(
            row(*drawn, words, spacing=GAP, align="center"),
            head=column(
                text(name, bold=True, lines=2),
                text(spaced(redemption.code), size=FIGURE_SMALL, color=palette.accent, bold=True, wrap=False),
                gradient=(palette.tint_strong, palette.tint),
                padding=CLOSE,
            ),
            padding=CLOSE,
            buttons=[
                tap(t("My rewards"), Action("redemptions"), palette, "secondary"),
                tap(
                    t("Cancel and take the points back"),
                    Action("cancel_redemption", redemption=redemption.id),
                    palette,
                    "quiet",
                ),
            ],
        ),
    )


def listing(clinic: Clinic, t: Language, page: Sequence[Redemption], older: UUID | None, now: datetime) -> Card:
    """One page of the customer's redemptions, newest first; those still good can be tapped to show their code."""
    palette = palette_of(clinic)
    buttons = [tap(t("Earlier"), Action("redemptions", before=older), palette, "secondary")] if older else []
    buttons.append(tap(t("Rewards"), Action("rewards"), palette, "quiet" if older else "secondary"))
    said = [f"{named(each.reward, t)}: {fate(t, each, now)}" for each in page[:3]]
    heading = t("My rewards")
    return Card(
        aloud(heading, *said),
        bubble(title(heading), *(_line(t, each, palette, now) for each in page), buttons=buttons),
    )


def _line(t: Language, redemption: Redemption, palette: Palette, now: datetime) -> Flex:
    good = state_of(redemption, now) == "issued"
    name, action = named(redemption.reward, t), Action("redemption", redemption=redemption.id)
    label = t("Show code")
    words = column(
        text(name, size="sm", bold=good, color=palette.ink if good else palette.muted, lines=2),
        caption(fate(t, redemption, now)),
        flex=5,
    )
    shown = [text(label, size="sm", color=palette.accent, bold=True, align="end", wrap=False, flex=3)] if good else []
    return row(
        words,
        *shown,
        spacing=GAP,
        margin=GAP_LARGE if good else GAP,
        align="center",
        action=postback(action.data, name) if good else None,
    )


def cancelling(clinic: Clinic, t: Language, redemption: Redemption) -> Card:
    """The question before a code is given back."""
    palette, name = palette_of(clinic), named(redemption.reward, t)
    points = t.n("{count} point", "{count} points", redemption.points)
    return Card(
        t("Cancel {reward} and take {points} back?", reward=name, points=points),
        bubble(
            caption(t("Cancel this reward?")),
            title(name, margin=GAP_SMALL),
            separator(GAP_LARGE),
            text(t("{points} come back to you. The code can no longer be used.", points=points), size="sm", margin=GAP),
            buttons=[
                tap(
                    t("Yes, cancel"),
                    Action("cancel_redemption", redemption=redemption.id, sure="yes"),
                    palette,
                    "secondary",
                ),
                tap(t("No, keep it"), Action("redemption", redemption=redemption.id), palette, "secondary"),
            ],
        ),
    )
