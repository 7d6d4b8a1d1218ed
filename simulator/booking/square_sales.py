"""Square's invoices (developer.squareup.com/reference/square/objects/Invoice), and the payments that go with them."""

import uuid
from datetime import datetime
from typing import Any

from simulator.booking.sales import Sale
from simulator.booking.source import LOCATION, Event, zulu

_TYPES = {"due_moved": "updated", "pay_part": "payment_made", "pay": "payment_made", "void": "canceled"}
_STATUS = {"open": "UNPAID", "part_paid": "PARTIALLY_PAID", "paid": "PAID", "void": "CANCELED", "refunded": "REFUNDED"}


def sold(it: Sale, at: datetime) -> list[Event]:
    return [_invoice("published", it, at)]


def events(deed: str, now: Sale, before: Sale, at: datetime, to: Sale | None) -> list[Event]:  # noqa: ARG001
    """The money first, as Square tells it."""
    if deed in ("pay", "pay_part"):
        id_, baht = now.paid[-1]
        paid = {"id": id_, "status": "COMPLETED", "customer_id": now.person, "order_id": f"O-{now.uid}"}
        money = _told(
            "payment.updated", "payment", id_, paid | {"created_at": zulu(at), "amount_money": _thb(baht)}, at
        )
        return [money, _invoice(_TYPES[deed], now, at)]
    if deed == "refund":
        return [
            *(
                _told(
                    "refund.updated", "refund", f"{id_}-R",
                    {
                        "id": f"{id_}-R", "status": "COMPLETED", "payment_id": id_, "created_at": zulu(at),
                        "amount_money": _thb(baht),
                    },
                    at,
                )
                for id_, baht in now.paid
            ),
            _invoice("refunded", now, at),
        ]  # fmt: skip
    return [_invoice(_TYPES[deed], now, at)]


def _invoice(what: str, it: Sale, at: datetime) -> Event:
    request = {
        "uid": f"R-{it.uid}",
        "request_type": "BALANCE",
        "due_date": it.day,
        "computed_amount_money": _thb(it.baht),
        "total_completed_amount_money": _thb(it.baht - it.owed),
    }
    invoice = {
        "id": it.uid,
        "version": it.version,
        "location_id": LOCATION,
        "order_id": f"O-{it.uid}",
        "invoice_number": f"{it.number:06}",
        "title": it.service,
        "status": _STATUS[it.state],
        "timezone": "Asia/Bangkok",
        "primary_recipient": {"customer_id": it.person, "given_name": it.name},
        "payment_requests": [request],
        "created_at": zulu(at),
        "updated_at": zulu(at),
    }
    return _told(f"invoice.{what}", "invoice", it.uid, invoice, at)


def _told(kind: str, what: str, id_: str, inside: dict[str, Any], at: datetime) -> Event:
    event = str(uuid.uuid4())
    data = {"type": what, "id": id_, "object": {what: inside}}
    body = {"merchant_id": "AURAMERCHANT", "location_id": LOCATION, "type": kind, "event_id": event}
    return Event(event, body | {"created_at": zulu(at), "data": data})


def _thb(baht: int) -> dict[str, Any]:
    return {"amount": baht * 100, "currency": "THB"}
