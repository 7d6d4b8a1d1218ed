"""`/u`: the way out of a mail. `GET` shows a page and changes nothing, for scanners follow every link; `POST` does it.

A mail program posts `List-Unsubscribe=One-Click` (RFC 8058) without ever showing the page. Nobody logs in: the address
is signed, and holds the keyed hash of the mail address and no more of the person.
"""

from datetime import datetime
from pathlib import Path
from urllib.parse import urlencode

import structlog
from babel import Locale
from flask import Blueprint, Response, request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from prometheus_client import Counter
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from channels.email.leave import Leaving, read
from channels.line.links import CHATS, account
from customers.voice import in_language
from models.clinics import Clinic
from models.followups import Purpose
from privacy import unsubscribed
from privacy.unsubscribed import ONE_CLICK, PAGE, State
from runtime.context import Runtime
from runtime.database import transient
from runtime.language import LANGUAGES, Language
from web.door import bucket_of
from web.http.rates import Rates

WRONG = 30
"""Addresses that are none of ours, a minute and bucket of addresses (`web/door.py`)."""
LONGEST = 2_000
"""Bytes of a form; a mail program sends one word."""
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Vary": "Accept-Language",
}

log = structlog.get_logger(__name__)
_left = Counter("aura_mail_unsubscribes", "Ways out of mails that were taken, and taken back", ["purpose", "how"])


def blueprint(runtime: Runtime, rates: Rates) -> Blueprint:
    routes = Blueprint("unsubscribe", __name__)
    pages = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("pages")), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    template = pages.get_template("unsubscribe.html")

    @routes.get("/u/<slug>/<token>")
    def show(slug: str, token: str) -> Response:
        return _answer(slug, token, None)

    @routes.post("/u/<slug>/<token>")
    def do(slug: str, token: str) -> Response:
        if (request.content_length or 0) > LONGEST:
            return _page(413, _sorry(_language(None)))
        return _answer(slug, token, _wish())

    def _answer(slug: str, token: str, wish: str | None) -> Response:
        leaving = read(runtime.settings, slug, token)
        if leaving is None:
            wait = rates.over(f"wrong:{bucket_of(request.remote_addr or '')}", WRONG)
            return _page(429 if wait else 404, _sorry(_language(None)), wait)
        try:
            with runtime.sessions.begin() as session:
                said = _done(session, leaving, wish, runtime.clock.now(session))
            return _page(200, said) if said else _page(404, _sorry(_language(None)))
        except (DBAPIError, PoolTimeout) as error:
            if not transient(error):
                raise
            log.warning("way out of a mail while the database was away", exc_info=error)
            return _page(503, _later(_language(None)), 30)

    def _page(status: int, said: dict[str, object], wait: int = 0) -> Response:
        again = {"Retry-After": str(wait)} if wait else {}
        page = template.render(**said)
        return Response(page, status, HEADERS | again, content_type="text/html; charset=utf-8")

    return routes


def _wish() -> str | None:
    """Of what was posted."""
    if request.form.get("List-Unsubscribe") == "One-Click":
        return ONE_CLICK
    wish = request.form.get("do")
    return wish if wish in ("leave", "back") else None


def _done(session: Session, leaving: Leaving, wish: str | None, now: datetime) -> dict[str, object] | None:
    """Does what is wished; what the page says then. None of a clinic that is not there any more."""
    clinic = session.scalars(select(Clinic).where(Clinic.slug == leaving.slug)).one_or_none()
    if clinic is None:
        return None
    t, purpose = _language(clinic), leaving.purpose
    people = unsubscribed.people(session, clinic, leaving.index)
    read_ = _text(_words(clinic, t, purpose, unsubscribed.state(session, people, purpose)))
    if people and wish in ("leave", ONE_CLICK):
        source = ONE_CLICK if wish == ONE_CLICK else PAGE
        unsubscribed.leave(session, people, purpose, read_, now, source=source)
        _left.labels(purpose, source).inc()
    if people and wish == "back":
        came = unsubscribed.come_back(session, people, purpose, read_, now)
        _left.labels(purpose, "back" if came else "nothing").inc()
    return _words(clinic, t, purpose, unsubscribed.state(session, people, purpose))


def _language(clinic: Clinic | None) -> Language:
    """As it is asked for in the address, else as the browser likes it."""
    spoken = clinic.settings.voice.languages if clinic else LANGUAGES
    wanted = request.args.get("in", "")
    code = wanted if wanted in spoken else request.accept_languages.best_match(spoken, spoken[0])
    return in_language(clinic, code) if clinic else Language(code)


def _text(said: dict[str, object]) -> str:
    """What was read, as it is kept with the decision (its hash)."""
    still = said["still"]
    return "\n".join(map(str, (said["title"], said["text"], *(still if isinstance(still, list) else ()))))


def _words(clinic: Clinic, t: Language, purpose: Purpose, state: State) -> dict[str, object]:
    name = clinic.called(t.code)
    others = [code for code in clinic.settings.voice.languages if code != t.code]
    title, text, button = _of(purpose, state, name, t)
    return {
        "code": t.code, "clinic": name, "title": title, "text": text, "button": button,
        "wish": "back" if state == "out" else "leave", "strong": state != "out",
        "heading": t("What still comes by e-mail"), "still": _still(purpose, state, t),
        "more": t("What LINE and SMS bring is decided in our chat: write “message settings”."),
        "back": t("Open LINE"), "home": account(clinic.line_basic_id) if clinic.line_basic_id else CHATS,
        "languages": [(code, Locale.parse(code).get_display_name(), "?" + urlencode({"in": code})) for code in others],
    }  # fmt: skip


def _of(purpose: Purpose, state: State, name: str, t: Language) -> tuple[str, str, str]:
    """Title, what it means, and what the button does; of nobody there is nothing to end."""
    if state == "nobody":
        return t("Nothing comes to this address"), t("{clinic} sends no mail to it any more.", clinic=name), ""
    if purpose == "marketing":
        if state == "out":
            said = t("{clinic} sends no offers to this address any more.", clinic=name)
            return t("Done: no more offers by e-mail"), said, t("Send me offers again")
        said = t("Should {clinic} send no more offers to this address?", clinic=name)
        return t("Offers by e-mail"), said, t("No more offers")
    if purpose == "care":
        if state == "out":
            said = t("After a treatment {clinic} asks nothing by e-mail any more.", clinic=name)
            return t("Done: no more questions after a visit"), said, t("Ask me again")
        said = t("Should {clinic} no longer ask by e-mail how you are after a visit?", clinic=name)
        return t("Questions after a visit"), said, t("Ask no more")
    if state == "out":
        said = t("{clinic} does not remind you by e-mail any more.", clinic=name)
        return t("Done: no more reminders by e-mail"), said, t("Remind me again")
    said = t("Should {clinic} no longer remind you by e-mail of appointments and bills?", clinic=name)
    return t("Reminders by e-mail"), said, t("No more reminders")


def _still(purpose: Purpose, state: State, t: Language) -> list[str]:
    """What comes all the same, also once this has ended."""
    if state == "nobody":
        return []
    kinds: dict[str, str] = {
        "transactional": t("Reminders of appointments and bills"),
        "care": t("Questions how you are after a visit"),
        "marketing": t("Offers, if you have said yes to them"),
    }
    return [*(said for kind, said in kinds.items() if kind != purpose), t("Codes and answers that you ask for")]


def _sorry(t: Language) -> dict[str, object]:
    return _plain(
        t, t("This link leads nowhere any more"),
        t("Perhaps it was cut off. Take the one in the mail itself, or write to us in LINE: “message settings”."),
    )  # fmt: skip


def _later(t: Language) -> dict[str, object]:
    return _plain(t, t("Not now, sorry"), t("We could not note it just now. Please try again in a minute."))


def _plain(t: Language, title: str, text: str) -> dict[str, object]:
    return {
        "code": t.code, "clinic": "", "title": title, "text": text, "button": "", "wish": "", "strong": False,
        "heading": "", "still": [], "more": "", "back": t("Open LINE"), "home": CHATS, "languages": [],
    }  # fmt: skip
