"""`/dev/parts`: every part that pages are made of, in every state, and a home made of them. In development only.

`?in=en` shows them in English, `?color=2B6CA6` in another clinic's colour. Light or dark is as the browser has it.
"""

import segno
from flask import Blueprint, Response, request

from channels.palette import TIER_METALS
from runtime.language import LANGUAGES, Language, best_language
from web.rendering import page, rendered
from web.samples import samples

COLOR = "#8E5A6D"
MONTHS = ((0, 3200), (1, 5400), (2, 9800), (3, 4100), (4, 0), (5, 6700))
"""Of the sample chart: place from the left, baht."""


def blueprint() -> Blueprint:
    routes = Blueprint("parts", __name__, url_prefix="/dev/parts")

    @routes.get("")
    def parts() -> Response:
        return _shown("dev/parts.html")

    @routes.get("/reached")
    def reached() -> Response:
        return _shown("dev/reached.html")

    @routes.get("/home")
    def home() -> Response:
        return _shown("dev/home.html")

    return routes


def _shown(template: str) -> Response:
    t = Language(best_language(request.args.get("in"), LANGUAGES))
    color = f"#{request.args['color']}" if "color" in request.args else COLOR
    try:
        shown = rendered(
            template, t, clinic="Aura Clinic", brand=color, w=samples(t.code), metals=list(TIER_METALS), months=MONTHS,
            qr=segno.make("RD-7K2M-94QX", error="m").svg_data_uri(border=0),
        )  # fmt: skip
    except ValueError:
        return Response("?color= takes six hexadecimal digits, such as 2B6CA6\n", 400, content_type="text/plain")
    return page(shown)
