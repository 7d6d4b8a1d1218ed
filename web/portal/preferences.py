"""When and how somebody is written to: which way comes first, quiet hours, and no further treatments for now."""

from datetime import time
from typing import Literal

from pydantic import BaseModel

from bot.cards import messages as cards
from followups import preferences
from runtime.language import Language
from web.portal.pages import Pages
from web.portal.visit import Page, Shown, To, Visit, Wrong


def _done(t: Language) -> dict[str, str]:
    return {
        "first": t("Noted. That is how we reach you."),
        "quiet": t("Your quiet hours are noted."),
        "as_clinic": t("Understood. Our own quiet hours hold for you, too."),
        "not_now": t("Understood. We suggest no further treatments for now."),
        "suggest": t("Thank you. Where something may suit you, we suggest it again, if you receive offers."),
    }


pages = Pages(_done)


class First(BaseModel):
    channel: Literal["line", "call", "sms", "email", "any"]


class Quiet(BaseModel):
    begins: time
    ends: time


@pages.show("/me/preferences", guests=True)
def shown(visit: Visit, wrong: str = "") -> Page:
    t, chosen = visit.t, preferences.of(visit.session, visit.customer)
    reached = preferences.ways(visit.session, visit.channels, visit.customer)
    own = chosen is not None and any(one in reached for one in chosen.channels)
    fits = ("any", t("As it fits each message"))
    begins, ends = visit.clinic.settings.customers.quiet
    quiet = preferences.quiet(chosen)
    until = chosen.no_upsell_until if chosen else None
    values = {
        "order": cards.order(t, reached, chosen=own), "first": reached[0] if own else "any",
        "reached": [fits, *((one, _first(t, one)) for one in reached)],
        "clinic_hours": (cards.clock(begins), cards.clock(ends)), "own_hours": cards.quiet_now(t, quiet),
        "begins": cards.clock(quiet[0]) if quiet else "", "ends": cards.clock(quiet[1]) if quiet else "",
        "no_offers_until": t.date(until) if until and until > visit.now else "", "wrong": wrong,
        "days": preferences.NOT_NOW.days,
    }  # fmt: skip
    return Page("preferences.html", values, 422 if wrong else 200)


@pages.do("/me/preferences/first", guests=True)
def first(visit: Visit) -> Shown:
    channel = visit.form(First).channel
    visit.hold()
    wanted = None if channel == "any" else channel
    if not preferences.wish_first(visit.session, visit.channels, visit.customer, wanted, visit.now):
        return shown(visit, visit.t("We do not reach you that way any more. This is how it is now."))
    return To("/me/preferences", "first")


@pages.do("/me/preferences/quiet", guests=True)
def quiet(visit: Visit) -> Shown:
    try:
        hours = visit.form(Quiet)
    except Wrong:
        return shown(visit, visit.t("Please give two times of the day, such as 20:00 and 10:00."))
    if hours.begins == hours.ends:
        return shown(visit, visit.t("Please give two times of the day, such as 20:00 and 10:00."))
    visit.hold()
    own = hours.begins.replace(second=0, microsecond=0), hours.ends.replace(second=0, microsecond=0)
    if not preferences.wish_quiet(visit.session, visit.customer, own, visit.now):
        said = visit.t("That would leave no hour of the day. To hear nothing, choose “Stop all messages”.")
        return shown(visit, said)
    return To("/me/preferences", "quiet")


@pages.do("/me/preferences/quiet-as-clinic", guests=True)
def as_clinic(visit: Visit) -> Shown:
    visit.hold()
    preferences.choose_quiet(visit.session, visit.customer, None, visit.now)
    return To("/me/preferences", "as_clinic")


@pages.do("/me/preferences/not-now", guests=True)
def not_now(visit: Visit) -> Shown:
    visit.hold()
    preferences.not_now(visit.session, visit.customer, visit.now)
    return To("/me/preferences", "not_now")


@pages.do("/me/preferences/suggest-again", guests=True)
def suggest_again(visit: Visit) -> Shown:
    visit.hold()
    preferences.now_again(visit.session, visit.customer, visit.now)
    return To("/me/preferences", "suggest")


def _first(t: Language, channel: str) -> str:
    return {"line": t("LINE first"), "call": t("A call first"), "sms": t("SMS first"), "email": t("E-mail first")}[
        channel
    ]
