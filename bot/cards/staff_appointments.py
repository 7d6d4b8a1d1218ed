"""Today's appointments as the staff's group sees them: who is awaited, and two buttons that say what came of it.

What it is for is not said: all of the group read it.
"""

from collections.abc import Sequence

from bot.cards.frame import palette_of
from bot.cards.staff_till import undo_button, who_is
from bot.words import wording
from channels.line.flex import GAP_SMALL, SMALL, Flex, bubble, button, carousel, message, text, title
from channels.line.messages import Card
from channels.message import aloud
from customers.appointments import code_of, for_whom
from facts.came import NotSaid
from models.appointments import Appointment
from models.clinics import Clinic
from models.staff import StaffAct
from runtime.language import Language

SHOWN = 10
"""Bubbles that are looked at; the others come when these are answered."""


def listed(clinic: Clinic, t: Language, shown: Sequence[Appointment], in_all: int) -> Card:
    """The open ones, each with its number and two buttons that speak for whoever taps them."""
    said = t.n("{count} appointment is open today", "{count} appointments are open today", in_all)
    lines = [f"{one.listed_as}. {_named(t, one)}" for one in shown]
    how = t("By words: “{came}”, “{missed}”.", came=wording(t, "visit", "1"), missed=wording(t, "no_show", "1"))
    return Card(aloud(said, *lines, how), carousel([_one(clinic, t, one) for one in shown]))


def noted(clinic: Clinic, t: Language, one: Appointment, act: StaffAct) -> Card:
    name = _whose(t, one)
    said = t("Noted: {name} came.", name=name) if act.kind == "come" else t("Noted: {name} did not come.", name=name)
    lines = [text(_named(t, one), size=SMALL, margin=GAP_SMALL)]
    return Card(said, bubble(title(said), *lines, buttons=[undo_button(t, act, palette_of(clinic))]))


def refused(t: Language, one: Appointment, refusal: NotSaid) -> str:
    """Why nothing was changed, and what to do."""
    name = _named(t, one)
    reasons = {
        "known": t("This is noted already: {name}.", name=name),
        "elsewhere": t(
            "Nothing was changed: the booking system says otherwise of {name}. Please put it right there.", name=name
        ),
        "called_off": t("Nothing was changed: {name} was moved or called off.", name=name),
        "too_soon": t("{name} has not begun yet. Please say so when its time has come.", name=name),
    }
    return reasons[refusal.why]


def grown_old(t: Language) -> str:
    """To a button of an appointment of long ago, or of one that there is no more."""
    return t(
        "This appointment was more than a week ago, or there is none any more. What is open today you see with "
        "“{today}”.",
        today=wording(t, "today"),
    )


def taken_back(t: Language, act: StaffAct) -> str:
    name = who_is(t, act.customer) if act.customer is not None else ""
    return t("Taken back: what was noted of the appointment of {name}.", name=name)


def _one(clinic: Clinic, t: Language, one: Appointment) -> Flex:
    palette, code = palette_of(clinic), code_of(one.id)
    return bubble(
        title(_named(t, one)),
        text(t("No. {number}", number=t.number(one.listed_as or 0)), size=SMALL, margin=GAP_SMALL),
        buttons=[
            button(t("Came"), message(wording(t, "visit", code)), palette),
            button(t("Did not come"), message(wording(t, "no_show", code)), palette, "quiet"),
        ],
    )


def _named(t: Language, one: Appointment) -> str:
    return f"{t.time(one.starts_at)} · {_whose(t, one)}"


def _whose(t: Language, one: Appointment) -> str:
    about = for_whom(one)
    return f"{about} ({who_is(t, one.customer)})" if about else who_is(t, one.customer)
