"""Bills and courses at the booking desk: told as each source does, really signed, and what may go wrong."""

from typing import Any

import pytest

from tests.simulator.conftest import Product, Simulator
from tests.simulator.test_booking import book, config, rightly_signed, shape, told, within
from tests.webhooks.booking import payloads

__all__ = ["config"]

DEEDS: dict[tuple[str, str], dict[str, list[str]]] = {
    ("standard", "invoice"): {
        "due_moved": ["invoice.due_moved"], "pay_part": ["invoice.paid"], "pay": ["invoice.paid"],
        "refund": ["invoice.refunded"] * 2,
    },
    ("standard", "course"): {
        "plan": ["course.planned"], "use": ["course.used"], "give_back": ["course.given_back"],
        "freeze": ["course.frozen"], "resume": ["course.resumed"], "share": ["course.shared"], "end": ["course.ended"],
        "extend": ["course.extended"], "refund": ["course.refunded"],
    },
    ("square", "invoice"): {
        "due_moved": ["invoice.updated"], "pay_part": ["payment.updated", "invoice.payment_made"],
        "pay": ["payment.updated", "invoice.payment_made"], "refund": ["refund.updated"] * 2 + ["invoice.refunded"],
    },
}  # fmt: skip
NAMES = {
    "invoice.created": ("standard_invoices", "created"),
    "invoice.due_moved": ("standard_invoices", "due_moved"),
    "invoice.refunded": ("standard_invoices", "refunded"),
    "course.sold": ("standard_courses", "sold"),
    "course.shared": ("standard_courses", "shared"),
    "course.refunded": ("standard_courses", "refunded"),
    "invoice.published": ("square_invoices", "published"),
}
"""What is documented of some."""


def post(simulator: Simulator, path: str, **wanted: Any) -> dict[str, Any]:
    answered = simulator.http.post(f"/sim/booking/{path}", json=wanted)
    assert answered.status_code == 200, answered.text
    return dict(answered.json())


def sell(simulator: Simulator, product: Product, source: str, kind: str, **more: Any) -> dict[str, Any]:
    booking = book(simulator, source)
    product.next()
    return post(simulator, f"{booking['number']}/sell", kind=kind, **more)


def heard(product: Product, source: str) -> list[dict[str, Any]]:
    bodies = []
    while not product.heard.empty():
        one = product.next()
        assert rightly_signed(source, one)
        bodies.append(told(one))
    return bodies


@pytest.mark.parametrize(("source", "kind"), list(DEEDS))
def test_each_deed_is_told_signed_and_as_documented(
    simulator: Simulator, product: Product, source: str, kind: str
) -> None:
    sale = sell(simulator, product, source, kind)
    assert sale["status"] == 200
    bodies = heard(product, source)
    for deed, kinds in DEEDS[source, kind].items():
        assert deed in sale["may"], (deed, sale)
        sale = post(simulator, f"sales/{sale['number']}/{deed}", name="กานดา")
        said = heard(product, source)
        assert [one["type"] for one in said] == kinds
        bodies += said
    assert sale["may"] == []
    for body in bodies:
        if source == "square" and body["type"] == "invoice.refunded":
            continue
        if body["type"] in NAMES:
            file, name = NAMES[body["type"]]
            assert within(shape(payloads(file)[name]), body), body
    refused = simulator.http.post(f"/sim/booking/sales/{sale['number']}/refund", json={})
    assert (refused.status_code, refused.json()["code"]) == (409, "booking_over")


def test_what_is_shared_is_another_course_at_the_desk(simulator: Simulator, product: Product) -> None:
    sale = sell(simulator, product, "standard", "course", sessions=5)
    assert post(simulator, f"sales/{sale['number']}/share", name="กานดา", token="a-token")["left"] == 3
    *_, body = heard(product, "standard")
    theirs, ours = simulator.http.get("/sim/booking").json()["sales"]
    assert (theirs["name"], theirs["left"], ours["left"]) == ("กานดา", 2, 3)
    assert body["data"]["to"]["reference"] == "a-token"
    post(simulator, f"sales/{theirs['number']}/use")
    assert told(product.next())["data"]["id"] == body["data"]["sharedAs"]


@pytest.mark.parametrize("source", ["standard", "square"])
def test_it_may_be_told_twice_out_of_order_or_broken(simulator: Simulator, product: Product, source: str) -> None:
    sale = sell(simulator, product, source, "invoice", way="twice")
    assert len({str(one) for one in heard(product, source)}) == 1
    waiting = post(simulator, f"sales/{sale['number']}/due_moved", way="swapped")
    assert waiting["waits"]
    assert product.heard.empty()
    post(simulator, f"sales/{sale['number']}/void")
    assert [one["type"].partition(".")[2] for one in heard(product, source)] == [
        "void" if source == "standard" else "canceled",
        "due_moved" if source == "standard" else "updated",
    ]
    sale = sell(simulator, product, source, "invoice", way="missing_field")
    [body] = heard(product, source)
    inside = body["data"] if source == "standard" else body["data"]["object"]["invoice"]
    assert "id" not in inside
    post(simulator, f"sales/{sale['number']}/again")
    [body] = heard(product, source)
    assert (body["data"] if source == "standard" else body["data"]["object"]["invoice"])["id"]


def test_what_a_source_does_not_sell_is_refused(simulator: Simulator, product: Product) -> None:
    for source, kind in (("square", "course"), ("calcom", "invoice"), ("standard", "house")):
        booking = book(simulator, source)
        refused = simulator.http.post(f"/sim/booking/{booking['number']}/sell", json={"kind": kind})
        assert (refused.status_code, refused.json()["code"]) == (409, "booking_sells_none")
    booking = book(simulator, "standard")
    for wrong in ({"baht": 0}, {"sessions": "many"}, {"baht": 10_000_000}):
        wanted = {"kind": "course", **wrong}
        assert simulator.http.post(f"/sim/booking/{booking['number']}/sell", json=wanted).status_code == 422
