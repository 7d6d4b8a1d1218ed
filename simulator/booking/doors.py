"""The booking desk under /sim/booking: what a receptionist, or somebody at the clinic's booking page, does there."""

import re
from datetime import UTC, datetime
from typing import Any

from flask import Response

from simulator import product
from simulator.answers import Refused, not_found
from simulator.booking import book, post, sales, selling, telling
from simulator.booking.source import SERVICES, Booking, Source
from simulator.booking.systems import SELLERS, SYSTEMS
from simulator.desk import body, desk
from simulator.endpoints.base import answer, world
from simulator.store import Row
from simulator.world import iso

LONGEST = 100


@desk.get("/sim/booking")
def bookings() -> Response:
    """`{sources, services, bookings, sales}`; `ready`: whether the product and the source share a secret."""
    here = world()
    sources = [
        {
            "name": one.name,
            "ready": bool(here.config.booking.get(one.name)),
            "asks_email": one.asks_email,
            "ways": post.ways(one),
            "sells": list(SELLERS.get(one.name, ())),
        }
        for one in SYSTEMS.values()
    ]
    services = [{"code": one.code, "names": one.names, "minutes": one.minutes} for one in SERVICES.values()]
    return answer(
        {
            "sources": sources,
            "services": services,
            "bookings": [_view(row) for row in book.latest(here.store)],
            "sales": [selling.view(row) for row in sales.latest(here.store)],
        }
    )


@desk.post("/sim/booking")
def book_anew() -> Response:
    """`{source, name, phone?, email?, service, at, token?, way?}`: somebody books; the booking as the desk keeps it."""
    here, wanted = world(), body()
    source = SYSTEMS.get(str(wanted.get("source")))
    if source is None:
        raise not_found("no such booking system")
    post.secret(here, source)
    way = post.way(source, wanted)
    email = _text(wanted, "email")
    if str(wanted.get("service")) not in SERVICES:
        raise Refused(400, "service must be one of the demo clinic's")
    if source.asks_email and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", email):
        raise Refused(422, f"{source.name} books nobody without an e-mail address", code="booking_email")
    if not (name := _text(wanted, "name")):
        raise Refused(422, "name is missing", code="booking_name")
    booking = book.new(
        here.store, source, name=name, phone=_text(wanted, "phone"), email=email, service=str(wanted["service"]),
        starts_at=_moment(wanted), token=_text(wanted, "token"),
    )  # fmt: skip
    return _tell(source, booking, None, "book", way)


@desk.post("/sim/booking/<int:number>/<deed>")
def change_booking(number: int, deed: str) -> Response:
    """`{at?, way?}`: moves, cancels and so on; `again` sends what was sent last once more."""
    here, wanted = world(), body()
    row = _row(number)
    source, before = SYSTEMS[row["source"]], book.found(row)
    way = post.way(source, wanted)
    if deed == "again":
        telling.again(here, "bookings", number, source, way)
        return answer(_view(_row(number)))
    if deed not in book.may(source, before):
        raise Refused(409, f"a booking that is {before.state} cannot do this: {deed}", code="booking_over")
    now = book.after(source, before, deed, _moment(wanted) if deed == "move" else None)
    book.keep(here.store, now)
    return _tell(source, now, before, deed, way)


@desk.get("/sim/booking/<int:number>/known")
def what_is_known(number: int) -> Response:
    """`{asked, appointment}`: what the product shows of it among the next appointments of this person of the source.

    `asked` is false where the product knows no such person, as with what was booked by a friend's own link.
    """
    row, here = _row(number), world()
    if row["source"] != "standard" or not here.config.api_key:
        return answer({"asked": False, "appointment": None})
    whose = {"customerId": f"ext:standard:{row['person']}"}
    told = product.find(here.config, here.config.api_key, "/api/facts/appointments", whose)
    if told is None:
        return answer({"asked": False, "appointment": None})
    theirs = (one for one in told["appointments"] if one["externalId"] == row["uid"])
    return answer({"asked": True, "appointment": next(theirs, None)})


def _tell(source: Source, now: Booking, before: Booking | None, deed: str, way: str) -> Response:
    here = world()
    at = datetime.fromtimestamp(here.now(), UTC)
    telling.tell(here, "bookings", now.number, source, source.events(deed, now, before, at), way)
    return answer(_view(_row(now.number)))


def _row(number: int) -> Row:
    row = book.of(world().store, number)
    if row is None:
        raise Refused(404, "no such booking", code="gone")
    return row


def _text(wanted: dict[str, Any], name: str) -> str:
    given = str(wanted.get(name) or "").strip()
    if len(given) > LONGEST or not (given.isprintable()):
        raise Refused(422, f"{name}: at most {LONGEST} letters that can be seen", code="booking_text")
    return given


def _moment(wanted: dict[str, Any]) -> float:
    """ISO 8601 with its zone."""
    try:
        at = datetime.fromisoformat(str(wanted.get("at")))
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or not 2000 <= at.year < 2200:
        raise Refused(422, "at must be a date and time such as 2026-02-05T14:00:00+07:00", code="booking_time")
    return at.timestamp()


def _view(row: Row) -> dict[str, Any]:
    booking = book.found(row)
    return {
        "number": booking.number,
        "source": booking.source,
        "name": booking.name,
        "phone": booking.phone,
        "email": booking.email,
        "service": booking.service,
        "at": iso(booking.starts_at),
        "state": booking.state,
        "by_link": bool(booking.token),
        **telling.view(row),
        "may": book.may(SYSTEMS[booking.source], booking),
    }
