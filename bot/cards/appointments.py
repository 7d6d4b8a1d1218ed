"""Cards of appointments: the next ones, and the ways to book, move or cancel."""

from collections.abc import Mapping, Sequence

from bot.cards.clinic import ways
from bot.cards.frame import palette_of
from channels.line.flex import (
    CAPTION,
    CLOSE,
    GAP,
    GAP_SMALL,
    SMALL,
    TITLE,
    Flex,
    Palette,
    bubble,
    caption,
    separator,
    text,
    title,
)
from channels.line.lengths import truncate, truncate_units
from channels.line.limits import ALT_TEXT
from channels.line.messages import Card
from channels.message import aloud
from customers.branches import in_words
from models.appointments import Appointment
from models.branches import Branch, Service
from models.clinics import Clinic
from runtime.language import Language

NAME = 60
SHOWN = 2
"""In one message: all of them are to be seen above an open menu."""


def ahead(
    clinic: Clinic,
    t: Language,
    coming: Sequence[Appointment],
    services: Mapping[str, Service],
    branches: Sequence[Branch],
    booking: str | None,
) -> Card:
    """The next ones, the soonest first and largest. What they are for is seen in the chat and not read aloud: that text
    stands on the screen of a locked phone."""
    palette, shown = palette_of(clinic), coming[:SHOWN]
    more = len(coming) - len(shown)
    several = len(branches) > 1
    blocks: list[Flex] = []
    for place, one in enumerate(shown):
        blocks += [separator(GAP)] if place else []
        blocks += _one(t, one, services, branches if several else (), palette, TITLE if place == 0 else SMALL)
    if more:
        blocks.append(caption(t.n("And {count} more.", "And {count} more.", more), margin=GAP))
    heading = t("Your next appointment") if len(coming) == 1 else t("Your next appointments")
    help_ = t("To move or cancel, call us or simply write here.")
    said = [f"{_day(t, one)} {t.time(one.starts_at)}" for one in shown]
    return Card(
        truncate_units(aloud(f"{heading}: {', '.join(said)}", help_), ALT_TEXT),
        bubble(
            title(heading),
            *blocks,
            caption(help_, margin=GAP),
            padding=CLOSE,
            buttons=ways(t, palette, branches, booking) or None,
        ),
    )


def _one(
    t: Language,
    one: Appointment,
    services: Mapping[str, Service],
    branches: Sequence[Branch],
    palette: Palette,
    size: str,
) -> list[Flex]:
    service = services.get(one.service_code or "")
    what = (service and in_words(service.names, t.code)) or one.service
    where = next(
        (in_words(branch.names, t.code, branch.name) for branch in branches if branch.id == one.branch_id), None
    )
    lines = [truncate(line, NAME) for line in (what, where, one.about and t("For {name}", name=one.about)) if line]
    waits = one.state == "requested"
    return [
        text(f"{_day(t, one)} · {_hours(t, one)}", size=size, bold=True, margin=GAP_SMALL),
        *(text(line, size=SMALL, color=palette.muted) for line in lines),
        *([text(t("Waiting for the clinic's yes"), size=CAPTION, color=palette.warning)] if waits else []),
        *([text(t("Confirmed"), size=CAPTION, color=palette.positive)] if one.state == "confirmed" else []),
    ]


def _day(t: Language, one: Appointment) -> str:
    return f"{t.weekday(one.starts_at)} {t.date(one.starts_at)}"


def _hours(t: Language, one: Appointment) -> str:
    return t.time(one.starts_at) if one.ends_at is None else f"{t.time(one.starts_at)}–{t.time(one.ends_at)}"
