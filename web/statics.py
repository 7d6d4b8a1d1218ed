"""`/static/…`: stylesheets and scripts, read and compressed once at start, under names that change with their content.

A browser keeps such a file for ever. What is asked for under an older name, by a page from before an update, is
answered with the file as it is now and kept by nobody. `/static/look/…` is a clinic's colours (`web/looks.py`).
"""

import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, request

from web.looks import look

FOLDER = Path(__file__).with_name("static")
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webp": "image/webp",
}
COMPRESSED = {".css", ".js", ".svg"}
JOINED = {
    "aura.css": (
        "ground.css", "layout.css", "actions.css", "forms.css", "content.css", "loyalty.css", "moving.css",
        "charts.css",
    ),
}  # fmt: skip
"""Sent as one file, in this order: a phone asks once."""
FOR_EVER = "public, max-age=31536000, immutable"
HEADERS = {"X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin"}

_NAMED = re.compile(r"(?P<stem>[\w-]+)\.(?P<version>[0-9a-f]{10})(?P<ending>\.[a-z]+)")
_COLOR = re.compile(r"[0-9A-F]{6}")


@dataclass(frozen=True)
class Static:
    """A file as it is sent. `packed` is None where compressing gains nothing."""

    version: str
    type: str
    plain: bytes
    packed: bytes | None


def address(name: str) -> str:
    """Of a file in `web/static/`, or of one of `JOINED`. Raises KeyError for a name that is none."""
    stem, _, ending = name.rpartition(".")
    return f"/static/{stem}.{statics()[name].version}.{ending}"


def look_address(brand: str) -> str:
    """Of a clinic's colours. Raises ValueError when `brand` is not `#RRGGBB`."""
    return f"/static/look/{brand[1:].upper()}.{look(brand).version}.css"


@cache
def statics() -> dict[str, Static]:
    """Every file that is served, by its name."""
    parts = {part for joined in JOINED.values() for part in joined}
    found = {
        file.name: made(file.read_bytes(), file.suffix)
        for file in sorted(FOLDER.iterdir())
        if file.suffix in TYPES and file.name not in parts
    }
    for name, joined in JOINED.items():
        found[name] = made(b"".join((FOLDER / part).read_bytes() for part in joined), Path(name).suffix)
    return found


def made(content: bytes, ending: str) -> Static:
    """`content` with all that is worked out once. Packed without the time, so that it is the same in every process."""
    packed = gzip.compress(content, 9, mtime=0) if ending in COMPRESSED else None
    return Static(hashlib.sha256(content).hexdigest()[:10], TYPES[ending], content, packed)


def blueprint() -> Blueprint:
    routes = Blueprint("statics", __name__)
    statics()  # read and compressed before anybody asks

    @routes.get("/static/<name>")
    def file(name: str) -> Response:
        named = _NAMED.fullmatch(name)
        found = statics().get(f"{named['stem']}{named['ending']}") if named else None
        return _answer(found, named["version"]) if named and found else _missing()

    @routes.get("/static/look/<name>")
    def colors(name: str) -> Response:
        named = _NAMED.fullmatch(name)
        if not named or named["ending"] != ".css" or not _COLOR.fullmatch(named["stem"]):
            return _missing()
        return _answer(made(look(f"#{named['stem']}").css.encode(), ".css"), named["version"])

    return routes


def _answer(found: Static, asked: str) -> Response:
    packed = found.packed if request.accept_encodings["gzip"] else None
    answer = Response(found.plain if packed is None else packed, content_type=found.type, headers=HEADERS)
    answer.set_etag(found.version if packed is None else f"{found.version}-gzip")
    answer.headers["Cache-Control"] = FOR_EVER if asked == found.version else "no-cache"
    if found.packed is not None:
        answer.headers["Vary"] = "Accept-Encoding"
    if packed is not None:
        answer.headers["Content-Encoding"] = "gzip"
    answer.make_conditional(request)
    return answer


def _missing() -> Response:
    return Response("", 404, content_type="text/plain; charset=utf-8", headers=HEADERS)
