"""What the staff's group is shown of a tie and of an adjustment: what it would do, and what has become of it."""

from collections.abc import Mapping

from bot.cards.frame import palette_of
from bot.cards.staff_till import about, question, undo_button, who_is
from bot.words import wording
from channels.line.flex import (
    GAP,
    GAP_LARGE,
    GAP_SMALL,
    SMALL,
    Flex,
    Palette,
    badge,
    bubble,
    button,
    key_value,
    message,
    separator,
    text,
    title,
)
from channels.line.messages import Card
from facts.group_acts import Recorded
from models.clinics import Clinic
from models.customers import Customer
from models.staff import StaffAct
from runtime.language import Language


def shall_it_be_tied(clinic: Clinic, t: Language, act: StaffAct, brings: Recorded, names: Mapping[str, str]) -> Card:
    palette, name = palette_of(clinic), who_is(t, act.customer) if act.customer else ""
    payments = f"{t.number(brings.payments)} · {t.baht(brings.baht)}"
    points = t.n("{count} point", "{count} points", brings.points)
    good, note = t("For 30 days a manager can take the two apart again."), question(t, act, names)
    said = t("Give what this phone has to {name}?", name=name)
    if brings.name:
        said = t("Make {other} and {name} one person?", other=brings.name, name=name)
    return Card(
        f"{said} {payments}, {points}. {good} {note}",
        bubble(
            title(said),
            key_value(t("Payments"), payments, margin=GAP),
            key_value(t("Points"), points, margin=GAP_SMALL),
            separator(GAP_LARGE),
            text(f"{good} {note}", size=SMALL, margin=GAP),
            buttons=_answers(t, act, palette, t("Tie them")),
        ),
    )


def tied(t: Language, act: StaffAct, available: int) -> str:
    points = t.n("{count} point", "{count} points", available)
    return t("Tied: it is {name}'s now, who has {points}.", name=_name(t, act), points=points)


def not_tied(t: Language) -> str:
    return t("These two cannot be made one. Nothing was changed; please ask who runs the system.")


def a_family(t: Language, by: str | None) -> str:
    """`by`: who has said so, where LINE has told the name."""
    who = by or t("a colleague")
    return t("{name} has said that these two are a family, so they stay two people. Nothing was changed.", name=who)


def how_to_tie(t: Language) -> str:
    words = wording(t, "tie", "M 4829 1375 081-234-5678")
    return t("Write the member's number and the phone on which payments were recorded: “{words}”.", words=words)


def nothing_to_tie(t: Language, customer: Customer, why: str) -> str:
    reasons = {
        "nothing": t("Nothing was recorded on this phone here."),
        "theirs": t("What was recorded on this phone is {name}'s already.", name=who_is(t, customer)),
        "another": t("Somebody else has proved that this phone is theirs, so it cannot be given to another."),
    }
    return reasons[why]


def shall_it_be_adjusted(clinic: Clinic, t: Language, act: StaffAct, has: int, names: Mapping[str, str]) -> Card:
    palette, name, by, note = palette_of(clinic), _name(t, act), _signed(t, act), question(t, act, names)
    why, now = act.words or "", t.n("{count} point", "{count} points", has)
    return Card(
        t("{points} for {name}, who has {now}. Why: {why}. {note}", points=by, name=name, now=now, why=why, note=note),
        bubble(
            title(f"{by} · {name}"),
            *(about(t, act.customer, None) if act.customer else []),
            key_value(t("Has now"), now, margin=GAP_SMALL),
            text(f"“{why}”", size=SMALL, margin=GAP),
            separator(GAP_LARGE),
            text(note, size=SMALL, margin=GAP),
            buttons=_answers(t, act, palette, t("Adjust")),
        ),
    )


def adjusted(clinic: Clinic, t: Language, act: StaffAct, names: Mapping[str, str]) -> Card:
    palette, name, by, who = palette_of(clinic), _name(t, act), _signed(t, act), names.get(act.done_by or "")
    said = t("Adjusted: {points} for {name}.", points=by, name=name)
    return Card(
        said,
        bubble(
            badge(t("Adjusted"), background=palette.positive, color=palette.surface),
            title(f"{by} · {name}", margin=GAP),
            separator(GAP_LARGE),
            text(f"“{act.words}”", size=SMALL, margin=GAP),
            *([key_value(t("Recorded by"), who, margin=GAP_SMALL)] if who else []),
            buttons=[undo_button(t, act, palette)],
        ),
    )


def how_to_adjust(t: Language) -> str:
    words = wording(t, "adjust", "M 4829 1375 +200")
    return t("Write the member's number, the points with + or -, and why: “{words} …”.", words=words)


def too_few(t: Language, missing: int) -> str:
    points = t.n("{count} point", "{count} points", missing)
    return t("Not adjusted: {points} are missing. Nobody is left with less than none.", points=points)


def _answers(t: Language, act: StaffAct, palette: Palette, yes: str) -> list[Flex]:
    return [
        button(yes, message(wording(t, "confirm", act.code)), palette),
        button(t("Cancel"), message(wording(t, "decline", act.code)), palette, "quiet"),
    ]


def _name(t: Language, act: StaffAct) -> str:
    return who_is(t, act.customer) if act.customer is not None else ""


def _signed(t: Language, act: StaffAct) -> str:
    points = t.n("{count} point", "{count} points", abs(act.points or 0))
    return f"{'+' if (act.points or 0) > 0 else '−'}{points}"
