"""Square: base64 of HMAC-SHA256 over the address and the raw body in `x-square-hmacsha256-signature`
(developer.squareup.com/docs/webhooks/step3validate). Its bookings and payments have ids only, whose names its customers
and bills tell, and a version that grows.
"""

import base64
import hashlib
import hmac
from datetime import timedelta, tzinfo
from typing import Any

from facts.told import AppointmentTold, CustomerTold, Details, Fact, PaymentTold, Person, RefundTold, micros
from models.appointments import AppointmentState
from webhooks.booking import square_invoices, square_people
from webhooks.booking.fields import Fields, Wrong
from webhooks.booking.square_money import baht
from webhooks.booking.system import Passed, System
from webhooks.source import Delivery, RawEvent

STATES: dict[str, AppointmentState] = {
    "PENDING": "requested",
    "ACCEPTED": "booked",
    "DECLINED": "cancelled",
    "CANCELLED_BY_CUSTOMER": "cancelled",
    "CANCELLED_BY_SELLER": "cancelled",
    "NO_SHOW": "no_show",
}

ELSEWHERE = frozenset({"ECOMMERCE_API", "INVOICES", "ONLINE_STORE", "VIRTUAL_TERMINAL"})
"""Products by which somebody pays who is not at the counter (`application_details.square_product` of a payment)."""


class Square(System):
    name = "square"

    def __init__(self, public_url: str) -> None:
        self._public_url = public_url.rstrip("/")

    def verified(self, secret: bytes, delivery: Delivery) -> bool:
        signed = f"{self._public_url}{delivery.path}".encode() + delivery.body
        expected = base64.b64encode(hmac.digest(secret, signed, hashlib.sha256))
        given = delivery.headers.get("x-square-hmacsha256-signature", "")
        return hmac.compare_digest(expected, given.encode("utf-8", "replace"))

    def event(self, body: dict[str, Any], delivery: Delivery) -> RawEvent:  # noqa: ARG002 - the other sources read it
        told = Fields(body)
        return RawEvent(
            body=body,
            key=told.text("event_id"),
            fingerprint=body,
            actor=_actor(Fields(body)),
            type=told.text("type"),
            occurred_at=None,
        )

    def facts(self, body: Fields, zone: tzinfo) -> list[Fact]:
        kind = body.needed("type", "what has happened, such as booking.created")
        what = kind.partition(".")[0]
        if what == "invoice":
            return [square_invoices.told(body, zone)]
        if what in ("payment", "refund"):
            return [_money(what, body.under("data").under("object").under(what), zone)]
        if kind in ("customer.created", "customer.updated"):
            return [CustomerTold(square_people.person(body.under("data").under("object").under("customer"), "id"))]
        if what != "booking":
            raise Passed("test" if kind == "webhooks.test_notification" else "unknown_type")
        booking, at = _booking(body), body.needed_moment("created_at", zone)
        version = booking.version()
        status = booking.needed("status", f"one of {', '.join(STATES)}")
        if status not in STATES:
            raise Wrong(f"{booking.place}.status: write one of {', '.join(STATES)}")
        return [
            AppointmentTold(
                external_id=booking.needed("id", "the id of the booking"),
                state=STATES[status],
                order=micros(at) if version is None else version,
                at=at,
                details=_details(booking, zone),
            )
        ]


def _money(what: str, told: Fields, zone: tzinfo) -> Fact:
    """Counts once it is complete; amounts are in satang. Raises `Passed` before that, and for a bill of nobody."""
    if told.text("status") != "COMPLETED":
        raise Passed("not_completed")
    id_, at = told.needed("id", "its id"), told.needed_moment("created_at", zone)
    amount = baht(told.under("amount_money"))
    if what == "refund":
        return RefundTold(id_, told.needed("payment_id", "the id of the payment"), amount, at)
    customer = told.text("customer_id")
    if customer is None:
        raise Passed("nobody_named")
    product = told.under("application_details").text("square_product")
    there = product not in ELSEWHERE
    return PaymentTold(id_, Person(id=customer), amount, at, branch=told.text("location_id"), at_counter=there)


def _actor(body: Fields) -> str | None:
    objects = body.under("data").under("object")
    each = [objects.under(what) for what in ("booking", "payment", "refund", "customer")]
    each += [objects.under("invoice").under("primary_recipient"), objects.under("invoice")]
    ids = (one.text("customer_id") or one.text("id") for one in each)
    return next((id_ for id_ in ids if id_), None)


def _booking(body: Fields) -> Fields:
    return body.under("data").under("object").under("booking")


def _details(booking: Fields, zone: tzinfo) -> Details:
    segments = booking.each("appointment_segments")
    starts_at = booking.needed_moment("start_at", zone)
    minutes = sum(segment.number("duration_minutes") or 0 for segment in segments)
    return Details(
        person=Person(id=booking.needed("customer_id", "the id of the customer")),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=minutes) if 0 < minutes <= 24 * 60 else None,
        service=segments[0].text("service_variation_id") if segments else None,
        branch=booking.text("location_id"),
    )
