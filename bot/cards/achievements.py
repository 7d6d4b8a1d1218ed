"""The gallery of achievements: what is unlocked, how far the others are, and that there are secrets."""

from collections.abc import Sequence

from bot.cards.frame import evenly, palette_of, tap
from channels.line.flex import (
    BODY,
    CAPTION,
    GAP,
    GAP_LARGE,
    GAP_SMALL,
    TIER_METALS,
    TITLE,
    Flex,
    Palette,
    bubble,
    caption,
    carousel,
    column,
    progress,
    row,
    text,
    title,
)
from channels.line.lengths import truncate_units
from channels.line.messages import Card
from channels.message import Action, aloud
from loyalty.achievements import Gallery, InProgress, Unlocked
from models.clinics import Clinic
from models.rewards import Achievement
from runtime.language import Language, own_words

A_BUBBLE = 3
"""Achievements in a bubble: more of them are not seen above an open menu."""
A_MESSAGE = 16
"""Achievements in a message: with the longest names and descriptions that are shown they stay within LINE's 50 KB."""
NAME_UNITS, DESCRIPTION_UNITS = 48, 96
PLAIN_BADGE = "🏅"


def pages(held: Gallery) -> int:
    """How many messages it takes to show everything."""
    return max(1, -(-(len(held.unlocked) + len(held.in_progress)) // A_MESSAGE))


def gallery(clinic: Clinic, t: Language, held: Gallery, page: int = 1) -> Card:
    """One message, `page` from 1 to `pages`: what is unlocked, then the nearest goals, and at the very end secrets."""
    palette = palette_of(clinic)
    start, end, had = (page - 1) * A_MESSAGE, page * A_MESSAGE, len(held.unlocked)
    unlocked, nearest = held.unlocked[start:end], held.in_progress[max(0, start - had) : max(0, end - had)]
    done = [_unlocked(t, each, palette) for each in unlocked]
    coming = [_in_progress(t, each, palette) for each in nearest]
    last = page >= pages(held)
    if last and held.secrets_left:
        (coming if coming or not done else done).append(_secrets(t, held.secrets_left, palette))
    head = _head(t, t("In progress"), len(held.in_progress), palette) if nearest else title(t("Achievements"))
    parts = [[_head(t, t("Unlocked"), had, palette), *some] for some in evenly(done, A_BUBBLE)]
    parts += [[head, *some] for some in evenly(coming, A_BUBBLE)]
    more = [] if last else [tap(t("More achievements"), Action("achievements", page=page + 1), palette, "secondary")]
    bubbles = [bubble(*part, buttons=more if part is parts[-1] else None) for part in parts]
    alt = aloud(t("Achievements"), *_said(t, held, unlocked, nearest))
    return Card(alt, bubbles[0] if len(bubbles) == 1 else carousel(bubbles))


def how_far(t: Language, each: InProgress) -> str:
    """`3 / 5 visits`: the figure reached and the goal."""
    if each.unit == "baht":
        return f"{t.baht(each.current)} / {t.baht(each.target)}"
    current, count = t.number(each.current), each.target
    if each.unit == "visits":
        return t.n("{current} / {count} visit", "{current} / {count} visits", count, current=current)
    if each.unit == "months":
        return t.n("{current} / {count} month", "{current} / {count} months", count, current=current)
    if each.unit == "days":
        return t.n("{current} / {count} day", "{current} / {count} days", count, current=current)
    if each.unit == "people":
        return t.n("{current} / {count} friend", "{current} / {count} friends", count, current=current)
    return t.n("{current} / {count} time", "{current} / {count} times", count, current=current)


def _head(t: Language, heading: str, count: int, palette: Palette) -> Flex:
    return row(
        text(heading, size=TITLE, bold=True, wrap=False, flex=1),
        text(t.number(count), size=TITLE, color=palette.accent, bold=True, align="end", wrap=False, flex=0),
    )


def _unlocked(t: Language, each: Unlocked, palette: Palette) -> Flex:
    gold = TIER_METALS["gold"]
    return _line(
        column(_icon(each.achievement), gradient=(gold.start, gold.end), **_TILE),
        *_names(t, each.achievement, palette),
        row(
            caption(t.date(each.at), color=palette.accent),
            *_points(t, each.achievement, palette.positive),
            margin="2px",
        ),
    )


def _in_progress(t: Language, each: InProgress, palette: Palette) -> Flex:
    return _line(
        column(_icon(each.achievement), background=palette.tint_strong, **_TILE),
        *_names(t, each.achievement, palette),
        progress(100 * each.current / each.target, palette.primary, margin=GAP_SMALL),
        row(
            caption(how_far(t, each), color=palette.ink),
            *_points(t, each.achievement, palette.muted),
            margin="4px",
        ),
    )


def _secrets(t: Language, count: int, palette: Palette) -> Flex:
    return row(
        column(text("🔒", size=TITLE, align="center", wrap=False), background=palette.surface, **_TILE),
        column(
            text(secrets_left(t, count), color=palette.accent, bold=True),
            caption(t("Hidden until you reach them.")),
            flex=1,
        ),
        spacing=GAP,
        margin=GAP_LARGE,
        padding="10px",
        radius="12px",
        background=palette.tint,
        align="center",
    )


_TILE = {"width": "44px", "height": "44px", "radius": "22px", "justify": "center", "flex": 0}


def _icon(achievement: Achievement) -> Flex:
    return text(achievement.badge_icon or PLAIN_BADGE, size=TITLE, align="center", wrap=False)


def _line(tile: Flex, *said: Flex) -> Flex:
    return row(tile, column(*said, flex=1), spacing=GAP, margin=GAP_LARGE, align="center")


def _names(t: Language, achievement: Achievement, palette: Palette) -> list[Flex]:
    name, description = own_words(achievement.texts, t.code, achievement.name)
    lines = [text(truncate_units(name, NAME_UNITS), size=BODY, color=palette.ink, bold=True)]
    if description:
        lines.append(caption(truncate_units(description, DESCRIPTION_UNITS)))
    return lines


def _points(t: Language, achievement: Achievement, color: str) -> list[Flex]:
    if not achievement.points_reward:
        return []
    said = t.n("+{count} point", "+{count} points", achievement.points_reward)
    return [text(said, size=CAPTION, color=color, bold=True, align="end", wrap=False, flex=0)]


def secrets_left(t: Language, count: int) -> str:
    """All that is said of them."""
    return t.n("{count} secret left", "{count} secrets left", count)


def _said(t: Language, held: Gallery, unlocked: Sequence[Unlocked], nearest: Sequence[InProgress]) -> list[str]:
    """What the pictures show, in words, within what LINE takes."""

    def name(each: Unlocked | InProgress) -> str:
        return truncate_units(own_words(each.achievement.texts, t.code, each.achievement.name)[0], NAME_UNITS)

    said = []
    if unlocked:
        said.append(t("Unlocked: {names}", names=", ".join(map(name, unlocked))))
    if nearest:
        goals = ", ".join(f"{name(each)} ({how_far(t, each)})" for each in nearest[:3])
        said.append(t("Next: {goals}", goals=goals))
    if held.secrets_left:
        said.append(secrets_left(t, held.secrets_left))
    return said
