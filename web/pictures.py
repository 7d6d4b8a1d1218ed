"""`/pictures`: pictures that LINE's apps fetch. Whoever holds a signed address sees that picture, and nothing more."""

import io

import segno
from flask import Blueprint, Response, request
from sqlalchemy.orm import Session, sessionmaker

from channels.pictures import REDEMPTION, read
from models.rewards import Redemption
from settings import Settings

SCALE, QUIET = 12, 4
"""Pixels a module, and modules of white around: what ISO/IEC 18004 asks for on any background."""
KEPT_SECONDS = 3_600


def blueprint(sessions: sessionmaker[Session], settings: Settings) -> Blueprint:
    routes = Blueprint("pictures", __name__)

    @routes.get("/pictures/redemption/<token>.png")
    def redemption(token: str) -> Response:
        """A redemption's code as a QR code, while it can be used."""
        id_ = read(settings, REDEMPTION, token)
        if id_ is None:
            return _nothing(404, "There is no such picture.")
        with sessions() as session:
            found = session.get(Redemption, id_)
            code = found.code if found is not None and found.state == "issued" else None
        if code is None:
            return _nothing(410, "The code was used or cancelled, or has expired.")
        answer = Response(qr(code), mimetype="image/png")
        answer.headers["Cache-Control"] = f"private, max-age={KEPT_SECONDS}"
        answer.add_etag()
        answer.make_conditional(request)
        return answer

    return routes


def qr(text: str) -> bytes:
    """A PNG of this text, black on white; it is read back with a quarter of it smudged."""
    picture = io.BytesIO()
    segno.make(text, error="q", micro=False).save(picture, kind="png", scale=SCALE, border=QUIET)
    return picture.getvalue()


def _nothing(status: int, detail: str) -> Response:
    return Response(detail, status, {"Cache-Control": "no-store"}, mimetype="text/plain")
