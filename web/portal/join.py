"""Joining: what is told beforehand, and the one button. It is the chat's own act, word for word."""

from bot.cards import privacy as privacy_cards
from facts.joined import joined
from runtime.language import Language
from web.portal.pages import Pages
from web.portal.visit import Page, Shown, To, Visit


def _done(t: Language) -> dict[str, str]:
    return {"joined": t("Welcome! Your card and your first points are here.")}


pages = Pages(_done)


@pages.show("/join", guests=True)
def invitation(visit: Visit) -> Shown:
    if visit.member:
        return To("")
    notice = privacy_cards.notice_text(visit.clinic, visit.t)
    return Page("join.html", {"notice_text": notice, "welcome": visit.clinic.settings.points.welcome})


@pages.do("/join", guests=True)
def join(visit: Visit) -> Shown:
    """A second tap finds a member."""
    if visit.member:
        return To("")
    shown = privacy_cards.notice_text(visit.clinic, visit.t)
    joined(visit.session, visit.customer, shown, visit.t.code, visit.now)
    return To("", "joined")
