"""Cards of points: what there is, and how it came about."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from bot.cards.frame import palette_of, tap, tier_name
from channels.line.flex import (
    CAPTION,
    CLOSE,
    FIGURE_SMALL,
    GAP,
    GAP_SMALL,
    TIER_METALS,
    TITLE,
    Flex,
    Metal,
    Palette,
    bubble,
    caption,
    column,
    key_value,
    progress,
    row,
    separator,
    text,
    title,
)
from channels.line.lengths import truncate
from channels.line.messages import Card
from channels.message import Action, aloud
from loyalty.standing import Standing
from models.clinics import Clinic
from models.loyalty import PointTransaction
from models.rewards import Achievement, Reward
from runtime.language import Language, own_words

PAGE = 5
"""Lines of history in one message: the newest are to be seen above an open menu."""
NAME = 60
"""How much is shown of what a clinic calls a reward or an achievement."""


def points(clinic: Clinic, t: Language, held: Standing) -> Card:
    """Available and tier, the way to the next one, the total, and what expires first."""
    palette = palette_of(clinic)
    metal = TIER_METALS.get(held.tier.name, TIER_METALS["bronze"])
    name = tier_name(held.tier.name, t)
    available = t.n("{count} point", "{count} points", held.available)
    said = t("You have {points} to spend. Your tier is {tier}.", points=available, tier=name)
    return Card(
        aloud(said, *_owed(t, held)),
        bubble(
            *(caption(one, color=palette.warning) for one in _owed(t, held)),
            *_way_up(t, held, metal.accent),
            separator(GAP),
            key_value(t("Earned in all"), t.number(held.total), margin=GAP),
            *([key_value(t("On their way"), t.number(held.pending), margin=GAP_SMALL)] if held.pending else []),
            *_next_expiry(t, held.next_expiry, palette),
            head=_head(t, held, name, metal),
            padding=CLOSE,
            buttons=[
                tap(t("Rewards"), Action("rewards"), palette),
                row(
                    tap(t("History"), Action("history"), palette, "secondary"),
                    tap(t("Tiers"), Action("tiers"), palette, "secondary"),
                    spacing="8px",
                ),
            ],
        ),
    )


def _head(t: Language, held: Standing, tier: str, metal: Metal) -> Flex:
    """The number and the tier, over the tier's own gradient."""
    return row(
        column(
            text(t("Points to spend"), size=CAPTION, color=metal.on, wrap=False),
            text(t.number(held.available), size=FIGURE_SMALL, color=metal.on, bold=True, wrap=False),
            flex=1,
        ),
        text(tier, size=TITLE, color=metal.on, bold=True, align="end", wrap=False, flex=0),
        gradient=(metal.start, metal.end),
        padding=CLOSE,
        spacing=GAP,
        align="flex-end",
    )


def _owed(t: Language, held: Standing) -> list[str]:
    """What a refund took beyond what there was; nothing where nothing is owed."""
    if not held.owed:
        return []
    return [
        t.n(
            "{count} point will be taken from the next ones you earn, because of a refund.",
            "{count} points will be taken from the next ones you earn, because of a refund.",
            held.owed,
        )
    ]


def _way_up(t: Language, held: Standing, color: str) -> list[Flex]:
    if held.next_tier is None:
        said = t("You are in our highest tier. Thank you.")
    else:
        missing = t.n("{count} point", "{count} points", held.next_tier.threshold - held.deciding)
        said = t("{points} more to {tier}", points=missing, tier=tier_name(held.next_tier.name, t))
    return [progress(held.progress, color, margin=GAP_SMALL), caption(said, margin=GAP_SMALL)]


def _next_expiry(t: Language, expiry: tuple[datetime, int] | None, palette: Palette) -> list[Flex]:
    if expiry is None:
        return []
    gone_at, amount = expiry
    # The stored instant is the first without the points; people think of the last day with them.
    last_day = (gone_at.astimezone(t.zone)).date().toordinal() - 1
    day = t.date(datetime.fromordinal(last_day).date())
    return [
        key_value(t("Use by {date}", date=day), t.number(amount), color=palette.warning, margin=GAP_SMALL),
    ]


def history(
    clinic: Clinic,
    t: Language,
    lines: Sequence[PointTransaction],
    named: Mapping[UUID, Achievement | Reward],
    older: UUID | None,
    *,
    first_page: bool,
) -> Card:
    """One page of the ledger, newest first. `named`: what lines were for, by their ids."""
    palette = palette_of(clinic)
    heading = t("Points history") if first_page else t("Earlier points history")
    said_of = {line.id: said(t, line, named.get(line.id)) for line in lines}
    rows = [_line(t, line, said_of[line.id], palette) for line in lines]
    earlier = [tap(t("Earlier"), Action("history", before=older), palette, "secondary")] if older else []
    ways = row(*earlier, tap(t("My points"), Action("points"), palette, "secondary"), spacing="8px")
    read = aloud(heading, *(f"{said_of[line.id]}: {moved(t, line.amount)}" for line in lines[:3]))
    return Card(read, bubble(title(heading), *rows, padding=CLOSE, buttons=[ways]))


def _line(t: Language, line: PointTransaction, words: str, palette: Palette) -> Flex:
    color = palette.positive if line.amount > 0 else palette.muted
    return row(
        column(text(words, size="sm", lines=2), caption(t.date(line.occurred_at)), flex=1),
        text(signed(t, line.amount), color=color, bold=True, align="end", wrap=False, flex=0),
        spacing=GAP,
        margin=GAP_SMALL,
        align="center",
    )


def said(t: Language, line: PointTransaction, what: Achievement | Reward | None = None) -> str:
    """What a line of the ledger was for: its own description, the name of `what`, or the words for its source."""
    if line.description:
        return line.description
    if what is not None:
        name = truncate(own_words(what.texts, t.code, what.name)[0], NAME)
        said_of = {
            "achievement": t("Achievement reached: {name}", name=name),
            "reward_cancelled": t("Given back: {name}", name=name),
            "undo": t("Taken back: {name}", name=name),
        }
        return said_of.get(line.source, t("Reward: {name}", name=name))
    words = {
        "welcome": t("Welcome points"),
        "treatment": t("Treatment"),
        "review": t("Your review"),
        "referral": t("A friend you brought"),
        "brought": t("A friend has brought you"),
        "birthday": t("Birthday"),
        "check_in": t("Check-in"),
        "survey": t("Your answers"),
        "achievement": t("Achievement"),
        "reward": t("Reward"),
        "reward_cancelled": t("Reward given back"),
        "expiry": t("Expired"),
        "refund": t("Refund"),
        "undo": t("Taken back"),
        "adjustment": t("Correction by the clinic"),
        "transfer": t("Moved from your other record"),
        "award": t("Points from the clinic"),
    }
    return words.get(line.source, t("Points"))


def moved(t: Language, amount: int) -> str:
    """For who hears it: a minus is not always read."""
    if amount > 0:
        return t.n("{count} point received", "{count} points received", amount)
    return t.n("{count} point taken off", "{count} points taken off", -amount)


def signed(t: Language, amount: int) -> str:
    return f"+{t.number(amount)}" if amount > 0 else f"−{t.number(-amount)}"
