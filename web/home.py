"""`/`, the server's own address: whose it is, and in development where to go from here. To a stranger it is no map."""

from pathlib import Path

from flask import Blueprint, Response, request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import select

from models.clinics import Clinic
from runtime.context import Runtime
from runtime.language import LANGUAGES, Language
from runtime.settings import Settings

PAGES = Path(__file__).with_name("pages")
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Vary": "Accept-Language",
}
Link = tuple[str, str, str]
"""Address, what it is called, what is there."""


def blueprint(runtime: Runtime) -> Blueprint:
    routes = Blueprint("home", __name__)
    pages = Environment(loader=FileSystemLoader(PAGES), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    settings = runtime.settings
    template, style = pages.get_template("home.html"), (PAGES / "home.css").read_bytes()

    @routes.get("/")
    def home() -> Response:
        """In production the name of the one clinic there is; of several none, for who they are is theirs to say."""
        with runtime.sessions() as session:
            names = session.scalars(select(Clinic.name).order_by(Clinic.slug).limit(20)).all()
        shown = names if settings.development or len(names) == 1 else []
        t = Language(request.accept_languages.best_match(LANGUAGES, LANGUAGES[0]))
        links = _links(settings, t) if settings.development else []
        page = template.render(t=t, names=shown, links=links)
        return Response(page, content_type="text/html; charset=utf-8", headers=HEADERS)

    @routes.get("/home.css")
    def home_style() -> Response:
        return Response(style, content_type="text/css; charset=utf-8", headers=HEADERS)

    return routes


def _links(settings: Settings, t: Language) -> list[Link]:
    """The simulator only where one plays LINE: the real LINE's address is no page."""
    simulator = (settings.line_api_base, t("Simulator"), t("A phone with LINE, the till, the clock: begin here"))
    return [
        *([simulator] if settings.line_api_base.startswith("http://") else []),
        ("/api/docs", t("The REST API"), t("Everything that a till or another system can ask and tell")),
    ]
