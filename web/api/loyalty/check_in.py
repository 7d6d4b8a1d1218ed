"""The day's picture for the counter."""

from flask import Response

from channels.line import links
from loyalty import check_in
from web.http.operations import RequestContext, Resource
from web.pictures import qr

resource = Resource("Check-in", "The QR code at the counter, another one each day.", prefix="/api/loyalty")


@resource.get("/check-in-qr", scope="staff", answer="image/png")
def get_check_in_picture(context: RequestContext) -> Response:
    """Today's check-in QR code, as a PNG

    Scanned with LINE it opens the clinic's chat with the day's text written; sending it checks in.
    """
    zone = context.clinic.settings.voice.zone
    text = check_in.day_text(context.clinic, context.session, context.now.astimezone(zone).date())
    if context.clinic.line_basic_id:
        text = links.open_chat(context.clinic.line_basic_id, text)
    return Response(qr(text), content_type="image/png", headers={"Cache-Control": "no-store"})
