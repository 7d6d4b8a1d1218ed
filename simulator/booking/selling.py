"""What is sold at the booking desk: a bill or a course for the person of a booking, and what becomes of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Response

from simulator import product
from simulator.answers import Refused
from simulator.booking import book, post, sales, telling
from simulator.booking.sales import SHARED, Sale
from simulator.booking.source import BANGKOK, Source
from simulator.booking.systems import SELLERS, SYSTEMS
from simulator.desk import body, desk
from simulator.endpoints.base import answer, world
from simulator.store import Row

DUE, ENDS = timedelta(days=7), timedelta(days=180)
LARGEST, MOST = 1_000_000, 100


@desk.post("/sim/booking/<int:number>/sell")
def sell(number: int) -> Response:
    """`{kind, baht?, sessions?, way?}`: a bill or a course for the person of this booking; the sale as it is kept."""
    here, wanted = world(), body()
    row = book.of(here.store, number)
    if row is None:
        raise Refused(404, "no such booking", code="gone")
    booking, kind = book.found(row), str(wanted.get("kind"))
    source = SYSTEMS[booking.source]
    seller = SELLERS.get(source.name, {}).get(kind)
    if seller is None:
        raise Refused(409, f"{source.name} sells none of this: {kind}", code="booking_sells_none")
    way, at = post.way(source, wanted), datetime.fromtimestamp(here.now(), UTC)
    post.secret(here, source)
    course = kind == "course"
    made = sales.sold(
        booking, kind, source.uid(), baht=_whole(wanted, "baht", 3_000, LARGEST),
        sessions=_whole(wanted, "sessions", 10, MOST) if course else 0,
        day=(at.astimezone(BANGKOK) + (ENDS if course else DUE)).date().isoformat(),
    )  # fmt: skip
    sale = sales.new(here.store, made.pays(made.baht) if course else made)
    telling.tell(here, "sales", sale.number, source, seller.sold(sale, at), way)
    return answer(view(_row(sale.number)))


@desk.post("/sim/booking/sales/<int:number>/<deed>")
def change_sale(number: int, deed: str) -> Response:
    """`{way?, name?, token?}`: pays, uses, freezes and so on; `name` and `token`: with whom a course is shared; `again`
    sends what was sent last once more."""
    here, wanted = world(), body()
    row = _row(number)
    before = sales.found(row)
    source = SYSTEMS[before.source]
    way = post.way(source, wanted)
    if deed == "again":
        telling.again(here, "sales", number, source, way)
        return answer(view(_row(number)))
    if deed not in sales.may(before):
        raise Refused(409, f"what is {before.state} cannot do this: {deed}", code="booking_over")
    now, at = sales.after(before, deed), datetime.fromtimestamp(here.now(), UTC)
    to = _share(source, now, wanted) if deed == "share" else None
    sales.keep(here.store, now)
    if to is not None:
        to = sales.new(here.store, to)
    telling.tell(here, "sales", number, source, SELLERS[source.name][now.kind].events(deed, now, before, at, to), way)
    return answer(view(_row(number)))


@desk.get("/sim/booking/sales/<int:number>/known")
def what_is_known_of_a_sale(number: int) -> Response:
    """`{asked, sale}`: what the product shows of it among the person's open bills, or their courses with something
    left; `asked` is false where the product knows no such person of the source."""
    here, sale = world(), sales.found(_row(number))
    if sale.source != "standard" or not here.config.api_key:
        return answer({"asked": False, "sale": None})
    what = "courses" if sale.kind == "course" else "invoices"
    whose = {"customerId": f"ext:standard:{sale.person}"}
    told = product.find(here.config, here.config.api_key, f"/api/facts/{what}", whose)
    if told is None:
        return answer({"asked": False, "sale": None})
    return answer({"asked": True, "sale": next((one for one in told[what] if one["externalId"] == sale.uid), None)})


def view(row: Row) -> dict[str, Any]:
    sale = sales.found(row)
    return {
        "number": sale.number,
        "kind": sale.kind,
        "source": sale.source,
        "name": sale.name,
        "service": sale.service,
        "baht": sale.baht,
        "owed": sale.owed,
        "sessions": sale.sessions,
        "left": sale.left,
        "day": sale.day,
        "state": sale.state,
        "by_link": bool(sale.token),
        "may": sales.may(sale),
        **telling.view(row),
    }


def _share(source: Source, now: Sale, wanted: dict[str, Any]) -> Sale:
    """What the other person has: a course of its own at this system too."""
    name, token = (str(wanted.get(field) or "").strip() for field in ("name", "token"))
    if not 0 < len(name) <= 100 or len(token) > 100:
        raise Refused(422, "name is missing", code="booking_name")
    return replace(
        now, number=0, uid=f"{now.uid}-{now.version}", person=source.person(), name=name, phone="", token=token,
        payments="[]", sessions=SHARED, told=0, planned=0, used=0, last_used=0, shared=0, version=0,
    )  # fmt: skip


def _row(number: int) -> Row:
    row = sales.of(world().store, number)
    if row is None:
        raise Refused(404, "no such sale", code="gone")
    return row


def _whole(wanted: dict[str, Any], name: str, usual: int, most: int) -> int:
    given = wanted.get(name, usual)
    if not isinstance(given, int) or isinstance(given, bool) or not 1 <= given <= most:
        raise Refused(422, f"{name}: a whole number from 1 to {most}", code="booking_number")
    return given
