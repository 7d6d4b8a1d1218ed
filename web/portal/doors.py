"""`/portal/<clinic>`: the pages laid on the application, and the ways in and out."""

import hmac
import json
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from flask import Blueprint, Response, request

import web.portal
from channels.base import Channels
from channels.line.login import Asked, Hosts, Login
from customers.voice import in_language
from runtime.clock import real
from runtime.context import Runtime
from runtime.language import LANGUAGES, Language
from web.door import bucket_of
from web.http import sessions
from web.http.rates import Rates
from web.portal import installed, tokens
from web.portal.entering import Entrance, NoPortal, OpenAnew, TryAgain, below, clinic_of, doors
from web.portal.pages import Pages, find
from web.portal.showing import COOKIE, Showing, base, headers
from web.portal.visit import Visit
from web.rendering import environment

BROWSER, BEGUN = "aura_browser", "aura_entering"
BROWSER_SECONDS = 24 * 60 * 60
TRIES = 30
"""Sign-ins a minute and bucket of addresses (`web/door.py`): a whole street behind one address comes in."""


def blueprint(runtime: Runtime, channels: Channels) -> Blueprint:
    """Contacts nothing until it is used."""
    routes, all_pages = Blueprint("portal", __name__), list(find(web.portal))
    login = Login(runtime.settings.line_api_base, runtime.timing)
    rates = Rates(runtime.settings.redis_url, "portal", runtime.waker.reach)
    words = partial(around, all_pages), partial(done, all_pages)
    shown = {route.path for pages in all_pages for route in pages.routes if route.method == "GET"}
    showing = Showing(runtime, environment(), rates, channels, login.hosts, *words, shown)
    for pages in all_pages:
        for route in pages.routes:
            name = f"{route.method} {route.path}".replace(".", "_")
            rule = f"/portal/<slug>{route.path}"
            routes.add_url_rule(rule, name, showing.view(route), methods=[route.method])
    ways = _Ways(runtime, Entrance(runtime, login), showing, rates)
    routes.add_url_rule("/portal/<slug>/liff", "app", ways.app)
    routes.add_url_rule("/portal/<slug>/liff/<path:rest>", "app_at", ways.app)
    routes.add_url_rule("/portal/<slug>/liff", "by_app", ways.by_app, methods=["POST"])
    routes.add_url_rule("/portal/<slug>/sign-in", "sign_in", ways.sign_in)
    routes.add_url_rule("/portal/<slug>/signed-in", "signed_in", ways.signed_in)
    installed.lay(routes, runtime, showing)
    routes.add_url_rule("/portal/<slug>/<path:rest>", "nothing", ways.nothing)
    return routes


def done(all_pages: Sequence[Pages], t: Language) -> dict[str, str]:
    """What is said after something was done, by the word for it. Raises `ValueError` for a word of two subjects."""
    said: dict[str, str] = {}
    for pages in all_pages:
        own = pages.done(t)
        if twice := said.keys() & own.keys():
            raise ValueError(f"{', '.join(sorted(twice))}: done in two files; give one another word")
        said |= own
    return said


def around(all_pages: Sequence[Pages], visit: Visit) -> dict[str, Any]:
    """What stands around each page: the ways at the thumb, and what subjects add."""
    own = base(visit.clinic.slug)
    words: dict[str, Any] = {"at": lambda path: own + path, "places": []}
    for pages in all_pages:
        if pages.around is not None:
            words |= pages.around(visit)
    for place in sorted((one.place for one in all_pages if one.place is not None), key=lambda place: place.order):
        if visit.member:
            way = place.key, place.label(visit.t), own + place.path, place.icon, place.number(visit)
            words["places"].append(way)
    return words


class _Ways:
    """In and out. What a browser holds is for the pages of its clinic alone, and no script reads it."""

    def __init__(self, runtime: Runtime, entrance: Entrance, showing: Showing, rates: Rates) -> None:
        self._runtime, self._entrance, self._showing, self._rates = runtime, entrance, showing, rates

    def app(self, slug: str, rest: str = "") -> Response:
        """The page that LINE opens: it asks LINE's script for the token, and shows it to us. Whatever else stands in
        its address belongs to that script and is neither read nor changed here."""
        del rest

        def answer() -> Response:
            with self._runtime.sessions() as session:
                clinic = clinic_of(session, slug)
                t = in_language(clinic, self._language(clinic.settings.voice.languages))
                portal, brand = clinic.settings.portal, clinic.settings.voice.brand_color
                values = {
                    "t": t, "clinic": clinic.called(t.code), "base": base(slug), "liff_id": portal.liff_id,
                    "brand": brand, "sdk": self._hosts.sdk,
                }  # fmt: skip
                text = self._showing.pages.get_template("portal/app.html").render(**values)
            allowed = headers(self._runtime.settings.development, self._hosts, sdk=True)
            page = Response(text, 200, allowed, content_type="text/html; charset=utf-8")
            if not request.cookies.get(BROWSER):
                self._keep(page, slug, BROWSER, sessions.new_key(), BROWSER_SECONDS)
            return page

        return self._showing.guarded(answer)

    def by_app(self, slug: str) -> Response:
        """Answers the page's script: `{"to": …}`, or why not: `anew`, `later`."""

        def answer() -> Response:
            if self._rates.over(f"in:{bucket_of(request.remote_addr or '')}", TRIES):
                return _said({"why": "later"}, 429)
            try:
                told = request.get_json(silent=True)
            except RecursionError:  # brackets within brackets without end
                told = None
            said = told if isinstance(told, dict) else {}
            token, wanted, browser = str(said.get("token")), str(said.get("next")), request.cookies.get(BROWSER, "")
            if not browser:
                return _said({"why": "anew"}, 403)
            try:
                key = self._entrance.by_app(slug, token, browser, self._agent, self._old, self._now)
            except OpenAnew:
                return _said({"why": "anew"}, 403)
            except TryAgain:
                return _said({"why": "later"}, 503)
            except NoPortal:
                return _said({"why": "anew"}, 404)
            answer = _said({"to": base(slug) + below(wanted)}, 200)
            self._keep(answer, slug, COOKIE, key, int(sessions.LIFE.total_seconds()))
            return answer

        return self._showing.guarded(answer)

    def sign_in(self, slug: str) -> Response:
        """To LINE Login, with what only this browser knows of it."""

        def answer() -> Response:
            ways = doors(self._runtime, slug)
            if not ways.secret:
                return self._again(slug, "no_secret", 503)
            begun = tokens.begin(slug, below(request.args.get("next", "")))
            there = self._entrance.login.address(ways.channel, self._back(slug), begun.asked, self._language(LANGUAGES))
            answer = Response(status=303, headers=self._plain_headers | {"Location": there})
            self._keep(answer, slug, BEGUN, tokens.kept(self._runtime.settings, begun), tokens.ENTER_SECONDS)
            return answer

        return self._showing.guarded(answer)

    def signed_in(self, slug: str) -> Response:
        """Back from LINE Login. Where the two do not fit, nobody is signed in and the way is offered once more."""

        def answer() -> Response:
            if self._rates.over(f"in:{bucket_of(request.remote_addr or '')}", TRIES):
                return self._again(slug, "later", 429)
            begun = tokens.read(self._runtime.settings, request.cookies.get(BEGUN, ""))
            code, state = request.args.get("code", ""), request.args.get("state", "")
            if begun is None or begun.slug != slug or not _same(begun.asked, state):
                return self._again(slug, "anew", 400)
            if not code:
                return self._again(slug, "declined", 200)
            try:
                key = self._entrance.by_login(
                    slug, self._back(slug), begun.asked, code, self._agent, self._old, self._now
                )
            except OpenAnew:
                return self._again(slug, "anew", 403)
            except TryAgain:
                return self._again(slug, "later", 503)
            answer = Response(status=303, headers=self._plain_headers | {"Location": base(slug) + begun.next})
            self._keep(answer, slug, COOKIE, key, int(sessions.LIFE.total_seconds()))
            answer.delete_cookie(BEGUN, path=base(slug))
            return answer

        return self._showing.guarded(answer)

    def nothing(self, slug: str, rest: str) -> Response:
        del slug, rest
        return self._showing.plain("missing", 404)

    def _again(self, slug: str, why: str, status: int) -> Response:
        with self._runtime.sessions() as session:
            return self._showing.entrance(clinic_of(session, slug), "", why, status)

    def _keep(self, answer: Response, slug: str, name: str, value: str, seconds: int) -> None:
        secure = self._runtime.settings.public_url.startswith("https://")
        answer.set_cookie(name, value, max_age=seconds, path=base(slug), secure=secure, httponly=True, samesite="Lax")

    def _back(self, slug: str) -> str:
        return f"{self._runtime.settings.public_url.rstrip('/')}{base(slug)}/signed-in"

    @property
    def _hosts(self) -> Hosts:
        return self._entrance.login.hosts

    @property
    def _plain_headers(self) -> dict[str, str]:
        return headers(self._runtime.settings.development, self._hosts)

    @property
    def _agent(self) -> str:
        return request.headers.get("User-Agent", "")

    @property
    def _old(self) -> str | None:
        return request.cookies.get(COOKIE) or None

    @property
    def _now(self) -> datetime:
        return real()

    def _language(self, spoken: Sequence[str]) -> str:
        return request.accept_languages.best_match(spoken, spoken[0])


def _said(what: dict[str, str], status: int) -> Response:
    kept = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response(json.dumps(what), status, kept, content_type="application/json")


def _same(asked: Asked, state: str) -> bool:
    return hmac.compare_digest(asked.state.encode(), state.encode("utf-8", "surrogateescape"))
