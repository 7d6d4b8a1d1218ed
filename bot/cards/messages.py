"""The card of what a customer hears from the clinic unasked: each kind with a switch, as it stands."""

from bot.cards.frame import palette_of, tap
from channels.line.flex import GAP, GAP_SMALL, SMALL, Flex, Palette, bubble, caption, column, postback, row, text, title
from channels.line.messages import Card
from channels.message import Action, aloud
from models.clinics import Clinic
from runtime.language import Language


def settings(clinic: Clinic, t: Language, *, offers: bool, survey: bool, greetings: bool, stopped: bool) -> Card:
    """A line is a switch; what is about the customer's own points and appointments ends with all messages only."""
    palette = palette_of(clinic)
    heading, lead = t("What you hear from us"), t("Tap a line to change it.")
    turn = {True: "no", False: "yes"}
    switches = (
        (t("News and offers"), offers, Action("offers", answer=turn[offers])),
        (t("How a visit was"), survey, Action("hear_of", what="survey", answer=turn[survey])),
        (t("Wishes on your birthday"), greetings, Action("hear_of", what="greetings", answer=turn[greetings])),
    )
    if stopped:
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
    note = t("What is about your own points and appointments comes in any case.")
    return Card(
        aloud(heading, *said),
        bubble(
            title(heading),
            caption(lead),
            column(*(_switch(t, *one, palette) for one in switches), margin=GAP, spacing=GAP_SMALL),
            caption(note, margin=GAP),
            buttons=[tap(t("Stop all messages"), Action("stop_all"), palette, "quiet")],
        ),
    )


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
