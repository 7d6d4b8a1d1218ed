"""What somebody hears of: each kind with what it means, and each consent with the very words that are agreed to. The
chat asks the same, and what is decided in either place is decided by `privacy.wishes`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel

from bot import texting
from bot.cards import fitting, messages, offers_by, own_email
from bot.cards import privacy as cards
from bot.chats.messages import heard
from customers import own_email as addresses
from privacy import ages, consent, suppressions
from privacy.wishes import PAGE, Wisher
from runtime.language import Language
from web.portal.pages import Pages
from web.portal.visit import Missing, Page, Shown, To, Visit

What = Literal["offers", "sms", "email", "fitting"]
"""What is a consent: off until somebody says yes."""
AT = "/me/consents"


def _done(t: Language) -> dict[str, str]:
    turned = {
        f"{what}_{on}": messages.heard_of(t, what, wanted=on == "on") for what in KINDS for on in ("on", "off")
    }  # fmt: skip
    return turned | {
        "offers_on": t("Thank you. We will write only when there is something worth reading."),
        "offers_off": t("Understood. We will not send you offers."),
        "sms_on": t("Thank you. News and offers come by SMS, too."),
        "sms_off": t("Understood. No offers come by SMS."),
        "email_on": t("Thank you. News and offers come by e-mail, too."),
        "email_back": t(
            "Noted. Our mail to your address came back, so please confirm it once more: write “my e-mail” in the chat."
        ),
        "email_off": t("Understood. No news and offers come by e-mail."),
        "fitting_on": t("Thank you. We suggest only what goes well with your treatments."),
        "fitting_off": t("Understood. Your treatments choose nothing that we send you."),
        "younger": t("Thank you. We send offers to nobody under 20. Everything else is yours as a member."),
        "stopped": t("Understood. We write only when you write to us."),
        "again": t("Thank you. You hear from us again when there is something about you. Offers stay off."),
    }


KINDS: tuple[messages.Kind, ...] = ("care", "transactional", "survey", "greetings")
"""What comes until somebody says no."""
pages = Pages(_done)


@dataclass(frozen=True)
class Switch:
    """`asks`: to turn it on leads to its question."""

    what: str
    label: str
    meaning: str
    on: bool
    asks: bool


class Hearing(BaseModel):
    what: messages.Kind
    answer: Literal["yes", "no"]


class Deciding(BaseModel):
    answer: Literal["yes", "no"]


class Age(BaseModel):
    answer: Literal["adult", "younger"]
    wish: What


@pages.show(AT, guests=True)
def shown(visit: Visit) -> Page:
    now = heard(visit)
    return Page("consents.html", {"stopped": now.stopped, "switches": list(_switches(visit.t, now))})


def _switches(t: Language, now: messages.Heard) -> Iterator[Switch]:
    yield Switch("offers", t("News and offers"), t("In LINE, at most a few a month."), now.offers, asks=True)
    if now.by_sms is not None:
        yield Switch(
            "sms", t("News and offers by SMS"), t("To the phone that you have confirmed."), now.by_sms, asks=True
        )
    if now.by_mail is not None:
        mail = t("To the address that you have confirmed.")
        yield Switch("email", t("News and offers by e-mail"), mail, now.by_mail, asks=True)
    fits = t("We may look at the treatments you had to suggest what goes with them.")
    yield Switch("fitting", t("What goes with your treatments"), fits, now.fitting, asks=True)
    care = t("We ask how you are, and say what helps.")
    yield Switch("care", t("Care after a treatment"), care, now.care, asks=False)
    reminders = t("Before an appointment, and before a bill is due.")
    yield Switch("transactional", t("Reminders of appointments and bills"), reminders, now.transactional, asks=False)
    yield Switch("survey", t("How a visit was"), t("One question after a visit."), now.survey, asks=False)
    yield Switch("greetings", t("Wishes on your birthday"), t("Once a year, on your day."), now.greetings, asks=False)


@pages.do(f"{AT}/hear", guests=True)
def hear(visit: Visit) -> Shown:
    """Turns a kind on or off that comes until somebody says no."""
    told = visit.form(Hearing)
    wanted = told.answer == "yes"
    _deciding(visit).decide(told.what, messages.heard_of(visit.t, told.what, wanted=wanted), granted=wanted)
    return To(AT, f"{told.what}_{'on' if wanted else 'off'}")


@pages.show(f"{AT}/<any(offers, sms, email, fitting):what>", guests=True)
def question(visit: Visit, what: What) -> Page:
    """The words that are agreed to; before them the age, without which nobody can agree."""
    text, why = _text(visit, what), _wisher(visit).hindered
    until = ages.stands_until(visit.session, visit.customer, visit.now) if why == "under_age" else None
    values = {
        "what": what, "heading": _heading(visit.t, what), "text": text, "why": why, "age_text": cards.age_text(visit.t),
        "too_young": cards.too_young(visit.t, until) if until else "",
    }  # fmt: skip
    return Page("consent.html", values)


@pages.do(f"{AT}/<any(offers, sms, email, fitting):what>", guests=True)
def decide(visit: Visit, what: What) -> Shown:
    """However old the page is: what it said of who carries the message has to be so still."""
    wanted, text = visit.form(Deciding).answer == "yes", _text(visit, what)
    wisher = _deciding(visit)
    if not wanted:
        _refuse(wisher, what, text)
        return To(AT, f"{what}_off")
    purpose, channel = _about(what)
    why = wisher.want_offers() if what == "offers" else wisher.agree(purpose, text, channel)
    if why:
        return To(f"{AT}/{what}")
    return To(AT, "email_back" if what == "email" and _came_back(visit) else f"{what}_on")


@pages.do(f"{AT}/age", guests=True)
def age(visit: Visit) -> Shown:
    """Then what it was asked for is asked."""
    told = visit.form(Age)
    until = _deciding(visit).say_age(adult=told.answer == "adult")
    return To(AT, "younger") if told.answer == "younger" and until is None else To(f"{AT}/{told.wish}")


@pages.show(f"{AT}/stop-all", guests=True)
def stop_all(visit: Visit) -> Page:
    """What ends, and what still comes, before it ends."""
    return Page("stop-all.html", {"text": cards.stop_all_text(visit.clinic, visit.t)})


@pages.do(f"{AT}/stop-all", guests=True)
def stop_everything(visit: Visit) -> Shown:
    _deciding(visit).stop_everything()
    return To(AT, "stopped")


@pages.do(f"{AT}/write-again", guests=True)
def write_again(visit: Visit) -> Shown:
    return To(AT, "again" if _deciding(visit).write_again() else "")


def _came_back(visit: Visit) -> bool:
    """Nothing goes to their address until they have shown again that they read it."""
    known = addresses.of(visit.session, visit.customer)
    address = known and known.value
    return bool(address) and suppressions.holds(visit.session, visit.clinic, "email", address or "")


def _refuse(wisher: Wisher, what: What, text: str) -> None:
    if what == "offers":
        wisher.stop_offers()
    else:
        purpose, channel = _about(what)
        wisher.decide(purpose, text, channel, granted=False)


def _about(what: What) -> tuple[str, str]:
    """Its purpose and its channel in the ledger."""
    if what == "fitting":
        return consent.HEALTH, "line"
    return consent.MARKETING, "line" if what == "offers" else what


def _text(visit: Visit, what: What) -> str:
    """Raises `Missing` where nothing can come that way."""
    clinic, t, now = visit.clinic, visit.t, heard(visit)
    if (what == "sms" and now.by_sms is None) or (what == "email" and now.by_mail is None):
        raise Missing
    if what == "sms":
        over = texting.texting(visit)
        return offers_by.sms_text(clinic, t, (over and over.carrier(clinic)) or "")
    if what == "email":
        return own_email.offers_text(clinic, t)
    return fitting.question_text(clinic, t) if what == "fitting" else cards.offers_question_text(clinic, t)


def _heading(t: Language, what: What) -> str:
    headings = {
        "offers": t("News and offers"), "sms": t("Offers by SMS"), "email": t("Offers by e-mail"),
        "fitting": t("What goes with your treatments"),
    }  # fmt: skip
    return headings[what]


def _wisher(visit: Visit) -> Wisher:
    return Wisher(visit.session, visit.customer, visit.now, PAGE, cards.texts(visit.clinic, visit.t))


def _deciding(visit: Visit) -> Wisher:
    visit.hold()
    return _wisher(visit)
