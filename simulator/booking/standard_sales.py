"""Bills and courses in the product's own form."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from simulator.booking.sales import SHARED, Sale
from simulator.booking.source import BANGKOK, Event

_INVOICE = {"due_moved": "due_moved", "pay_part": "paid", "pay": "paid", "void": "void"}
_COURSE = {
    "plan": "planned", "use": "used", "give_back": "given_back", "freeze": "frozen", "resume": "resumed",
    "extend": "extended", "share": "shared", "end": "ended", "refund": "refunded",
}  # fmt: skip


def sold(it: Sale, at: datetime) -> list[Event]:
    """A course is paid when it is sold; a bill is to be paid."""
    if it.kind == "invoice":
        more = {"amount": it.baht, "currency": "THB", "dueOn": it.day, "service": it.service}
        return [_event("invoice.created", it, at, **_customer(it), **more)]
    today = at.astimezone(BANGKOK).date().isoformat()
    more = {
        "name": f"{it.service} × {it.sessions}", "service": it.service, "sessions": it.sessions, "price": it.baht,
        "currency": "THB", "soldOn": today, "endsOn": it.day, "contract": f"CT-{it.uid}", "underContractRules": True,
    }  # fmt: skip
    told = [_event("course.sold", it, at, **_customer(it), **more)]
    for id_, baht in it.paid:
        payment = {"id": id_, "amount": baht, **_customer(it), "service": it.service}
        told.append(_told("payment.paid", payment, at))
    return told


def events(deed: str, now: Sale, before: Sale, at: datetime, to: Sale | None) -> list[Event]:
    """`to`: what another person has of a course that is shared."""
    if now.kind == "invoice":
        return _of_invoice(deed, now, at)
    more: dict[str, Any] = {}
    if deed == "plan":
        more = {"session": f"S-{now.planned}", "startsAt": _said(at + timedelta(days=3))}
    elif deed == "use":
        more = {"session": f"S-{now.last_used}"}
    elif deed == "give_back":
        more = {"session": f"S-{before.last_used}"}
    elif deed == "extend":
        more = {"endsOn": now.day}
    elif deed == "share" and to is not None:
        person = {"id": to.person, "name": to.name, **({"reference": to.token} if to.token else {})}
        more = {"to": person, "sharedAs": to.uid, "sessions": SHARED}
    elif deed == "refund":
        (payment, baht), *_ = now.paid
        more = {"payment": payment, "refund": f"{payment}-R", "refunded": baht * now.left // now.sessions}
    return [_event(f"course.{_COURSE[deed]}", now, at, **more)]


def _of_invoice(deed: str, now: Sale, at: datetime) -> list[Event]:
    if deed == "refund":
        return [
            _event("invoice.refunded", now, at, payment=id_, refund=f"{id_}-R", refunded=baht) for id_, baht in now.paid
        ]
    more: dict[str, Any] = {}
    if deed == "due_moved":
        more = {"dueOn": now.day}
    elif deed in ("pay", "pay_part"):
        payment, baht = now.paid[-1]
        more = {"payment": payment, "paid": baht}
    return [_event(f"invoice.{_INVOICE[deed]}", now, at, **more)]


def _customer(it: Sale) -> dict[str, Any]:
    customer = {"id": it.person, "name": it.name, "phone": it.phone}
    named: dict[str, Any] = {"customer": {name: value for name, value in customer.items() if value}}
    return named | ({"reference": it.token} if it.token else {})


def _event(kind: str, it: Sale, at: datetime, **more: Any) -> Event:
    return _told(kind, {"id": it.uid, "version": it.version, **more}, at)


def _told(kind: str, data: dict[str, Any], at: datetime) -> Event:
    return Event(f"msg_{secrets.token_hex(12)}", {"type": kind, "timestamp": _said(at), "data": data})


def _said(at: datetime) -> str:
    return at.astimezone(BANGKOK).isoformat()
