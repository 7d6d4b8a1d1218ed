"""What the staff's group is shown when sessions of a course are shared: which, with whom, and what it does."""

from collections.abc import Mapping, Sequence

from bot.cards.courses import called, what_is_left
from bot.cards.frame import palette_of
from bot.cards.staff_till import question, undo_button, who_is
from bot.words import wording
from channels.line.flex import (
    GAP,
    GAP_LARGE,
    GAP_SMALL,
    SMALL,
    badge,
    bubble,
    button,
    key_value,
    message,
    separator,
    text,
    title,
)
from channels.line.limits import BUTTONS
from channels.line.messages import Card
from channels.message import aloud
from customers import courses
from models.branches import Service
from models.clinics import Clinic
from models.courses import Course
from models.customers import Customer
from models.staff import StaffAct
from runtime.language import Language


def how(t: Language) -> str:
    words = wording(t, "share", "A7K2 B3M4")
    return t(
        "Look for both with “find” first, or take their member numbers. Then write whose course it is, and who is to "
        "have of it: “{words}”.",
        words=words,
    )


def nothing(t: Language, customer: Customer) -> str:
    return t("{name} has no course of which something is left.", name=who_is(t, customer))


def which(
    clinic: Clinic, t: Language, people: Sequence[Customer], held: Sequence[Course],
    services: Mapping[str, Service], said: str,
) -> Card:  # fmt: skip
    """`said`: the words by which the two were meant, so that the buttons mean them too."""
    palette, heading = palette_of(clinic), t("Which course of {name}?", name=who_is(t, people[0]))
    lines = [f"{place}. {called(t, one, services)} · {what_is_left(t, one)}" for place, one in enumerate(held, 1)]
    hint = t("By words: “{words}”.", words=wording(t, "share", f"{said.upper()} 1 3"))
    return Card(
        aloud(heading, *lines),
        bubble(
            title(heading),
            key_value(t("For"), who_is(t, people[1]), margin=GAP),
            *(text(line, size=SMALL, margin=GAP_SMALL) for line in lines),
            separator(GAP_LARGE),
            text(hint, size=SMALL, margin=GAP),
            buttons=[
                button(
                    t("Course {number}", number=place),
                    message(wording(t, "share", f"{said.upper()} {place}")), palette, "secondary")
                for place in range(1, min(len(held), BUTTONS) + 1)
            ],
        ),
    )  # fmt: skip


def how_many(clinic: Clinic, t: Language, course: Course, services: Mapping[str, Service], said: str) -> Card:
    palette, heading = palette_of(clinic), t("How many sessions?")
    left, most = what_is_left(t, course), courses.left(course)
    words = wording(t, "share", said.upper())
    return Card(
        aloud(heading, left),
        bubble(
            title(heading),
            text(called(t, course, services), size=SMALL, margin=GAP),
            text(left, size=SMALL, margin=GAP_SMALL),
            text(t("By words: “{words}”.", words=f"{words} {most}"), size=SMALL, margin=GAP),
            buttons=[
                button(_sessions(t, many), message(wording(t, "share", f"{said.upper()} {many}")), palette, "secondary")
                for many in range(1, min(most, BUTTONS) + 1)
            ],
        ),
    )


def shall_it_be_shared(
    clinic: Clinic, t: Language, act: StaffAct, course: Course, other: Customer, services: Mapping[str, Service],
    names: Mapping[str, str],
) -> Card:  # fmt: skip
    palette, many = palette_of(clinic), act.sessions or 0
    giver, taker = who_is(t, course.customer), who_is(t, other)
    sessions = _sessions(t, many)
    said = t("Give {sessions} of {owner} to {name}?", sessions=sessions, owner=giver, name=taker)
    kept = _sessions(t, courses.left(course) - many)
    then = t(
        "Both hear of it where they can be reached. The points of the course stay where they are. Your own system is "
        "not told: please note it there too."
    )
    note = question(t, act, names)
    return Card(
        aloud(said, then, note),
        bubble(
            title(said),
            text(called(t, course, services), size=SMALL, margin=GAP),
            key_value(t("{name} keeps", name=giver), kept, margin=GAP),
            separator(GAP_LARGE),
            text(f"{then} {note}", size=SMALL, margin=GAP),
            buttons=[
                button(t("Share them"), message(wording(t, "confirm", act.code)), palette),
                button(t("Cancel"), message(wording(t, "decline", act.code)), palette, "quiet"),
            ],
        ),
    )


def shared(clinic: Clinic, t: Language, act: StaffAct, course: Course, other: Customer, id_: str) -> Card:
    palette, sessions = palette_of(clinic), _sessions(t, act.sessions or 0)
    said = t("Shared: {sessions} are {name}'s now.", sessions=sessions, name=who_is(t, other))
    left = _sessions(t, courses.left(course))
    return Card(
        said,
        bubble(
            badge(t("Shared"), background=palette.positive, color=palette.surface),
            title(said, margin=GAP),
            key_value(t("{name} keeps", name=who_is(t, course.customer)), left, margin=GAP),
            text(t("In your own system its number is {id}.", id=id_), size=SMALL, margin=GAP),
            buttons=[undo_button(t, act, palette)],
        ),
    )


def refused(t: Language, why: str) -> str:
    reasons = {
        "same_person": t("These are one person."),
        "over": t("Nothing is left of this course, or it has ended."),
        "too_many": t("So many sessions are not left of this course."),
    }
    return t("Nothing was changed. {why}", why=reasons[why])


def _sessions(t: Language, count: int) -> str:
    return t.n("{count} session", "{count} sessions", count)
