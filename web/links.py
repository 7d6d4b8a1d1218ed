"""`/l` and `/s`: where the links of follow-ups lead on from. Whoever holds an address of ours goes where the clinic has
said, and that they did is counted; whoever holds another is shown the way back to LINE.

Following `/l` needs no database: where that is away, only the count is lost, and that is counted. `/s` is for who pays
by the letter, and needs it.
"""

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import structlog
from flask import Blueprint, Response, request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from prometheus_client import Counter
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from channels.followed import CODE_SIGNS, SIGNS, Followed, read
from channels.line.links import CHATS, account
from followups import responses
from followups.links import short
from models.clinics import Clinic
from runtime.clock import real
from runtime.context import Runtime
from runtime.database import at_most, lost, transient
from runtime.language import LANGUAGES, Language
from runtime.outage import DATABASE
from web.door import bucket_of
from web.http.rates import Rates
from web.machines import is_machine

PATIENCE = 0.5
"""Seconds that somebody who follows a link waits for the database."""
WRONG = 30
"""Addresses that are none of ours, a minute and bucket of addresses (`web/door.py`): people have old ones, not many."""
COUNTED = 30
"""Times a minute that one link is counted; it leads on for whoever follows it more often."""
UNAVAILABLE, SOON = 503, 5
"""Where the database is away; seconds until it is worth while to try again."""
_CODE = re.compile(f"[{SIGNS}]{{{CODE_SIGNS}}}")
_SLUG = re.compile("[a-z0-9][a-z0-9-]{0,39}")
ALL = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
PAGE = ALL | {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Vary": "Accept-Language",
}

Answer = TypeVar("Answer")
log = structlog.get_logger(__name__)
_clicks = Counter("aura_link_clicks", "Links of follow-ups that were followed, by whom", ["by"])


def blueprint(runtime: Runtime, rates: Rates) -> Blueprint:
    """`runtime`: one whose database gives up soon."""
    routes = Blueprint("links", __name__)
    pages = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("pages")), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True,
    )  # fmt: skip
    template = pages.get_template("link.html")

    @routes.get("/l/<slug>/<token>")
    def follow(slug: str, token: str) -> Response:
        found = read(runtime.settings, slug, token)
        if found is None:
            return _wrong()
        return _led_on(found, _asked(lambda: runtime.clock.look(runtime.sessions)) or real())

    @routes.get("/s/<slug>/<code>")
    def follow_short(slug: str, code: str) -> Response:
        """Where a short one leads stands in the database alone."""
        asked = _asked(lambda: _looked_up(runtime, slug, code))
        if asked is None:
            return _page(UNAVAILABLE, CHATS, SOON)
        found, now = asked
        return _wrong() if found is None else _led_on(found, now)

    def _led_on(found: Followed, now: datetime) -> Response:
        if found.old(now):
            return _page(404, _home(runtime, found), 0)
        _count(runtime, rates, found, now)
        return Response(status=302, headers=ALL | {"Location": found.link.to})

    def _wrong() -> Response:
        wait = rates.over(f"wrong:{bucket_of(request.remote_addr or '')}", WRONG)
        return _page(429 if wait else 404, CHATS if wait else _home(runtime, None), wait)

    def _page(status: int, home: str, wait: int) -> Response:
        """Why is not said: to whoever tries addresses all are the same."""
        first = request.accept_languages.best_match(LANGUAGES, LANGUAGES[0])
        words = _busy if status == UNAVAILABLE else _words
        said = [words(Language(code)) for code in sorted(LANGUAGES, key=lambda code: code != first)]
        again = {"Retry-After": str(wait)} if wait else {}
        page = template.render(said=said, home=home)
        return Response(page, status, PAGE | again, content_type="text/html; charset=utf-8")

    return routes


def _looked_up(runtime: Runtime, slug: str, code: str) -> tuple[Followed | None, datetime]:
    well = _CODE.fullmatch(code) is not None and _SLUG.fullmatch(slug) is not None
    with runtime.sessions() as session:
        return (short(session, slug, code) if well else None), runtime.clock.now(session)


def _words(t: Language) -> dict[str, str]:
    return {
        "code": t.code,
        "title": t("This link leads nowhere any more"),
        "text": t("Perhaps it is an old one. Write to us in LINE, and we will gladly help you there."),
        "back": t("Back to LINE"),
    }


def _busy(t: Language) -> dict[str, str]:
    return {
        "code": t.code,
        "title": t("One moment, please"),
        "text": t("We cannot open this link just now. Please try it again in a minute, or write to us in LINE."),
        "back": t("Back to LINE"),
    }


def _home(runtime: Runtime, found: Followed | None) -> str:
    """The account of the clinic that has signed the address, else of the only clinic there is: who the clinics of a
    server are is theirs to say."""

    def ask() -> list[str | None]:
        chosen = select(Clinic.line_basic_id).limit(2)
        with runtime.sessions() as session:
            return list(session.scalars(chosen if found is None else chosen.where(Clinic.slug == found.slug)))

    ids = _asked(ask) or []
    return account(ids[0]) if len(ids) == 1 and ids[0] else CHATS


def _count(runtime: Runtime, rates: Rates, found: Followed, now: datetime) -> None:
    if rates.over(f"{found.slug}:{found.link.execution_id.hex}:{found.link.number}", COUNTED):
        _clicks.labels("too_often").inc()
        return
    machine = is_machine(request.method, request.headers)

    def write() -> responses.Who:
        with runtime.sessions.begin() as session:
            return responses.followed(session, found, now, machine=machine)

    _clicks.labels(_asked(write) or "lost").inc()


def _asked(ask: Callable[[], Answer]) -> Answer | None:
    """None where the database does not answer soon."""
    try:
        with at_most(PATIENCE):
            return ask()
    except (DBAPIError, PoolTimeout) as error:
        if lost(error):
            DATABASE.met(error)
        elif transient(error):
            log.warning("link followed while the database was busy", exc_info=error)
        else:
            raise
        return None
