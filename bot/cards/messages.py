"""The card of what a customer hears from the clinic unasked: each kind with a switch, as it stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from typing import Literal

from bot.cards.frame import palette_of, tap
from channels.line.flex import (
    GAP,
    GAP_SMALL,
    SMALL,
    Flex,
    Palette,
    bubble,
    caption,
    carousel,
    column,
    postback,
    row,
    text,
    title,
)
from channels.line.limits import BUTTONS
from channels.line.messages import Card, Choice
from channels.message import Action, aloud
from followups.hours import Window
from models.clinics import Clinic
from runtime.language import Language

Kind = Literal["survey", "greetings", "care", "transactional"]
"""What comes until somebody says no."""
FIRST = 4
"""Switches of the first bubble: one with all of them is taller than the room above an open menu."""


@dataclass(frozen=True)
class Heard:
    """Which of it the customer hears now, and their own quiet hours."""

    offers: bool
    by_sms: bool | None
    """None: the clinic sends none, or their phone is not proved."""
    by_mail: bool | None
    """None: the clinic sends none, or no address of theirs is proved."""
    fitting: bool
    care: bool
    transactional: bool
    survey: bool
    greetings: bool
    stopped: bool
    quiet: Window | None


def heard_of(t: Language, what: Kind, *, wanted: bool) -> str:
    """What is said to whoever turns it on or off; its hash is kept with that."""
    return {
        ("survey", True): t("Thank you. After a visit we ask you once how it was."),
        ("survey", False): t("Understood. We do not ask you any more. You can write “review” whenever you like."),
        ("greetings", True): t("With pleasure. On your birthday you hear from us."),
        ("greetings", False): t("Understood. We let your birthday pass quietly."),
        ("care", True): t("Thank you. After a treatment we ask how you are."),
        ("care", False): t("Understood. After a treatment we do not write by ourselves. Write to us at any time."),
        ("transactional", True): t("Thank you. We remind you of appointments and bills."),
        ("transactional", False): t("Understood. We remind you of appointments and bills no more."),
    }[what, wanted]


def settings(clinic: Clinic, t: Language, heard: Heard) -> Card:
    """A line is a switch; what is about the customer's own points ends with all messages only."""
    palette = palette_of(clinic)
    heading, lead = t("What you hear from us"), t("Tap a line to change it.")
    turn = {True: "no", False: "yes"}
    by_sms: tuple[tuple[str, bool, Action], ...] = (
        () if heard.by_sms is None else ((t("News and offers by SMS"), heard.by_sms, _by_sms(heard.by_sms)),)
    )
    by_mail: tuple[tuple[str, bool, Action], ...] = (
        () if heard.by_mail is None else ((t("News and offers by e-mail"), heard.by_mail, _by_mail(heard.by_mail)),)
    )
    switches: tuple[tuple[str, bool, Action], ...] = (
        (t("News and offers"), heard.offers, Action("offers", answer=turn[heard.offers])),
        *by_sms,
        *by_mail,
        (t("What goes with your treatments"), heard.fitting, Action("fitting", answer=turn[heard.fitting])),
        (t("Care after a treatment"), heard.care, Action("hear_of", what="care", answer=turn[heard.care])),
        (
            t("Reminders of appointments and bills"),
            heard.transactional,
            Action("hear_of", what="transactional", answer=turn[heard.transactional]),
        ),
        (t("How a visit was"), heard.survey, Action("hear_of", what="survey", answer=turn[heard.survey])),
        (
            t("Wishes on your birthday"),
            heard.greetings,
            Action("hear_of", what="greetings", answer=turn[heard.greetings]),
        ),
    )
    if heard.stopped:
        lead = t("You have stopped all messages. We write only when you write to us.")
        return Card(
            aloud(heading, lead),
            bubble(
                title(heading),
                text(lead, margin=GAP),
                buttons=[tap(t("Write to me again"), Action("write_again"), palette, "secondary")],
            ),
        )
    words = {True: t("on"), False: t("off")}
    said = (f"{label}: {words[on]}" for label, on, _ in switches)
    note = " ".join((t("What is about your own points comes in any case."), quiet_now(t, heard.quiet)))
    lines = [_switch(t, *one, palette) for one in switches]
    buttons = [
        tap(t("Quiet hours"), Action("quiet_hours"), palette, "secondary"),
        tap(t("How we reach you"), Action("ways_to_reach"), palette, "secondary"),
        tap(t("Stop all messages"), Action("stop_all"), palette, "quiet"),
    ]
    first = bubble(title(heading), caption(lead), column(*lines[:FIRST], margin=GAP, spacing=GAP_SMALL))
    rest = column(*lines[FIRST:], spacing=GAP_SMALL)
    if len(lines) < 2 * FIRST:
        more = [bubble(rest, caption(note, margin=GAP), buttons=buttons)]
    else:
        more = [bubble(rest), bubble(caption(note), buttons=buttons)]
    return Card(aloud(heading, *said), carousel([first, *more]))


def _by_sms(on: bool) -> Action:
    """What is agreed to has to be before who agrees."""
    return Action("offers_by", channel="sms", answer="no") if on else Action("ask_offers_by", channel="sms")


def _by_mail(on: bool) -> Action:
    return Action("mail_offers", answer="no") if on else Action("ask_offers_by", channel="email")


PRESETS: tuple[Window, ...] = ((time(20), time(10)), (time(18), time(9)), (time(22), time(12)))
"""Quiet hours that are a tap away; others are typed."""


def quiet_hours(clinic: Clinic, t: Language, own: Window | None) -> Card:
    """They add to the clinic's, which stay as they are."""
    palette, heading = palette_of(clinic), t("Quiet hours")
    begins, ends = clinic.settings.customers.quiet
    lead = t(
        "From {begins} to {ends} we write nothing by ourselves. Would you like it quiet for longer?",
        begins=clock(begins), ends=clock(ends),
    )  # fmt: skip
    typed = t("You can also type them, such as 19:30-10:00.")
    taps = [
        tap(
            f"{clock(one[0])}–{clock(one[1])}",
            Action("quiet", begins=one[0].hour, ends=one[1].hour),
            palette,
            "secondary",
        )
        for one in [each for each in PRESETS if each != own][: BUTTONS - (own is not None)]
    ]
    return Card(
        aloud(heading, lead, typed),
        bubble(
            title(heading),
            text(lead, margin=GAP),
            caption(f"{typed} {quiet_now(t, own)}", margin=GAP),
            buttons=[*taps, *([tap(t("As the clinic"), Action("quiet_as_clinic"), palette, "quiet")] if own else [])],
        ),
    )


def ways(clinic: Clinic, t: Language, reached: Sequence[str], *, chosen: bool) -> Card:
    """By which we reach the customer, as it is now: the first first. `chosen`: by themselves."""
    palette, heading = palette_of(clinic), t("How we reach you")
    lead = t("We write to you here in LINE. Where we know your phone, you can choose to be called first.")
    if len(reached) > 1:
        lead = order(t, reached, chosen=chosen)
    taps = [
        tap(one.label, one.action, palette, "secondary")
        for one in first_of(t, reached, chosen=chosen)[: BUTTONS - chosen]
    ]
    back = [tap(t("As it fits each message"), Action("prefer", channel="any"), palette, "quiet")] if chosen else []
    note = t("A message that can go one way only takes that one.")
    return Card(
        aloud(heading, lead),
        bubble(title(heading), text(lead, margin=GAP), caption(note, margin=GAP), buttons=[*taps, *back] or None),
    )


def order(t: Language, reached: Sequence[str], *, chosen: bool) -> str:
    names = " › ".join(channel_name(t, one) for one in reached)
    if chosen:
        return t("You have chosen: first {channels}.", channels=names)
    return t("As it fits each message: {channels}.", channels=names)


def first_of(t: Language, reached: Sequence[str], *, chosen: bool) -> list[Choice]:
    """Each way that may come first instead; of four one more than a card has buttons for."""
    first = {"line": t("LINE first"), "call": t("A call first"), "sms": t("SMS first"), "email": t("E-mail first")}
    others = reached[1:] if chosen or len(reached) == 1 else reached
    return [Choice(first[one], Action("prefer", channel=one)) for one in others]


def channel_name(t: Language, channel: str) -> str:
    return {"line": t("LINE"), "call": t("a call"), "sms": t("SMS"), "email": t("e-mail")}[channel]


def quiet_now(t: Language, own: Window | None) -> str:
    if own is None:
        return ""
    return t("Your own quiet hours: {begins} to {ends}.", begins=clock(own[0]), ends=clock(own[1]))


def clock(at: time) -> str:
    return f"{at:%H:%M}"


def _switch(t: Language, label: str, on: bool, action: Action, palette: Palette) -> Flex:
    turn = t("Turn off: {what}", what=label) if on else t("Turn on: {what}", what=label)
    return row(
        text(label, size=SMALL, flex=1),
        text(
            t("on") if on else t("off"),
            size=SMALL,
            bold=on,
            color=palette.accent if on else palette.muted,
            align="end",
            wrap=False,
            flex=0,
        ),
        padding="12px",
        radius="8px",
        background=palette.tint,
        align="center",
        action={**postback(action.data, turn), "label": label},
    )
