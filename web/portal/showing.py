"""One request of a page: who asks, what they may, what the page does, and how it is drawn. Commits once, at the end."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import structlog
from babel import Locale
from flask import Response, request
from jinja2 import Environment
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from channels.base import Channels
from channels.line.login import Hosts
from customers.clinics import own_page
from customers.voice import in_language
from models.clinic_settings import Voice
from models.clinics import Clinic
from runtime.clock import real
from runtime.context import Runtime
from runtime.database import lost, transient
from runtime.language import LANGUAGES, Language
from runtime.outage import DATABASE
from web.http import sessions
from web.http.rates import Rates
from web.portal import tokens
from web.portal.entering import NoPortal, below, clinic_of
from web.portal.pages import Route
from web.portal.visit import Done, File, Missing, Page, Shown, To, Visit, Wrong
from web.rendering import policy

COOKIE = "aura_portal"
LONGEST = 20_000
"""Bytes of a form, and of what stands behind the `?`."""
A_MINUTE = 240
"""Requests of one session; an open page asks twelve times whether something is new."""
AGAIN_SECONDS = 5
FORGET = {"Clear-Site-Data": '"storage"'}

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Showing:
    """Draws what a page says, or what is to be said where there is none. One per process."""

    runtime: Runtime
    pages: Environment
    rates: Rates
    channels: Channels
    hosts: Hosts
    around: Callable[[Visit], Mapping[str, Any]]
    """What stands around every page."""
    done: Done
    shown: Collection[str]
    """The paths of all pages, as Flask writes them."""

    def view(self, route: Route) -> Callable[..., Response]:
        def answer(slug: str, **arguments: Any) -> Response:
            return self.guarded(lambda: self._answered(slug, route, arguments))

        return answer

    def guarded(self, answer: Callable[[], Response]) -> Response:
        """What is said where there is no such page, nothing to be shown of it, or no database."""
        try:
            return answer()
        except NoPortal:
            return self.plain("nothing", 404)
        except Missing:
            return self.plain("missing", 404)
        except Wrong:
            return self.plain("wrong", 400)
        except (DBAPIError, PoolTimeout) as error:
            if not transient(error):
                raise
            if lost(error):
                DATABASE.met(error)
            else:
                log.warning("page met a lock", exc_info=error)
            return self.plain("later", 503, {"Retry-After": str(AGAIN_SECONDS)})
        except HTTPException:
            raise
        except Exception:
            log.error("page failed", rule=request.url_rule and request.url_rule.rule, exc_info=True)
            return self.plain("broken", 500)

    def _answered(self, slug: str, route: Route, arguments: Mapping[str, Any]) -> Response:
        key, now = request.cookies.get(COOKIE, ""), real()
        if (request.content_length or 0) > LONGEST or len(request.query_string) > LONGEST:
            return self.plain("wrong", 413)
        with self.runtime.sessions.begin() as session:
            held = sessions.signed_in(session, slug, key, now) if key else None
            if held is None or held.clinic.settings.portal.login_channel is None:
                return self.entrance(clinic_of(session, slug), request.path)
            if wait := self.rates.over(held.id.hex, A_MINUTE):
                return self.plain("later", 429, {"Retry-After": str(wait)})
            sessions.looked(held, now)
            visit = Visit(
                session, held, self.runtime.clock.now(session), now, self.runtime.settings, self.channels,
                request.args, request.form,
            )  # fmt: skip
            # Drawn while the session is open: a template reads rows.
            return self._drawn(visit, self._shown(visit, route, arguments))

    def _shown(self, visit: Visit, route: Route, arguments: Mapping[str, Any]) -> Shown:
        if route.method == "POST" and not self._is_ours(visit):
            return To(self._above(visit, route), "again")
        if not route.guests and not visit.member:
            return To("/join")
        return route.view(visit, **arguments)

    def _is_ours(self, visit: Visit) -> bool:
        """Whether a form is from a page of this very session; a browser says besides where it was sent from."""
        site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
        own = urlsplit(self.runtime.settings.public_url)
        # Under `no-referrer` a browser calls the origin of a form "null", also that of our own; it says more beside.
        here = site in (None, "same-origin", "none") and origin in (None, "null", f"{own.scheme}://{own.netloc}")
        return here and tokens.is_of(self.runtime.settings, visit.held.id, request.form.get("form", ""))

    def _above(self, visit: Visit, route: Route) -> str:
        """The page from which a form was sent, or the nearest above where it was sent to."""
        rule, here = route.path, request.path.removeprefix(base(visit.clinic.slug))
        while rule and rule not in self.shown:
            rule, here = rule.rpartition("/")[0], here.rpartition("/")[0]
        return below(here)

    def _drawn(self, visit: Visit, shown: Shown) -> Response:
        slug = visit.clinic.slug
        if isinstance(shown, To):
            more = f"?{urlencode({'done': shown.done})}" if shown.done else ""
            return Response(status=303, headers=self._headers() | {"Location": f"{base(slug)}{shown.path}{more}"})
        if isinstance(shown, File):
            return Response(shown.body, shown.status, self._headers() | dict(shown.headers), content_type=shown.kind)
        done = self.done(visit.t).get(request.args.get("done", ""), "")
        if request.args.get("done") == "again":
            done = visit.t("This page had been open for long. Please do it once more.")
        values = {
            "done": done, "form": tokens.form(self.runtime.settings, visit.held.id), "visit": visit,
            "t": visit.t, **self._of_clinic(visit.clinic, visit.t), **self.around(visit), **shown.values,
        }  # fmt: skip
        return self._page(shown, values, self._headers())

    def entrance(self, clinic: Clinic, path: str, why: str = "", status: int = 200) -> Response:
        """Where one signs in, and comes out on the page that was asked for."""
        t = in_language(clinic, self._wanted(clinic.settings.voice.languages))
        next_ = below(path.removeprefix(base(clinic.slug)))
        others = [(code, called(code)) for code in clinic.settings.voice.languages if code != t.code]
        values = {
            "t": t, "why": why, "next": next_, "others": others,
            "in_line": own_page(clinic, next_), **self._of_clinic(clinic, t),
        }  # fmt: skip
        # Nobody is signed in: what this browser has kept of somebody's pages goes.
        return self._page(Page("entrance.html", values, status), values, self._headers() | FORGET)

    def plain(self, what: str, status: int, headers: Mapping[str, str] | None = None) -> Response:
        """A page of no clinic, in the browser's language."""
        t = Language(self._wanted(LANGUAGES))
        values = {"t": t, "what": what, "brand": Voice().brand_color, "clinic": "", "base": ""}
        return self._page(Page("plain.html", values, status), values, self._headers() | dict(headers or {}))

    def _page(self, page: Page, values: Mapping[str, Any], headers: Mapping[str, str]) -> Response:
        text = self.pages.get_template(f"portal/{page.template}").render(**values)
        return Response(text, page.status, headers, content_type="text/html; charset=utf-8")

    def _of_clinic(self, clinic: Clinic, t: Language) -> dict[str, Any]:
        return {
            "clinic": clinic.called(t.code), "base": base(clinic.slug),
            "brand": clinic.settings.voice.brand_color,
        }  # fmt: skip

    def _headers(self) -> dict[str, str]:
        return headers(self.runtime.settings.development, self.hosts)

    def _wanted(self, spoken: tuple[str, ...]) -> str:
        asked = request.args.get("in", "")
        return asked if asked in spoken else request.accept_languages.best_match(spoken, spoken[0])


def called(code: str) -> str:
    """A language, as it calls itself."""
    return (Locale.parse(code).get_display_name(code) or code).capitalize()


def base(slug: str) -> str:
    return f"/portal/{slug}"


def headers(development: bool, hosts: Hosts, *, sdk: bool = False) -> dict[str, str]:
    """Of every page. `sdk`: of the one that loads LINE's script; in development the simulator's phone frames them."""
    phone = development and hosts.sdk_origin.startswith("http://")
    return {
        "Content-Security-Policy": policy(
            [hosts.sdk_origin] if phone else [], [hosts.sdk_origin] if sdk else [], hosts.talked_to if sdk else []
        ),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
        "Vary": "Accept-Language, Cookie",
    }
