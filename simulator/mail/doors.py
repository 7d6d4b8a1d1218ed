"""The mailboxes under `/sim/mail`, and their page."""

import re
from collections.abc import Callable
from html import escape
from typing import Any
from urllib.parse import quote

import urllib3
from flask import Response, render_template, request

from simulator.answers import Refused
from simulator.desk import body, desk
from simulator.endpoints.base import answer, world
from simulator.mail import boxes, reports
from simulator.mail.moods import SMTP_FAULTS, WHATS, WHENS

INSIDE = "; ".join((
    "default-src 'none'", "style-src 'unsafe-inline'", "img-src data: https: http://127.0.0.1:*",
    "frame-ancestors 'self'", "base-uri 'none'", "form-action 'none'",
))  # fmt: skip
"""What a mail may do where it is shown: nothing but look."""
_TO_LINE = re.compile(r'href="(https://(?:liff\.)?line\.me/[^"]*|[^"]*/(?:l/aura|liff/[0-9]+-)[^"]*)"')
_DARK = "@media (prefers-color-scheme: dark)"
_http = urllib3.PoolManager(retries=False)


@desk.get("/mail")
def mail_page() -> str:
    return render_template("mail.html")


@desk.get("/sim/mail")
def mailboxes() -> Response:
    """`{boxes, port, faults, reports, choices}`; with `?of=` an address, `mails` too."""
    here, of = world(), request.args.get("of")
    told = {
        "boxes": boxes.boxes(here), "port": here.mail.port, "faults": here.mail.waiting(),
        "reports": vars(here.mail.reports), "choices": {"faults": [*SMTP_FAULTS], "what": WHATS, "when": WHENS},
    }  # fmt: skip
    return answer(told | ({"mails": boxes.newest(here, of)} if of is not None else {}))


@desk.get("/sim/mail/<int:number>")
def one_mail(number: int) -> Response:
    return answer(boxes.read(boxes.of(world(), number)))


@desk.get("/sim/mail/<int:number>/raw")
def raw_mail(number: int) -> Response:
    return Response(boxes.of(world(), number)["raw"], content_type="text/plain; charset=utf-8")


@desk.get("/sim/mail/<int:number>/html")
def html_mail(number: int) -> Response:
    """As a mail program shows it. What would leave this computer for LINE opens on the pretend phone."""
    row = boxes.of(world(), number)
    owner = next((one["user_id"] for one in boxes.boxes(world()) if one["address"] == row["recipient"]), None)

    def here(found: re.Match[str]) -> str:
        as_ = f"&as={owner}" if owner else ""
        return f'href="/?open={quote(found[1].replace("&amp;", "&"), safe="")}{escape(as_)}"'

    shown = _TO_LINE.sub(here, boxes.read(row)["html"]).replace("<head>", '<head><base target="_blank">', 1)
    if request.args.get("shade") == "dark":
        shown = shown.replace(_DARK, "@media all")
    response = Response(shown, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = INSIDE
    return response


@desk.post("/sim/mail/<int:number>/unsubscribe")
def one_click(number: int) -> Response:
    """What a mail program does without showing anything (RFC 8058)."""
    at = boxes.unsubscribe(boxes.parsed(world(), number))
    if at is None:
        raise Refused(409, "this mail has no one-click way out", code="mail_no_way_out")
    try:
        got = _http.request("POST", at, fields={"List-Unsubscribe": "One-Click"}, encode_multipart=False, timeout=10.0)
    except urllib3.exceptions.HTTPError as error:
        raise Refused(502, f"the product does not answer: {error}", code="no_answer") from error
    return answer({"status": got.status})


@desk.post("/sim/mail/<int:number>/reports")
def report(number: int) -> Response:
    return answer({"status": reports.tell(world(), number, str(body().get("what")))})


@desk.post("/sim/mail/faults")
def order_mail_fault() -> Response:
    return _ordered(world().mail.order)


@desk.put("/sim/mail/reports")
def order_reports() -> Response:
    return _ordered(world().mail.report)


@desk.delete("/sim/mail/faults")
def clear_mail_faults() -> Response:
    world().mail.clear()
    return answer({})


def _ordered(order: Callable[[dict[str, Any]], None]) -> Response:
    try:
        order(body())
    except (ValueError, TypeError) as error:
        raise Refused(400, str(error), code="mail_order") from error
    return answer({"faults": world().mail.waiting(), "reports": vars(world().mail.reports)})
