"""Cards of courses: what is left of each, until when, and what is planned."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from bot.cards.frame import evenly, palette_of, tap
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
    carousel,
    progress,
    row,
    text,
    title,
    uri,
)
from channels.line.lengths import truncate, truncate_units
from channels.line.limits import ALT_TEXT
from channels.line.messages import Card
from channels.message import Action, aloud
from customers import courses
from customers.branches import in_words
from models.branches import Service
from models.clinics import Clinic
from models.courses import Course
from runtime.language import Language

NAME = 60
SIDE_BY_SIDE = 2
"""In one bubble: all of it is to be seen above an open menu."""
PAGE = 11 * SIDE_BY_SIDE
"""In one message; the twelfth bubble that LINE takes leads to the next ones."""


def pages(held: Sequence[Course]) -> int:
    return -(-len(held) // PAGE)


def left(
    clinic: Clinic,
    t: Language,
    held: Sequence[Course],
    services: Mapping[str, Service],
    planned: Mapping[UUID, datetime],
    today: date,
    booking: str | None,
    page: int = 1,
) -> Card:
    """`page` from 1 to `pages`. What they are is seen in the chat and not read aloud: that text stands on the screen of
    a locked phone."""
    palette, shown = palette_of(clinic), held[(page - 1) * PAGE : page * PAGE]
    bubbles = [
        bubble(
            title(t("My courses")),
            *(
                part
                for one in each
                for part in _course(t, one, services, planned.get(one.id), today, palette, alone=len(held) == 1)
            ),
            buttons=[_ways(t, palette, booking)],
            padding=CLOSE,
        )
        for each in evenly(shown, SIDE_BY_SIDE)
    ]
    if page < pages(held):
        bubbles.append(_more(t, len(held) - page * PAGE, page + 1, palette))
    heading, said = t("My courses"), [what_is_left(t, one) for one in shown]
    return Card(
        truncate_units(aloud(f"{heading}: {', '.join(said)}"), ALT_TEXT),
        bubbles[0] if len(bubbles) == 1 else carousel(bubbles),
    )


def _more(t: Language, unseen: int, page: int, palette: Palette) -> Flex:
    label = t.n("{count} more course", "{count} more courses", unseen)
    return bubble(title(t("My courses")), buttons=[tap(label, Action("courses", page=page), palette, "secondary")])


def _ways(t: Language, palette: Palette, booking: str | None) -> Flex:
    """Beside each other, so that the card stays short."""
    if not booking:
        return tap(t("Talk to us"), Action("human"), palette)
    return row(
        button(t("Book online"), uri(booking), palette),
        tap(t("Talk to us"), Action("human"), palette, "secondary"),
        spacing="8px",
    )


def _course(
    t: Language,
    one: Course,
    services: Mapping[str, Service],
    planned: datetime | None,
    today: date,
    palette: Palette,
    *,
    alone: bool,
) -> list[Flex]:
    """`alone`: there is room for a bar of what is left."""
    state, share = state_in_words(t, one, today), 100 * courses.left(one) / max(courses.sessions_of(one), 1)
    figures = text(what_is_left(t, one), size=TITLE, bold=True)
    return [
        text(called(t, one, services), size=SMALL, color=palette.muted, margin=GAP, lines=2),
        row(figures, text(state, size=CAPTION, color=palette.warning, flex=0, wrap=False) | {"gravity": "bottom"})
        if state
        else figures,
        *([progress(share, palette.accent, margin=GAP_SMALL)] if alone else []),
        *(caption(line, margin="4px") for line in lines(t, one, planned, today)),
    ]


def called(t: Language, one: Course, services: Mapping[str, Service]) -> str:
    """As the clinic's system calls it, else the service; both may be unknown."""
    service = services.get(courses.service_of(one) or "")
    return truncate(courses.name_of(one) or (service and in_words(service.names, t.code)) or t("Course"), NAME)


def what_is_left(t: Language, one: Course) -> str:
    return t.n("{left} of {count} session left", "{left} of {count} sessions left", courses.sessions_of(one),
               left=t.number(courses.left(one)))  # fmt: skip


def state_in_words(t: Language, one: Course, today: date) -> str:
    return {"frozen": t("Frozen"), "ended": t("Ended")}.get(courses.state_on(one, today), "")


def lines(t: Language, one: Course, planned: datetime | None, today: date) -> list[str]:
    state, last, until = courses.state_on(one, today), courses.ends_on(one), courses.may_cancel_until(one, today)
    found = []
    if state == "ended":
        found.append(t("What is left stays noted here; please ask us."))
    elif last is not None:
        found.append(t("Until {date}", date=t.date(last)))
    if planned is not None and state == "active":
        when = f"{t.weekday(planned)} {t.date(planned)} {t.time(planned)}"
        found.append(t("Next session: {when}", when=when))
    if (shared := courses.shared(one)) > 0:
        found.append(t.n("{count} session shared", "{count} sessions shared", shared))
    if until is not None:
        found.append(t("Unused: you may cancel it until {date}", date=t.date(until)))
    return found
