"""Oneself: the language, where one is signed in, and the way out."""

from uuid import UUID

from pydantic import BaseModel

from customers.line_accounts import speak
from models.portal import PortalSession
from runtime.language import Language
from web.http import sessions
from web.portal.pages import Pages, Place
from web.portal.showing import called
from web.portal.visit import Missing, Page, Shown, To, Visit, Wrong


def _done(t: Language) -> dict[str, str]:
    return {
        "language": t("From now on we speak English."),
        "ended": t("Signed out there."),
        "others": t("Signed out everywhere else."),
    }


pages = Pages(_done, place=Place(90, "me", "/me", "user-round", lambda t: t("Me")))


class ChosenLanguage(BaseModel):
    language: str


@pages.show("/me", guests=True)
def me(visit: Visit) -> Page:
    spoken = [(code, called(code)) for code in visit.clinic.settings.voice.languages]
    held = sessions.of_customer(visit.session, visit.customer, visit.real_now)
    browsers = [(one.id, _device(visit.t, one), visit.t.date(one.seen_at), one.id == visit.held.id) for one in held]
    return Page("me.html", {"spoken": spoken, "browsers": browsers})


@pages.do("/me/language", guests=True)
def language(visit: Visit) -> To:
    chosen = visit.form(ChosenLanguage).language
    if chosen not in visit.clinic.settings.voice.languages:
        raise Wrong
    speak(visit.session, visit.customer, chosen)
    return To("/me", "language")


@pages.do("/me/sign-out", guests=True)
def sign_out(visit: Visit) -> Shown:
    sessions.end(visit.held, visit.real_now)
    return To("")


@pages.do("/me/sign-out-elsewhere", guests=True)
def sign_out_elsewhere(visit: Visit) -> Shown:
    sessions.end_others(visit.session, visit.held, visit.real_now)
    return To("/me", "others")


@pages.do("/me/browsers/<uuid:browser>/end", guests=True)
def end(visit: Visit, browser: UUID) -> Shown:
    """One of one's own."""
    found = visit.session.get(PortalSession, (browser, visit.clinic.id))
    if found is None or found.customer_id != visit.customer.id:
        raise Missing
    sessions.end(found, visit.real_now)
    return To("/me", "ended")


def _device(t: Language, held: PortalSession) -> str:
    devices = {"iphone": t("iPhone"), "android": t("Android phone"), "computer": t("Computer")}
    device = devices.get(held.device, t("Browser"))
    return t("{device}, in LINE", device=device) if held.way == "liff" else device
