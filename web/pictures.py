"""`/pictures`: pictures that LINE's apps fetch. Whoever holds a signed address sees that picture, and nothing more."""

import base64
import io

from flask import Blueprint, Response, request

from channels.palette import MUTED, TRACK
from channels.pictures import CARD, REDEMPTION, read, read_made
from customers import cards
from loyalty.redemptions import state_of
from models.customers import Customer
from models.rewards import Redemption
from runtime.context import Runtime

SCALE, QUIET = 12, 4
"""Pixels a module, and modules of white around: what ISO/IEC 18004 asks for on any background."""
SIDE = (21 + 2 * QUIET) * SCALE
"""Of the picture: up to sixteen large letters, digits and dashes take 21 modules."""
KEPT_SECONDS = 300


def blueprint(runtime: Runtime) -> Blueprint:
    routes = Blueprint("pictures", __name__)

    @routes.get("/pictures/redemption/<token>.png")
    def redemption(token: str) -> Response:
        """A redemption's code as a QR code while it can be used, then a mark: its card stays in the chat for ever."""
        key = read(runtime.settings, REDEMPTION, token)
        if key is None:
            return _nothing(404, "There is no such picture.")
        with runtime.sessions() as session:
            found = session.get(Redemption, key)
            if found is None:
                return _nothing(404, "There is no such picture.")
            state = state_of(found, runtime.clock.now(session))
            picture = qr(found.code) if state == "issued" else over(used=state == "used")
        return _picture(picture, KEPT_SECONDS)

    @routes.get("/pictures/card/<token>.png")
    def card(token: str) -> Response:
        """The code of a member's card as a QR code while it lives, then a mark: a new one is a tap away."""
        found = read_made(runtime.settings, CARD, token)
        if found is None:
            return _nothing(404, "There is no such picture.")
        key, made = found
        with runtime.sessions() as session:
            holder = cards.today(session, session.get(Customer, key))
            if holder is None or holder.member_number is None:
                return _nothing(404, "There is no such picture.")
            code, now = cards.living_code(session, holder, made), runtime.clock.now(session)
        left = int((code.until - now).total_seconds())
        if left <= 0 or made > now:
            return _picture(over(used=False), KEPT_SECONDS)
        return _picture(qr(code.text), min(left, KEPT_SECONDS))

    return routes


def _picture(png: bytes, kept_seconds: int) -> Response:
    answer = Response(png, mimetype="image/png")
    answer.headers["Cache-Control"] = f"private, max-age={kept_seconds}"
    answer.add_etag()
    answer.make_conditional(request)
    return answer


def qr(text: str) -> bytes:
    """A PNG of this text, black on white; it is read back with a quarter of it smudged."""
    import segno  # its tables take as long to make as all of Flask to read, and few processes draw

    picture = io.BytesIO()
    segno.make(text, error="q", micro=False).save(picture, kind="png", scale=SCALE, border=QUIET)
    return picture.getvalue()


def qr_address(text: str) -> str:
    """The same as an address that holds the picture: nobody is asked for it, and nobody else can."""
    return f"data:image/png;base64,{base64.b64encode(qr(text)).decode()}"


def over(*, used: bool) -> bytes:
    """A PNG of the same size that says without words that the code is over: a tick when it was used, else a cross."""
    import resvg_py

    mark = "M32 51 L45 64 L69 38" if used else "M37 37 L64 64 M64 37 L37 64"
    drawn = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 101 101"><rect width="101" height="101" fill="#fff"/>'
        f'<circle cx="50.5" cy="50.5" r="38" fill="{TRACK}"/><path d="{mark}" fill="none" stroke="{MUTED}"'
        ' stroke-width="7" stroke-linecap="round" stroke-linejoin="round"/></svg>'
    )
    picture: bytes = resvg_py.svg_to_bytes(svg_string=drawn, width=SIDE, height=SIDE, skip_system_fonts=True)
    return picture


def _nothing(status: int, detail: str) -> Response:
    return Response(detail, status, {"Cache-Control": "no-store"}, mimetype="text/plain")
