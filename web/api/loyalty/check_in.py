"""The day's picture for the counter."""

from flask import Response

from channels.line import links
from loyalty import earning
from web.http.operations import Call, Subject
from web.pictures import qr

check_in = Subject("Check-in", "The QR code at the counter, another one each day.")


@check_in.get("/check-in-qr", scope="staff", answer="image/png")
def get_check_in_picture(call: Call) -> Response:
    """Today's check-in QR code, as a PNG

    Scanned with LINE it opens the clinic's chat with the day's text written; sending it checks in.
    """
    zone = call.clinic.settings.voice.zone
    text = earning.check_in_text(call.clinic, call.session, call.now.astimezone(zone).date())
    if call.clinic.line_basic_id:
        text = links.open_chat(call.clinic.line_basic_id, text)
    return Response(qr(text), content_type="image/png", headers={"Cache-Control": "no-store"})
