"""Cards of reviews: five lines of stars, each a button."""

from bot.cards.frame import palette_of
from channels.line.flex import CLOSE, GAP, GAP_SMALL, Flex, Palette, bubble, caption, postback, row, text, title
from channels.line.messages import Card
from channels.message import Action, aloud
from models.clinics import Clinic
from models.facts import Visit
from runtime.language import Language

BEST = 5


def stars(clinic: Clinic, t: Language, visit: Visit, points: int) -> Card:
    """How was this visit? The best on top; every answer earns the same, and says so."""
    palette = palette_of(clinic)
    heading, day = t("How was your visit?"), t("Your visit of {date}", date=t.date(visit.visited_at))
    earns = t.n("Every answer earns {count} point.", "Every answer earns {count} points.", points) if points else ""
    return Card(
        aloud(heading, day, earns),
        bubble(
            title(heading),
            caption(day),
            *(_line(t, visit, rating, palette) for rating in range(BEST, 0, -1)),
            *([caption(earns, margin=GAP)] if earns else []),
            padding=CLOSE,
        ),
    )


def _line(t: Language, visit: Visit, rating: int, palette: Palette) -> Flex:
    words = {5: t("Very good"), 4: t("Good"), 3: t("Fair"), 2: t("Poor"), 1: t("Very poor")}[rating]
    said = f"{drawn(rating)} {words}"
    return row(
        text(drawn(rating), color=palette.accent, wrap=False, flex=0),
        text(words, size="sm", align="end", wrap=False),
        margin=GAP_SMALL,
        padding="10px",
        radius="8px",
        background=palette.tint,
        align="center",
        action={**postback(Action("rate", visit=visit.id, stars=rating).data, said), "label": said},
    )


def drawn(rating: int) -> str:
    return "★" * rating + "☆" * (BEST - rating)
