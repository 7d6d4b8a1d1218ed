"""Cards of the clinic: its branches, and the ways to reach it."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from babel.dates import get_day_names

from bot.cards.frame import palette_of
from channels.line.flex import (
    GAP,
    GAP_LARGE,
    GAP_SMALL,
    SMALL,
    Flex,
    Palette,
    bubble,
    button,
    caption,
    carousel,
    key_value,
    row,
    text,
    title,
    uri,
)
from channels.line.lengths import truncate, truncate_units
from channels.line.limits import ALT_TEXT, BUTTONS, CAROUSEL_BUBBLES
from channels.line.messages import Card
from channels.message import aloud
from customers import public_holidays
from customers.branches import WEEKDAYS, dialled, in_words, opening
from models.branches import Branch
from models.clinics import Clinic
from runtime.language import Language

NAME, ADDRESS = 60, 200


def places(clinic: Clinic, t: Language, branches: Sequence[Branch], now: datetime, booking: str | None) -> Card:
    """A bubble for each branch."""
    palette, shown = palette_of(clinic), branches[:CAROUSEL_BUBBLES]
    bubbles = [_place(clinic, t, one, now, palette, booking) for one in shown]
    said = [_in_words(clinic, t, one, now) for one in shown]
    return Card(truncate_units(" / ".join(said), ALT_TEXT), bubbles[0] if len(bubbles) == 1 else carousel(bubbles))


def reach(
    clinic: Clinic, t: Language, heading: str, lead: str, branches: Sequence[Branch], booking: str | None
) -> Card:
    """The ways to reach the clinic; the chat itself is always one."""
    palette = palette_of(clinic)
    buttons, phones = ways(t, palette, branches, booking), _with_phone(branches)
    here = (
        t("Or simply write to us: our team reads this chat.")
        if buttons
        else t("Simply write to us: our team reads this chat.")
    )
    numbers = [f"{in_words(one.names, t.code, one.name)} {one.phone}" for one in phones]
    return Card(
        truncate_units(aloud(heading, f"{lead} {', '.join(numbers)}", here), ALT_TEXT),
        bubble(
            title(heading),
            *([text(lead, color=palette.muted, margin=GAP)] if buttons else []),
            caption(here, margin=GAP) if buttons else text(here, color=palette.muted, margin=GAP),
            buttons=buttons or None,
        ),
    )


def ways(t: Language, palette: Palette, branches: Sequence[Branch], booking: str | None) -> list[Flex]:
    """Buttons: the booking address and a call for each branch, as many as a bubble takes."""
    buttons = [button(t("Book online"), uri(booking), palette)] if booking else []
    phones = _with_phone(branches)
    for one in phones[: BUTTONS - len(buttons)]:
        name = in_words(one.names, t.code, one.name)
        label = t("Call {branch}", branch=name) if len(phones) > 1 else t("Call {phone}", phone=one.phone)
        buttons.append(button(label, uri(dialled(one.phone or "")), palette, "secondary" if buttons else "primary"))
    return buttons


def _with_phone(branches: Sequence[Branch]) -> list[Branch]:
    return [one for one in branches if one.phone]


def _place(
    clinic: Clinic, t: Language, branch: Branch, now: datetime, palette: Palette, booking: str | None
) -> Flex:  # fmt: skip
    address = in_words(branch.address, t.code)
    ways = [
        (t("Map"), branch.map_url),
        (t("Call"), branch.phone and dialled(branch.phone)),
        (t("Book online"), booking),
    ]
    buttons = [
        button(label, uri(where), palette, "secondary" if at else "primary")
        for at, (label, where) in enumerate((label, where) for label, where in ways if where)
    ]
    if len(buttons) > 2:  # one above the other they would push the name out of sight
        buttons = [buttons[0], row(*buttons[1:], spacing="8px")]
    now_open, holiday = _now(clinic, t, branch, now), _holiday(clinic, t, branch, now)
    told = bool(now_open or address or branch.phone or buttons)
    return bubble(
        title(truncate(in_words(branch.names, t.code, branch.name), NAME)),
        *([text(now_open[0], bold=True, color=palette.positive if now_open[1] else palette.warning, margin=GAP_SMALL)]
          if now_open else []),
        *([caption(holiday, margin=GAP_SMALL)] if holiday else []),
        *(key_value(days, spans, margin=GAP_SMALL) for days, spans in _hours(t, branch)),
        *([text(truncate(address, ADDRESS), size=SMALL, color=palette.muted, margin=GAP_LARGE)] if address else []),
        *([key_value(t("Phone"), branch.phone, margin=GAP)] if branch.phone else []),
        *([] if told else [text(t("Simply write to us: our team reads this chat."), color=palette.muted, margin=GAP)]),
        buttons=buttons or None,
    )  # fmt: skip


def _holiday(clinic: Clinic, t: Language, branch: Branch, now: datetime) -> str:
    """What is celebrated today, and what that means for the hours; nothing where the clinic has not said these."""
    name = public_holidays.name_on(clinic, now.astimezone(t.zone).date(), t.code) if branch.hours else None
    if name is None:
        return ""
    if clinic.settings.hours.public_holidays is None:
        return t("Today is a public holiday ({name}): the hours may differ, please ask us.", name=name)
    return t("Today is a public holiday ({name}).", name=name)


def _now(clinic: Clinic, t: Language, branch: Branch, now: datetime) -> tuple[str, bool] | None:
    """What is said of this moment, and whether it is open; None where the clinic has not said its hours."""
    found = opening(branch, now, t.zone, public_holidays.closes(clinic))
    if found is None:
        return None
    if found.until is not None:
        return t("Open now, until {time}", time=t.time(found.until)), True
    if found.opens is None:
        return t("Closed"), False
    if found.opens.date() == now.astimezone(t.zone).date():
        return t("Closed now, opens at {time}", time=t.time(found.opens)), False
    return t("Closed now, opens on {date} at {time}", date=t.date(found.opens), time=t.time(found.opens)), False


def _hours(t: Language, branch: Branch) -> list[tuple[str, str]]:
    """Days that follow each other and are alike on one line: `จ.–ศ.` and `10:00-20:00`."""
    if not branch.hours:
        return []
    names = get_day_names("abbreviated", locale=t.code)
    lines = []
    for spans, days in groupby(range(len(WEEKDAYS)), lambda day: branch.hours.get(WEEKDAYS[day]) or []):
        each = list(days)
        label = names[each[0]] if len(each) == 1 else f"{names[each[0]]}–{names[each[-1]]}"
        lines.append((label, ", ".join(spans) or t("Closed")))
    return lines


def _in_words(clinic: Clinic, t: Language, branch: Branch, now: datetime) -> str:
    """A branch as it is read aloud."""
    now_open = _now(clinic, t, branch, now)
    parts = [
        in_words(branch.names, t.code, branch.name),
        now_open[0] if now_open else "",
        _holiday(clinic, t, branch, now),
        *(" ".join(line) for line in _hours(t, branch)),
        in_words(branch.address, t.code),
        branch.phone or "",
    ]
    said = [part for part in parts if part]
    return aloud(*(said if len(said) > 1 else [*said, t("Simply write to us: our team reads this chat.")]))
