"""`/counter`: the day's check-in picture on a tablet at the counter. The page asks the API with a key of its own, which
stands behind the `#` of its address: it is sent with no request for the page, and revoked as any key is.
"""

from pathlib import Path

import click
from flask import Blueprint, Response
from flask.cli import AppGroup
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from customers.clinics import by_slug
from runtime.clock import real
from runtime.context import Runtime
from runtime.language import LANGUAGES, Language
from web.http import keys

PAGES = Path(__file__).with_name("pages")
SCOPE = "counter"
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


def blueprint() -> Blueprint:
    routes = Blueprint("counter", __name__)
    environment = Environment(loader=FileSystemLoader(PAGES), autoescape=True, undefined=StrictUndefined)
    languages = [Language(code) for code in LANGUAGES]
    words = {t.code: _words(t) for t in languages}
    shown = environment.get_template("counter.html").render(languages=languages, words=words)
    script, style = ((PAGES / name).read_bytes() for name in ("counter.js", "counter.css"))

    @routes.get("/counter")
    def counter() -> Response:
        return Response(shown, content_type="text/html; charset=utf-8", headers=HEADERS)

    @routes.get("/counter.js")
    def counter_script() -> Response:
        return Response(script, content_type="text/javascript; charset=utf-8", headers=HEADERS)

    @routes.get("/counter.css")
    def counter_style() -> Response:
        return Response(style, content_type="text/css; charset=utf-8", headers=HEADERS)

    return routes


def _words(t: Language) -> dict[str, str]:
    """What the page says: a sign, in nobody's voice. The script fills in what stands in braces."""
    return {
        "title": t("Check in"),
        "scan": t("Scan to check in"),
        "how": t("Scan with the camera or with LINE, then send the text that appears."),
        "points": t("+{points} points, once a day", points="{points}"),
        "over": t("Checking in does not work here at the moment. Please tell our staff."),
        "away": t("The system does not answer yet. Trying again."),
        "lost": t("The picture could not be renewed since {time}. Trying again.", time="{time}"),
        "refused": t("The address of this page does not hold any more. Make a new one for this tablet."),
        "incomplete": t("The address of this page is not complete. It goes on behind a #."),
    }


def commands(runtime: Runtime) -> AppGroup:
    group = AppGroup("counter", help="The page with the day's check-in picture.")

    @group.command("address")
    @click.argument("slug")
    @click.option("--name", default="Counter", show_default=True, help="How the list of keys calls the tablet.")
    def address(slug: str, name: str) -> None:
        """Print the address of the page for a tablet at the counter of the clinic SLUG; shown only here."""
        with runtime.sessions.begin() as session:
            key, secret = keys.create(session, by_slug(session, slug), name, [SCOPE], real())
        click.echo(
            f"Open this on the tablet, and keep it to the tablet. `flask --app app api-keys revoke {key.id}` ends it.",
            err=True,
        )
        click.echo(page(runtime.settings.public_url, secret))

    return group


def page(public_url: str, secret: str) -> str:
    return f"{public_url.rstrip('/')}/counter#{secret}"
