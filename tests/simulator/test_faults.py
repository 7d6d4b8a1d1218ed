"""Faults on demand: each happens where it was ordered, as often as it was ordered, and leaves nothing behind."""

import time
import uuid
from typing import Any

import httpx
import pytest

from .conftest import KEN, Product, Simulator


def order(simulator: Simulator, kind: str, on: str, **more: Any) -> None:
    simulator.sim("POST", "faults", {"kind": kind, "on": on, **more})


@pytest.mark.parametrize(
    ("kind", "status", "said"),
    [
        ("error_500", 500, "Internal Server Error"),
        ("refused_400", 400, "The request body has 1 error(s)"),
        ("rate_429", 429, "The API rate limit has been exceeded. Try again later."),
        ("quota_429", 429, "You have reached your monthly limit."),
    ],
)
def test_refusals(simulator: Simulator, kind: str, status: int, said: str) -> None:
    order(simulator, kind, "push", times=2)
    for _ in range(2):
        answer = simulator.push(KEN, "x")
        assert (answer.status_code, answer.json()["message"]) == (status, said)
        assert answer.headers["x-line-request-id"]
    assert simulator.push(KEN, "arrived").status_code == 200
    assert simulator.bot_texts(KEN) == ["arrived"]


@pytest.mark.parametrize("kind", ["hang", "refuse"])
def test_no_answer_and_nothing_done(simulator: Simulator, kind: str) -> None:
    order(simulator, kind, "push", ms=20)
    with pytest.raises(httpx.RemoteProtocolError):
        simulator.push(KEN, "x")
    assert simulator.bot_texts(KEN) == []


def test_no_answer_and_yet_done(simulator: Simulator) -> None:
    order(simulator, "timeout_after_accept", "push", ms=20)
    key = {"X-Line-Retry-Key": str(uuid.uuid4())}
    with pytest.raises(httpx.RemoteProtocolError):
        simulator.push(KEN, "once", **key)
    assert simulator.push(KEN, "once", **key).status_code == 409
    assert simulator.bot_texts(KEN) == ["once"]


def test_delay(simulator: Simulator) -> None:
    order(simulator, "delay", "/v2/bot/info", ms=150)
    began = time.monotonic()
    assert simulator.line.get("/v2/bot/message/quota").status_code == 200
    assert simulator.line.get("/v2/bot/info").status_code == 200
    assert time.monotonic() - began >= 0.15


@pytest.mark.parametrize(
    ("on", "path"),
    [("richmenu", "/v2/bot/richmenu/list"), ("richmenu", "/v2/bot/user/all/richmenu"), ("any", "/v2/bot/info")],
)
def test_where(simulator: Simulator, on: str, path: str) -> None:
    order(simulator, "error_500", on)
    if on == "richmenu":
        assert simulator.line.get("/v2/bot/info").status_code == 200
    assert simulator.line.get(path).status_code == 500
    assert simulator.line.get(path).status_code != 500


def test_of_one_account_alone(simulator: Simulator, product: Product) -> None:
    simulator.sim("POST", "channels", {
        "id": "2000000043", "secret": "another", "name": "Luna", "webhook_url": f"{product.url}/luna", "token": "hers",
    })  # fmt: skip
    order(simulator, "rate_429", "any", channel="2000000043", times=2)
    order(simulator, "duplicate", "webhook", channel="2000000043")
    luna = {"Authorization": "Bearer hers"}
    assert simulator.line.get("/v2/bot/info").status_code == 200
    assert simulator.line.get("/v2/bot/info", headers={"Authorization": "Bearer nobody's"}).status_code == 401
    assert [simulator.line.get("/v2/bot/info", headers=luna).status_code for _ in range(3)] == [429, 429, 200]
    simulator.say(KEN, "hello")
    product.next()
    assert product.nothing_for(0.2)


def test_orders_that_make_no_sense(simulator: Simulator) -> None:
    for wrong in ({"kind": "fire"}, {"kind": "hang", "on": "moon"}, {"kind": "hang", "times": "x"}):
        assert simulator.http.post("/sim/faults", json=wrong).status_code == 400
    order(simulator, "hang", "reply")
    assert len(simulator.sim("GET", "faults")["faults"]) == 1
    assert simulator.http.delete("/sim/faults").status_code == 200
    assert simulator.sim("GET", "state")["faults"] == []


def redelivered(product: Product) -> list[bool]:
    return [product.next().event["deliveryContext"]["isRedelivery"] for _ in range(2)]


@pytest.mark.parametrize(
    ("kind", "flags"),
    [
        ("duplicate", [False, False]),
        ("redeliver", [False, True]),
        ("timeout_after_accept", [False, True]),
        ("error_500", [False, True]),
    ],
)
def test_webhook_twice(simulator: Simulator, product: Product, kind: str, flags: list[bool]) -> None:
    order(simulator, kind, "webhook")
    simulator.say(KEN, "hello")
    assert redelivered(product) == flags
    assert product.nothing_for(0.2)


@pytest.mark.parametrize("kind", ["hang", "refuse"])
def test_webhook_lost_at_first(simulator: Simulator, product: Product, kind: str) -> None:
    order(simulator, kind, "webhook")
    simulator.say(KEN, "hello")
    assert product.next().event["deliveryContext"] == {"isRedelivery": True}
    webhooks = [entry for entry in simulator.sim("GET", "log")["entries"] if entry["kind"] == "webhook"]
    assert webhooks[0]["status"] == 0


def test_webhook_delayed(simulator: Simulator, product: Product) -> None:
    order(simulator, "delay", "webhook", ms=700)
    began = time.monotonic()
    simulator.say(KEN, "hello")
    assert time.monotonic() - began < 0.7  # the screen does not wait
    assert product.next().event["message"]["text"] == "hello"
    assert time.monotonic() - began >= 0.7
