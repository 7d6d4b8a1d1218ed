"""The day's picture for the counter."""

from datetime import date

from flask import Response
from pydantic import Field

from channels.line import links
from loyalty import check_in
from web.http.operations import RequestContext, Resource
from web.http.values import ResponseModel
from web.pictures import qr, qr_address

resource = Resource("Check-in", "The QR code at the counter, another one each day.", prefix="/api/loyalty")


class Counter(ResponseModel):
    """The day's check-in picture, and what a page at the counter says around it."""

    clinic: str
    color: str = Field(description="Of the clinic, as `#RRGGBB`")
    languages: tuple[str, ...] = Field(description="That the clinic speaks, its own first")
    day: date
    text: str = Field(description="What a customer sends to the clinic's chat to check in")
    address: str | None = Field(description="Opens LINE with that text written; null for a clinic without a LINE id")
    picture: str = Field(description="A QR code of the address, else of the text: a `data:` address of a PNG")
    points: int = Field(description="What checking in earns, once a day")
    renew_in_seconds: int = Field(description="Until there is another picture")
    good_for_seconds: int = Field(description="Until this one is refused: some minutes more")


@resource.get("/check-in", scope="counter", answer=Counter)
def get_counter(context: RequestContext) -> Counter:
    """Today's check-in picture with its words

    What the page `/counter` shows. Ask again when `renewInSeconds` have passed.
    """
    clinic, settings = context.clinic, context.clinic.settings
    text, address = _today(context)
    ends = check_in.ends(clinic, context.now) - context.now
    return Counter(
        clinic=clinic.called(settings.voice.languages[0]),
        color=settings.voice.brand_color,
        languages=settings.voice.languages,
        day=context.now.astimezone(settings.voice.zone).date(),
        text=text,
        address=address,
        picture=qr_address(address or text),
        points=settings.points.check_in,
        renew_in_seconds=int(ends.total_seconds()) + 1,
        good_for_seconds=int((ends + check_in.GRACE).total_seconds()),
    )


@resource.get("/check-in-qr", scope="counter", answer="image/png")
def get_check_in_picture(context: RequestContext) -> Response:
    """Today's check-in QR code, as a PNG

    Scanned with LINE it opens the clinic's chat with the day's text written; sending it checks in.
    """
    text, address = _today(context)
    return Response(qr(address or text), content_type="image/png", headers={"Cache-Control": "no-store"})


def _today(context: RequestContext) -> tuple[str, str | None]:
    """The day's text, and the address that opens LINE with it."""
    clinic, zone = context.clinic, context.clinic.settings.voice.zone
    text = check_in.day_text(clinic, context.session, context.now.astimezone(zone).date())
    return text, links.open_chat(clinic.line_basic_id, text) if clinic.line_basic_id else None
