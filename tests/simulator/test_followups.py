"""The desk shows what the product says of the follow-ups of whom it knows by their LINE id."""

from dataclasses import replace
from typing import Any

import pytest

from simulator.app import close_simulator, create_simulator
from simulator.config import Config

from .conftest import API_KEY, MALI, Product, Simulator

LIST = f"/api/followup/executions?customerId=ext%3Aline%3A{MALI}"


def one(name: str, status: str, due: str, settled: str | None = None) -> dict[str, Any]:
    at = settled and f"2026-12-0{settled}T07:00:00Z"
    return {"id": name, "status": status, "dueAt": f"2026-12-0{due}T07:00:00Z", "settledAt": at}


def asked(product: Product) -> str:
    method, address, headers, _ = product.asked.get(timeout=5)
    assert (method, headers["authorization"]) == ("GET", f"Bearer {API_KEY}")
    return address


def test_what_is_ahead_stands_by_its_time_and_what_is_over_by_its_newest(
    simulator: Simulator, product: Product
) -> None:
    late, soon, sent = one("a", "planned", "9"), one("b", "planned", "2"), one("c", "sent", "1")
    product.says += [(200, {"items": [late, soon], "next": None}), (200, {"items": [late, sent, soon], "next": "b"})]
    found = simulator.sim("GET", f"people/{MALI}/followups")
    assert found == {"known": True, "ahead": [soon, late], "more_ahead": False, "past": [sent], "next": "b"}
    assert [asked(product), asked(product)] == [f"{LIST}&status=planned", LIST]


def test_the_next_page_is_of_what_is_over(simulator: Simulator, product: Product) -> None:
    sent = one("c", "sent", "1")
    product.says.append((200, {"items": [one("a", "planned", "9"), sent], "next": None}))
    assert simulator.sim("GET", f"people/{MALI}/followups?before=b") == {"past": [sent], "next": None}
    assert asked(product) == f"{LIST}&before=b"


def test_of_what_is_over_the_newest_end_comes_first_whenever_it_was_planned(
    simulator: Simulator, product: Product
) -> None:
    """What was known too late has no end of its own."""
    said, moved, late = one("a", "sent", "2", "2"), one("b", "cancelled", "9", "5"), one("c", "skipped", "3")
    product.says += [(200, {"items": [], "next": None}), (200, {"items": [said, late, moved], "next": None})]
    assert simulator.sim("GET", f"people/{MALI}/followups")["past"] == [moved, late, said]


def test_more_that_is_ahead_than_a_page_is_said(simulator: Simulator, product: Product) -> None:
    product.says += [(200, {"items": [one("a", "planned", "9")], "next": "a"}), (200, {"items": [], "next": None})]
    assert simulator.sim("GET", f"people/{MALI}/followups")["more_ahead"] is True


def test_whom_the_clinic_does_not_know(simulator: Simulator, product: Product) -> None:
    product.says.append((404, {"code": "unknown_customer"}))
    found = simulator.sim("GET", f"people/{MALI}/followups")
    assert (found["known"], found["ahead"], found["past"]) == (False, [], [])


@pytest.mark.parametrize(("status", "code"), [(403, "missing_scope"), (429, "too_many_requests")])
def test_a_refusal_is_passed_on(simulator: Simulator, product: Product, status: int, code: str) -> None:
    product.says.append((status, {"code": code, "detail": "In its words."}))
    got = simulator.http.get(f"/sim/people/{MALI}/followups")
    assert (got.status_code, got.json()) == (status, {"code": code, "message": "In its words."})


def test_who_is_nobody_has_none(simulator: Simulator) -> None:
    assert simulator.http.get("/sim/people/U0/followups").status_code == 404


def test_without_a_key_it_is_said(config: Config) -> None:
    app = create_simulator(replace(config, api_key=""))
    got = app.test_client().get(f"/sim/people/{MALI}/followups")
    close_simulator(app)
    assert (got.status_code, (got.json or {})["code"]) == (503, "no_key")
