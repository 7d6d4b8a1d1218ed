"""Cards of appointments: the next ones, and the ways to book, move or cancel."""

from collections.abc import Mapping, Sequence

from bot.cards.frame import palette_of, tap
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
    button,
    caption,
    row,
    text,
    title,
    uri,
)
from channels.line.lengths import truncate, truncate_units
from channels.line.limits import ALT_TEXT
from channels.line.messages import Card
from channels.message import Action, aloud
from customers.appointments import for_whom
from customers.branches import dialled, in_words
from models.appointments import Appointment
from models.branches import Branch, Service
from models.clinics import Clinic
from runtime.language import Language

NAME = 60
SHOWN = 2
"""In one message: all of them are to be seen above an open menu."""


def pages(coming: Sequence[Appointment]) -> int:
    return -(-len(coming) // SHOWN)


def ahead(
    clinic: Clinic,
    t: Language,
    coming: Sequence[Appointment],
    services: Mapping[str, Service],
    branches: Sequence[Branch],
    booking: str | None,
    page: int = 1,
) -> Card:
    """The next ones, the soonest first; `page` from 1 to `pages`. What they are for is seen in the chat and not read
    aloud: that text stands on the screen of a locked phone."""
    palette, shown = palette_of(clinic), coming[(page - 1) * SHOWN : page * SHOWN]
    several = len(branches) > 1
    blocks: list[Flex] = []
    for one in shown:
        names = _names(t, one, services, branches if several else ())
        blocks += _large(t, one, names, palette) if len(coming) == 1 else _small(t, one, names, palette)
    heading = t("Your next appointment") if len(coming) == 1 else t("Your next appointments")
    help_ = t("To move or cancel, call us or tap “Talk to our team”.")
    unseen = len(coming) - page * SHOWN
    label = t.n("See {count} more", "See {count} more", max(unseen, 0))
    more = tap(label, Action("appointments", page=page + 1), palette, "secondary") if unseen > 0 else None
    said = [f"{_day(t, one)} {t.time(one.starts_at)}" for one in shown]
    return Card(
        truncate_units(aloud(f"{heading}: {', '.join(said)}", help_), ALT_TEXT),
        bubble(
            title(heading),
            *blocks,
            caption(help_, margin=GAP),
            buttons=_ways(t, palette, branches, booking, more),
            padding=CLOSE,
        ),
    )


def _ways(
    t: Language, palette: Palette, branches: Sequence[Branch], booking: str | None, more: Flex | None
) -> list[Flex]:
    """People first: only they move or cancel. The others stand side by side, so that the card stays short."""
    phone = next((one.phone for one in branches if one.phone), None)
    others = [(t("Book online"), booking), (t("Call"), phone and dialled(phone))]
    beside = [button(label, uri(where), palette, "secondary") for label, where in others if where]
    people = tap(t("Talk to our team"), Action("human"), palette)
    # The longer words have the wider button.
    first = row(people | {"flex": 3}, more | {"flex": 2}, spacing="8px") if more else people
    return [first, row(*beside, spacing="8px")] if beside else [first]


def _large(t: Language, one: Appointment, names: Sequence[str], palette: Palette) -> list[Flex]:
    """The only one. In the large letters a day and its hours are wider than a phone."""
    return [
        text(_day(t, one), size=TITLE, bold=True, margin=GAP_SMALL),
        text(_hours(t, one), size=TITLE, bold=True),
        *(text(name, size=SMALL, color=palette.muted) for name in names),
        *_state(t, one, palette),
    ]


def _small(t: Language, one: Appointment, names: Sequence[str], palette: Palette) -> list[Flex]:
    """One of several."""
    what, state = " · ".join(names), _state(t, one, palette)
    lines = [text(what, size=SMALL, color=palette.muted)] if what else []
    if lines and one.state == "confirmed":
        lines, state = [row(*lines, state[0] | {"flex": 0, "gravity": "bottom"})], []
    return [text(f"{_day(t, one)} · {_hours(t, one)}", size=SMALL, bold=True, margin=GAP), *lines, *state]


def _names(t: Language, one: Appointment, services: Mapping[str, Service], branches: Sequence[Branch]) -> Sequence[str]:
    """What it is for, where, and for whom; each where there is something to say."""
    service = services.get(one.service_code or "")
    what = (service and in_words(service.names, t.code)) or one.service
    where = next(
        (in_words(branch.names, t.code, branch.name) for branch in branches if branch.id == one.branch_id), None
    )
    whom = for_whom(one)
    return [truncate(name, NAME) for name in (what, where, whom and t("For {name}", name=whom)) if name]


def _state(t: Language, one: Appointment, palette: Palette) -> list[Flex]:
    if one.state == "requested":
        return [text(t("Waiting for the clinic's yes"), size=CAPTION, color=palette.warning)]
    return [text(t("Confirmed"), size=CAPTION, color=palette.positive)] if one.state == "confirmed" else []


def _day(t: Language, one: Appointment) -> str:
    return f"{t.weekday(one.starts_at)} {t.date(one.starts_at)}"


def _hours(t: Language, one: Appointment) -> str:
    return t.time(one.starts_at) if one.ends_at is None else f"{t.time(one.starts_at)}–{t.time(one.ends_at)}"
