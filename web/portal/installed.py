"""What makes the portal an app of its own in a plain browser: its manifest, its icons, and the worker that keeps the
last state for when there is no connection. LINE's browser installs nothing and has no worker, so it is told of neither.
"""

import json
from functools import cache
from pathlib import Path

from flask import Blueprint, Response
from sqlalchemy.orm import Session

from channels.palette import Palette
from models.clinics import Clinic
from runtime.context import Runtime
from runtime.language import Language
from web.looks import look
from web.portal.entering import clinic_of
from web.portal.showing import Showing, base

SIZES = (180, 192, 512)
"""Pixels: an iPhone's, and the two that browsers ask for."""
WORKER = Path(__file__).parent.parent / "static" / "worker.js"
A_DAY = "public, max-age=86400"
_PETALS = ((-78, 0.28), (78, 0.28), (-40, 0.55), (40, 0.55), (0, 1))
"""Degrees, and how much of the ground is seen through."""


def lay(routes: Blueprint, runtime: Runtime, showing: Showing) -> None:
    """None of it says anything of anybody, so nobody has to be signed in."""

    def of(slug: str, name: str) -> Response:
        def answer() -> Response:
            with runtime.sessions() as session:
                clinic = clinic_of(session, slug)
                return _manifest(session, clinic) if name == "portal.webmanifest" else _icon(clinic, name)

        return showing.guarded(answer)

    def worker(slug: str) -> Response:
        del slug
        headers = {
            "Cache-Control": "no-cache",
            "Service-Worker-Allowed": "/portal/",
            "X-Content-Type-Options": "nosniff",
        }
        return Response(WORKER.read_bytes(), headers=headers, content_type="text/javascript; charset=utf-8")

    routes.add_url_rule("/portal/<slug>/portal.webmanifest", "manifest", lambda slug: of(slug, "portal.webmanifest"))
    for size in SIZES:
        name = f"icon-{size}.png"
        routes.add_url_rule(f"/portal/<slug>/{name}", name.replace(".", "_"), lambda slug, name=name: of(slug, name))
    routes.add_url_rule("/portal/<slug>/worker.js", "worker", worker)


def _manifest(session: Session, clinic: Clinic) -> Response:
    del session  # it is open: the clinic reads its settings through it
    brand, own, voice = clinic.settings.voice.brand_color, base(clinic.slug), clinic.settings.voice
    t = Language(voice.languages[0], voice.persona)
    icons = [
        {"src": f"{own}/icon-{size}.png", "sizes": f"{size}x{size}", "type": "image/png", "purpose": "any maskable"}
        for size in SIZES[1:]
    ]
    told = {
        "id": own, "name": clinic.called(t.code), "short_name": clinic.called(t.code)[:12], "lang": t.code,
        "start_url": own, "scope": own, "display": "standalone", "icons": icons,
        "theme_color": look(brand).light["ground"], "background_color": look(brand).light["ground"],
    }  # fmt: skip
    return _kept(json.dumps(told, ensure_ascii=False).encode(), "application/manifest+json")


def _icon(clinic: Clinic, name: str) -> Response:
    size = int(name.removeprefix("icon-").removesuffix(".png"))
    return _kept(drawn(clinic.settings.voice.brand_color, size), "image/png")


def _kept(body: bytes, kind: str) -> Response:
    return Response(body, headers={"Cache-Control": A_DAY, "X-Content-Type-Options": "nosniff"}, content_type=kind)


@cache
def drawn(brand: str, size: int) -> bytes:
    """A flower on the clinic's colour, as a PNG; what matters of it lies in the middle four fifths, for phones cut the
    corners as they like."""
    import resvg_py

    palette = Palette.of(brand)
    petals = "".join(
        f'<path d="M0,-98 C40,-52 40,16 0,58 C-40,16 -40,-52 0,-98 Z" transform="rotate({turn} 0 58)"'
        f' fill-opacity="{opacity}"/>'
        for turn, opacity in _PETALS
    )
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-200 -200 400 400"><rect x="-200" y="-200" width="400"'
        f' height="400" fill="{palette.primary}"/><g fill="{palette.on_primary}" transform="translate(0 22)'
        f' scale(1.15)">{petals}</g></svg>'
    )
    picture: bytes = bytes(resvg_py.svg_to_bytes(svg_string=svg, width=size, height=size, skip_system_fonts=True))
    return picture
