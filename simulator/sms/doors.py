"""The doors of three providers: `/thaibulksms`, `/twilio` and `/gateway`, each as the real one answers; and the desk's.

Faults: the common ones by the beginning of a path or as `sms`, and those of `faults.SMS_KINDS`.
"""

import base64
import json
import secrets
import time
from typing import Any

from flask import Blueprint, Response, g, request

from simulator import accounts
from simulator.desk import desk
from simulator.endpoints.base import answer, hang_up, world
from simulator.faults import SMS_KINDS, Fault
from simulator.sms import reports, texts
from simulator.store import Row
from simulator.world import iso

sms = Blueprint("sms", __name__)


@sms.before_request
def _enter() -> Response | None:
    here = world()
    request.get_data(cache=True)
    fault = here.faults.take(request.path)
    g.fault = fault
    if fault is None or fault.kind in SMS_KINDS:
        return None
    here.feed.tell("fault", fault=fault.kind, on=request.path)
    if fault.kind == "delay":
        time.sleep(fault.seconds(3))
    elif fault.kind == "error_500":
        return answer({"message": "Internal Server Error"}, 500)
    elif fault.kind == "rate_429":
        return answer({"message": "Too many requests"}, 429, {"Retry-After": str(round(fault.seconds(1)))})
    elif fault.kind == "refused_400":
        return answer({"message": "Bad Request"}, 400)
    elif fault.kind in ("hang", "refuse"):
        time.sleep(fault.seconds(30) if fault.kind == "hang" else 0)
        return hang_up()
    return None


@sms.after_request
def _leave(response: Response) -> Response:
    here = world()
    here.calls.add(
        kind="sms", at=iso(here.real()), method=request.method, path=request.path,
        body=request.get_data().decode(errors="replace"), status=response.status_code,
        fault=g.fault.kind if g.fault else None, response=response.get_data().decode(errors="replace"),
    )  # fmt: skip
    if g.fault is not None and g.fault.kind == "timeout_after_accept":
        time.sleep(g.fault.seconds(30))
        return hang_up()
    return response


@sms.post("/thaibulksms/sms")
def thaibulksms() -> Response:
    """Form or JSON: msisdn (several with commas), message, sender."""
    said = _said()
    if not _let_in():
        return answer(_error(101, "ERROR_AUTHENTICATION", "Authentication failed."), 401)
    if _fault("error_inside"):
        return answer(_error(1, "ERROR_SYSTEM_FAILURE", "System Failure."))
    if _fault("no_credit"):
        return answer(_error(108, "ERROR_CREDIT_NOT_ENOUGH", "Not enough credit."), 400)
    if not _registered(said.get("sender", "")):
        return answer(_error(105, "ERROR_SENDER_NOT_FOUND", "Sender name not found."), 400)
    good: list[dict[str, Any]] = []
    bad: list[dict[str, Any]] = []
    for written in filter(None, (one.strip() for one in said.get("msisdn", "").split(","))):
        to = texts.mobile(written)
        if to is None or _fault("bad_number"):
            bad.append({"number": written, "message": "Phone number is invalid."})
            continue
        row = _took("thaibulksms", to, said, world().config.sms_reports)
        good.append({"number": to.removeprefix("+"), "message_id": row["message_id"], "used_credit": row["parts"]})
    used = sum(one["used_credit"] for one in good)
    return answer({
        "remaining_credit": 156_758, "total_use_credit": used, "credit_type": "corporate",
        "phone_number_list": good, "bad_phone_number_list": bad,
    }, 201 if good else 200)  # fmt: skip


@sms.post("/twilio/2010-04-01/Accounts/<sid>/Messages.json")
def twilio(sid: str) -> Response:
    said = _said()
    if not _let_in() or not world().config.sms_key.startswith(sid):
        return answer({"code": 20003, "message": "Authenticate", "status": 401}, 401)
    if _fault("no_credit"):
        return answer({"code": 30002, "message": "Account suspended", "status": 400}, 400)
    if not _registered(said.get("From", "")):
        return answer({"code": 21212, "message": "Invalid From", "status": 400}, 400)
    to = texts.mobile(said.get("To", ""))
    if to is None or _fault("bad_number"):
        return answer({"code": 21211, "message": "Invalid 'To' Phone Number", "status": 400}, 400)
    if _fault("error_inside"):
        return answer({"sid": _sid(), "status": "failed", "error_code": 30001, "to": to})
    fields = {"sender": said.get("From", ""), "message": said.get("Body", "")}
    row = _took("twilio", to, fields, said.get("StatusCallback", ""))
    return answer({
        "sid": row["message_id"], "account_sid": sid, "status": "queued", "error_code": None, "error_message": None,
        "to": to, "from": row["sender"], "body": row["text"], "num_segments": str(row["parts"]),
    }, 201)  # fmt: skip


@sms.post("/gateway")
def gateway() -> Response:
    """JSON: id, to, from, text, report."""
    said = _said()
    if not _let_in():
        return answer({"error": {"code": "unauthorized", "permanent": False}}, 401)
    if _fault("error_inside"):
        return answer({"error": {"code": "busy", "permanent": False}})
    to = texts.mobile(said.get("to", ""))
    if to is None or _fault("bad_number"):
        return answer({"error": {"code": "bad_number", "permanent": True}})
    if _fault("no_credit"):
        return answer({"error": {"code": "no_credit", "permanent": True}}, 402)
    fields = {"sender": said.get("from", ""), "message": said.get("text", "")}
    return answer({"id": _took("gateway", to, fields, said.get("report", ""))["message_id"]})


@desk.get("/sim/people/<user_id>/texts")
def texts_of(user_id: str) -> Response:
    """`{number, items}`: the SMS of one of the people; `?after=` leaves out what is known."""
    accounts.person(world().store, user_id)
    number = texts.number_of(user_id)
    return answer({"number": number, "items": _views(number)})


@desk.get("/sim/texts")
def all_texts() -> Response:
    """`{items}`: the SMS of all phones; `?number=` of one."""
    return answer({"items": _views(request.args.get("number"))})


def _views(number: str | None) -> list[dict[str, Any]]:
    after = request.args.get("after", default=0, type=int)
    return [texts.view(row) for row in texts.latest(world().store, number, after)]


def _said() -> dict[str, str]:
    if request.mimetype == "application/json":
        found = json.loads(request.get_data() or b"{}")
        return {str(name): str(value) for name, value in found.items()}
    return dict(request.form)


def _let_in() -> bool:
    key = world().config.sms_key
    given = request.headers.get("Authorization", "")
    wanted = "Basic " + base64.b64encode(key.encode()).decode()
    return not key or given == wanted


def _registered(sender: str) -> bool:
    return sender == world().config.sms_sender or not world().config.sms_sender


def _fault(kind: str) -> bool:
    fault: Fault | None = g.fault
    return fault is not None and fault.kind == kind


def _took(provider: str, to: str, said: dict[str, str], report: str) -> Row:
    here = world()
    row = texts.keep(
        here, provider, _sid(), to=to, sender=said.get("sender", ""), text=said.get("message", ""), report=report
    )
    fault: Fault | None = g.fault
    kind = fault.kind if fault is not None else ""
    if kind == "report_first":
        reports.tell(here, row, "delivered")
    elif kind == "report_late":
        reports.later(here, row, "delivered", fault.seconds(reports.LATE) if fault else reports.LATE)
    elif kind != "report_never":
        reports.later(here, row, "failed" if kind == "report_failed" else "delivered", reports.SOON)
    return row


def _sid() -> str:
    return "SM" + secrets.token_hex(16)


def _error(code: int, name: str, says: str) -> dict[str, Any]:
    return {"error": {"code": code, "name": name, "description": says}}
