"""The open appointments as the staff's group sees them, today's and those of the week before: who is awaited, and two
buttons that say what came of it.

What it is for is not said: all of the group read it.
"""

from collections.abc import Sequence

from sqlalchemy.orm import object_session

from bot.cards.frame import palette_of
from bot.cards.staff_till import undo_button, who_is
from bot.words import wording
from channels.line.flex import GAP_SMALL, SMALL, Flex, bubble, button, carousel, message, text, title
from channels.line.messages import Card
from channels.message import aloud
from customers import contacts
from customers.appointments import code_of, for_whom
from customers.voice import first_name
from facts.came import NotSaid
from models.appointments import Appointment
from models.clinics import Clinic
from models.staff import StaffAct
from runtime.language import Language

SHOWN = 10
"""Bubbles of one message; the one after them leads to the others."""
SYSTEMS = {"calcom": "Cal.com", "calendly": "Calendly", "square": "Square"}


def listed(clinic: Clinic, t: Language, shown: Sequence[Appointment], in_all: int) -> Card:
    """The open ones of today, each with its number and two buttons that speak for whoever taps them."""
    said = t.n("{count} appointment is open today", "{count} appointments are open today", in_all)
    lines = [f"{one.listed_as}. {_named(t, one)}" for one in shown]
    how = t("By words: “{came}”, “{missed}”.", came=wording(t, "visit", "1"), missed=wording(t, "no_show", "1"))
    bubbles = [_one(clinic, t, one, _named(t, one), t.number(one.listed_as or 0)) for one in shown]
    return Card(aloud(said, *lines, how), carousel([*bubbles, *_more(clinic, t, shown, in_all)]))


def left_open(clinic: Clinic, t: Language, shown: Sequence[Appointment], in_all: int) -> Card:
    """Those of the days before, each with its day and its code in the place of a number."""
    said = t.n(
        "Of {count} appointment of the days before nobody has said who came",
        "Of {count} appointments of the days before nobody has said who came",
        in_all,
    )
    names = {one.id: f"{t.weekday(one.starts_at)} {t.date(one.starts_at)} {_named(t, one)}" for one in shown}
    bubbles = [_one(clinic, t, one, names[one.id], code_of(one.id)) for one in shown]
    return Card(aloud(said, *names.values()), carousel([*bubbles, *_more(clinic, t, shown, in_all)]))


def no_more(t: Language) -> str:
    return t("No more appointments are open there. What is open you see with “{today}”.", today=wording(t, "today"))


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


def _more(clinic: Clinic, t: Language, shown: Sequence[Appointment], in_all: int) -> list[Flex]:
    """The button names the last that was shown, so that none is passed over, whatever was answered meanwhile."""
    if in_all <= len(shown):
        return []
    label = t.n("{count} more appointment", "{count} more appointments", in_all - len(shown))
    shows = message(wording(t, "appointments_after", code_of(shown[-1].id)))
    return [bubble(title(label), buttons=[button(t("Show them"), shows, palette_of(clinic), "secondary")])]


def _one(clinic: Clinic, t: Language, one: Appointment, name: str, number: str) -> Flex:
    palette, code = palette_of(clinic), code_of(one.id)
    return bubble(
        title(name),
        text(t("No. {number}", number=number), size=SMALL, margin=GAP_SMALL),
        buttons=[
            button(t("Came"), message(wording(t, "visit", code)), palette),
            button(t("Did not come"), message(wording(t, "no_show", code)), palette, "quiet"),
        ],
    )


def _named(t: Language, one: Appointment) -> str:
    return f"{t.time(one.starts_at)} · {_whose(t, one)}"


def _whose(t: Language, one: Appointment) -> str:
    about, name = for_whom(one) or (None if one.customer.display_name else one.about), first_name(one.customer)
    who = name or _unnamed(t, one)
    return f"{about} ({who})" if about else who


def _unnamed(t: Language, one: Appointment) -> str:
    """As it is best known: some systems tell no more of a person than an id."""
    session = object_session(one)
    digits = contacts.last_digits(session, one.customer) if session is not None else ""
    system = SYSTEMS.get(one.source) or t("the booking system")
    said = t("name not told by {system}", system=system)
    return ", ".join([said, *([t("phone ending in {digits}", digits=digits)] if digits else [])])
