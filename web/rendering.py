"""How a page is made of its template: one environment for all faces, and the headers that every page goes out with.

A template has what its view hands it, `t` (the person's language: texts, numbers, dates and money), and what needs no
handing: `static(name)` and `look_address(brand)` are addresses, `look(brand)` is colours, `icon(name)` a drawing.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from flask import Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from runtime.language import Language
from web import icons, looks, statics

TEMPLATES = Path(__file__).with_name("templates")


@cache
def environment() -> Environment:
    """Templates are compiled once a process."""
    pages = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, auto_reload=False,
        trim_blocks=True, lstrip_blocks=True, cache_size=-1,
    )  # fmt: skip
    pages.globals |= {
        "static": statics.address, "look": looks.look, "look_address": statics.look_address, "icon": icons.icon,
        "metal_of": looks.metal_of,
    }  # fmt: skip
    return pages


def rendered(template: str, t: Language, *, clinic: str, brand: str, **values: Any) -> str:
    """The page. `clinic` is what the clinic is called in this language, `brand` its colour (`#RRGGBB`)."""
    return environment().get_template(template).render(t=t, clinic=clinic, brand=brand, **values)


def page(
    shown: str,
    status: int = 200,
    *,
    framed_by: Sequence[str] = (),
    scripts: Sequence[str] = (),
    calls: Sequence[str] = (),
) -> Response:
    """A page for one person: kept by no cache, and with nothing in it that is not our own.

    Origins beside our own: `framed_by` may show it in a frame, it runs `scripts`, and its scripts ask `calls`.
    """
    headers = {
        "Content-Security-Policy": policy(framed_by, scripts, calls),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }
    return Response(shown, status, headers, content_type="text/html; charset=utf-8")


def policy(framed_by: Sequence[str] = (), scripts: Sequence[str] = (), calls: Sequence[str] = ()) -> str:
    """Nothing is written into a page that runs or styles: all of that has an address of ours."""
    return "; ".join(
        (
            "default-src 'none'",
            " ".join(("script-src 'self'", *scripts)),
            "style-src 'self'",
            "img-src 'self' data:",
            " ".join(("connect-src 'self'", *calls)),
            "form-action 'self'",
            "base-uri 'none'",
            "manifest-src 'self'",
            "worker-src 'self'",
            " ".join(("frame-ancestors", *(framed_by or ("'none'",)))),
        )
    )
