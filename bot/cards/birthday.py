"""Cards of the birthday: choosing the day, and confirming it before it is fixed."""

from datetime import date

from babel.dates import format_skeleton, get_month_names

from bot.cards.frame import palette_of, tap
from bot.days import ANY_YEAR, NoSuchDay
from channels.line.flex import GAP, GAP_LARGE, bubble, button, caption, date_picker, separator, text, title
from channels.line.messages import Card
from channels.message import Action, aloud
from models.clinics import Clinic
from runtime.language import BUDDHIST_ERA_OFFSET, FIRST, Language

EARLIEST = date(1920, 1, 1)
FIRST_SHOWN = date(1990, 1, 1)


def day_words(t: Language, month: int, day: int) -> str:
    """`29 กุมภาพันธ์`, `February 29`: without a year, which is not kept."""
    return str(format_skeleton("MMMMd", date(ANY_YEAR, month, day), locale=t.code))


def no_such_day(t: Language, said: NoSuchDay) -> str:
    """Why what was typed is no day."""
    if said.month is None or not said.days:
        return t("The calendar has no such day.")
    month = get_month_names("wide", locale=t.code)[said.month.month]
    if said.month.year != ANY_YEAR:
        month = f"{month} {said.month.year + (BUDDHIST_ERA_OFFSET if t.code == FIRST else 0)}"
    return t("{month} has only {days} days, so there is no {day}.", month=month, days=said.days, day=said.day)


def choose(clinic: Clinic, t: Language, points: int, today: date) -> Card:
    palette = palette_of(clinic)
    heading = t("When is your birthday?")
    gift = t.n(
        "We greet you with {count} point in the month of your birthday.",
        "We greet you with {count} points in the month of your birthday.",
        points,
    )
    kept = t("We keep the day and the month, not the year. It can be set once.")
    return Card(
        aloud(heading, gift if points else "", kept),
        bubble(
            title(heading),
            *([text(gift, color=palette.muted, margin=GAP)] if points else []),
            caption(kept, margin=GAP),
            buttons=[
                button(
                    t("Choose the day"),
                    date_picker(Action("birthday_picked").data, initial=FIRST_SHOWN, earliest=EARLIEST, latest=today),
                    palette,
                )
            ],
        ),
    )


def confirm(clinic: Clinic, t: Language, picked: date, today: date) -> Card:
    """The last look before it is fixed."""
    palette = palette_of(clinic)
    day = day_words(t, picked.month, picked.day)
    question, warning = t("Is your birthday on {day}?", day=day), t("Afterwards only our team can change it.")
    return Card(
        aloud(question, warning),
        bubble(
            caption(t("Your birthday")),
            text(day, size="xxl", bold=True, color=palette.accent),
            separator(GAP_LARGE),
            caption(warning, margin=GAP),
            buttons=[
                tap(t("Yes, that is right"), Action("birthday_set", month=picked.month, day=picked.day), palette),
                button(
                    t("Choose another day"),
                    date_picker(Action("birthday_picked").data, initial=picked, earliest=EARLIEST, latest=today),
                    palette,
                    "secondary",
                ),
            ],
        ),
    )
