"""The till tells the product of money as a point-of-sale system would, once for each press."""

import uuid
from dataclasses import replace
from typing import Any

import pytest

from simulator.app import close_simulator, create_simulator
from simulator.config import Config

from .conftest import API_KEY, Product, Simulator

MALI = "01a20655-0000-7000-8000-00000000000a"
"""As the product calls her."""
PAID = {"id": "0", "pointsEarned": 1200, "amount": "12000.00"}


def pay(simulator: Simulator, press: str, **more: Any) -> Any:
    bill = {"amount": "12000", "service": "HydraFacial", "press": press, **more}
    return simulator.http.post(f"/sim/till/{MALI}/payments", json=bill)


def test_a_press_is_one_payment_with_one_receipt(simulator: Simulator, product: Product) -> None:
    press = str(uuid.uuid4())
    product.says += [(200, PAID), (200, PAID)]
    for _ in range(2):
        assert pay(simulator, press).json() == PAID
        method, address, headers, told = product.asked.get(timeout=5)
        assert (method, address) == ("POST", "/api/loyalty/payments")
        assert (headers["authorization"], headers["idempotency_key"]) == (f"Bearer {API_KEY}", press)
        assert told.pop("paidAt").endswith("Z")
        assert told == {
            "customerId": MALI, "id": press, "source": "till", "amount": "12000",
            "serviceCode": "HydraFacial",
        }  # fmt: skip
    product.says.append((200, {"currentTier": "silver"}))
    shown = simulator.sim("GET", f"till/{MALI}")
    assert shown["profile"] == {"currentTier": "silver"}
    (receipt,) = shown["receipts"]
    assert (receipt["amount"], receipt["refunded"], receipt["points"]) == (12000, 0, 1200)


def test_money_goes_back_for_a_receipt(simulator: Simulator, product: Product) -> None:
    paid, back = str(uuid.uuid4()), str(uuid.uuid4())
    product.says += [(200, PAID), (200, {"refunded": "500.50"}), (200, {})]
    pay(simulator, paid)
    refund = {"receipt": 1, "amount": "500.50", "press": back}
    assert simulator.http.post(f"/sim/till/{MALI}/refunds", json=refund).status_code == 200
    product.asked.get(timeout=5)
    _, address, headers, told = product.asked.get(timeout=5)
    assert address == f"/api/loyalty/payments/ext:till:{paid}/refunds"
    assert (told["id"], told["amount"], headers["idempotency_key"]) == (back, "500.50", back)
    assert simulator.sim("GET", f"till/{MALI}")["receipts"][0]["refunded"] == 500.5
    assert simulator.http.post(f"/sim/till/{MALI}/refunds", json=refund | {"receipt": 2}).status_code == 404


def test_visits_and_codes_are_told(simulator: Simulator, product: Product) -> None:
    product.says += [(200, {}), (200, {})]
    simulator.sim("POST", f"till/{MALI}/visits", {"service": "Laser", "press": str(uuid.uuid4())})
    simulator.sim("POST", "till/codes", {"code": "7KQM 2XRA", "press": str(uuid.uuid4())})
    assert product.asked.get(timeout=5)[1] == "/api/loyalty/visits"
    assert product.asked.get(timeout=5)[1::2] == (
        "/api/loyalty/redemptions/confirm",
        product_code := {"code": "7KQM 2XRA"},
    )
    log = [entry for entry in simulator.sim("GET", "log")["entries"] if entry["kind"] == "till"]
    assert [entry["body"] for entry in log][1:] == [product_code]
    assert API_KEY not in str(log)


def test_a_refusal_is_handed_on_in_the_product_s_words(simulator: Simulator, product: Product) -> None:
    product.says += [
        (409, {"code": "redemption_used", "detail": "The code was used."}),
        (404, {"code": "unknown_card", "detail": "No such card."}),
    ]
    answer = simulator.http.post("/sim/till/codes", json={"code": "x", "press": str(uuid.uuid4())})
    assert (answer.status_code, answer.json()) == (409, {"message": "The code was used.", "code": "redemption_used"})
    answer = simulator.http.post("/sim/till/identify", json={"card": "M48291372"})
    assert (answer.status_code, answer.json()) == (404, {"message": "No such card.", "code": "unknown_card"})


def test_a_card_is_asked_about_as_it_was_typed(simulator: Simulator, product: Product) -> None:
    found = {"customerId": MALI, "firstName": "Mali", "confirm": True}
    product.says.append((200, found))
    assert simulator.sim("POST", "till/identify", {"card": "m 4829 1372"}) == found
    method, address, headers, told = product.asked.get(timeout=5)
    assert (method, address, told) == ("POST", "/api/loyalty/customers/identify", {"card": "m 4829 1372"})
    assert "idempotency_key" not in headers
    assert simulator.http.post(f"/sim/till/{MALI}x/quote", json={"amount": "1"}).status_code == 404


def test_who_stands_there_is_asked_whether_they_are_whom_the_till_knows(simulator: Simulator, product: Product) -> None:
    asked, press = {"id": MALI, "state": "asked"}, str(uuid.uuid4())
    product.says += [(201, asked), (200, asked | {"state": "tied"})]
    told = {"card": "M48291372-K7QXP", "own": "HN-1001", "press": press}
    assert simulator.sim("POST", "till/ties", told) == asked
    method, address, headers, said = product.asked.get(timeout=5)
    assert (method, address, headers["idempotency_key"]) == ("POST", "/api/loyalty/ties", press)
    assert said == {"externalId": "ext:till:HN-1001", "card": "M48291372-K7QXP"}
    assert simulator.sim("GET", f"till/ties/{MALI}")["state"] == "tied"
    assert product.asked.get(timeout=5)[:2] == ("GET", f"/api/loyalty/ties/{MALI}")


@pytest.mark.parametrize("wrong", [{"press": "1"}, {"amount": "-5"}, {"amount": "1.005"}, {"amount": "NaN"}])
def test_nonsense_does_not_leave_the_till(simulator: Simulator, product: Product, wrong: dict[str, str]) -> None:
    assert pay(simulator, **{"press": str(uuid.uuid4()), **wrong}).status_code in {400, 422}
    assert product.asked.empty()


def test_without_a_key_it_says_so(config: Config) -> None:
    app = create_simulator(replace(config, api_key=""))
    client = app.test_client()
    assert client.get("/sim/till").get_json()["key"] is False
    answer = client.post(f"/sim/till/{MALI}/quote", json={"amount": "1"})
    assert (answer.status_code, (answer.get_json() or {})["code"]) == (503, "no_key")
    close_simulator(app)
