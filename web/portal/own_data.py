"""What is kept about oneself, and what one may ask for: a copy, a correction, erasure; each may be taken back."""

from dataclasses import dataclass

from bot.cards import privacy as cards
from channels.line.links import heard_in_chat
from models.consents import PrivacyRequest, RequestKind
from privacy import consent, requests
from privacy.wishes import PAGE
from runtime.language import Language
from web.portal.pages import Pages
from web.portal.visit import Page, Shown, To, Visit

AT = "/me/data"
KINDS: tuple[RequestKind, ...] = ("copy", "correction", "erasure")


def _done(t: Language) -> dict[str, str]:
    return {
        "asked": t("We have noted your request."),
        "taken_back": t("Your request is taken back. Everything stays as it is."),
    }


pages = Pages(_done)


@dataclass(frozen=True)
class Wish:
    """One thing that may be asked for, and since when and until when it is open."""

    kind: RequestKind
    heading: str
    meaning: str
    asked: str
    until: str


@pages.show(AT, guests=True)
def shown(visit: Visit) -> Page:
    """With the notice: that it was shown is kept."""
    t, notice = visit.t, cards.notice_text(visit.clinic, visit.t)
    consent.note_notice(visit.session, visit.customer, notice, t.code, visit.now)
    wishes = [_wish(t, kind, requests.open_of(visit.session, visit.customer, kind)) for kind in KINDS]
    correct = heard_in_chat(visit.clinic, t, "correct_data")
    return Page("data.html", {"wishes": wishes, "notice_text": notice, "correct": correct})


@pages.do(f"{AT}/<any(copy, correction, erasure):kind>", guests=True)
def ask(visit: Visit, kind: RequestKind) -> Shown:
    visit.hold()
    requests.ask(visit.session, visit.customer, kind, visit.now, source=PAGE)
    return To(AT, "asked")


@pages.show(f"{AT}/erasure", guests=True)
def erasure(visit: Visit) -> Page:
    """What it takes away, before it is asked for."""
    return Page("erasure.html", {"text": cards.erase_text(visit.clinic, visit.t)})


@pages.do(f"{AT}/<any(copy, correction, erasure):kind>/withdraw", guests=True)
def withdraw(visit: Visit, kind: RequestKind) -> Shown:
    """A second tap finds nothing open, and says nothing."""
    visit.hold()
    return To(AT, "taken_back" if requests.withdraw(visit.session, visit.customer, kind, visit.now) else "")


def _wish(t: Language, kind: RequestKind, request: PrivacyRequest | None) -> Wish:
    meanings: dict[RequestKind, str] = {
        "copy": t("Everything that we keep about you, to read and to take along."),
        "correction": t("Something about you is wrong or out of date."),
        "erasure": t("We forget who you are. Your points and rewards end with it."),
    }
    asked, until = (t.date(request.asked_at), t.date(request.due_at)) if request else ("", "")
    return Wish(kind, cards.asked_for(t, kind), meanings[kind], asked, until)
