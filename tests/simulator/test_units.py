"""What the pretend LINE counts of what goes under one name: people, and nothing of fewer than twenty."""

from datetime import datetime, timedelta, timezone
from typing import Any

import httpx
import pytest

from simulator import units
from tests.simulator.conftest import KEN, Simulator

PAGE, OTHER = "https://aura.example/l/1", "https://aura.example/l/2"
DAY = timedelta(days=1)


def sent(simulator: Simulator, people: list[str], unit: str = "202611_a") -> None:
    """A card with a link and a text, in one request each."""
    button = {"type": "button", "action": {"type": "uri", "label": "x", "uri": PAGE}}
    bubble = {"type": "bubble", "body": {"type": "box", "layout": "vertical", "contents": [button]}}
    messages = [{"type": "flex", "altText": "card", "contents": bubble}, {"type": "text", "text": "x"}]
    for to in people:
        body = {"to": to, "messages": messages, "customAggregationUnits": [unit]}
        assert simulator.line.post("/v2/bot/message/push", json=body).status_code == 200


def ask(simulator: Simulator, unit: str = "202611_a", **changed: str) -> httpx.Response:
    today = f"{datetime.fromtimestamp(simulator.clock(), timezone(timedelta(hours=9))):%Y%m%d}"
    asked = {"customAggregationUnit": unit, "from": today, "to": today, **changed}
    return simulator.line.get("/v2/bot/insight/message/event/aggregation", params=asked)


def overview(simulator: Simulator, **more: str) -> tuple[int | None, int | None]:
    answer = ask(simulator, **more)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()["overview"]
    return told["uniqueImpression"], told["uniqueClick"]


@pytest.fixture
def people(simulator: Simulator) -> list[str]:
    made = [simulator.sim("POST", "people", {"name": f"P{number}"})["user_id"] for number in range(22)]
    for one in made:
        simulator.sim("POST", f"people/{one}/follow")
    return made


def test_people_are_counted_who_have_seen_it_or_opened_an_address(simulator: Simulator, people: list[str]) -> None:
    sent(simulator, people)
    sent(simulator, people[:1])
    assert overview(simulator) == (None, None), "nobody has looked"
    for one in people[:19]:
        simulator.chat(one)
    assert overview(simulator) == (None, None), "nineteen are too few"
    for one in people[19:21]:
        simulator.chat(one)
    assert overview(simulator) == (21, None)
    for one in [*people[:20], people[0]]:
        simulator.act(one, {"type": "uri", "uri": PAGE})
        simulator.act(one, {"type": "uri", "uri": OTHER})
        simulator.act(one, {"type": "postback", "data": "points"})
    assert overview(simulator) == (21, 20)
    told = ask(simulator).json()
    assert [(one["seq"], one["impression"], one["uniqueImpression"]) for one in told["messages"]] == [
        (1, 22, 21), (2, 22, 21),
    ]  # fmt: skip
    assert told["clicks"] == [{"seq": 1, "url": PAGE, "click": 21, "uniqueClick": 20, "uniqueClickOfRequest": 20}]
    assert told["overview"]["uniqueMediaPlayed"] is told["messages"][0]["mediaPlayed25Percent"] is None


def test_computers_and_those_who_have_blocked_the_account_are_not_counted(
    simulator: Simulator, people: list[str]
) -> None:
    at_desk = simulator.sim("POST", "people", {"name": "Office", "device": "pc"})["user_id"]
    simulator.sim("POST", f"people/{at_desk}/follow")
    simulator.sim("POST", f"people/{people[0]}/unfollow")
    sent(simulator, [*people[:20], at_desk])
    for one in [*people[:20], at_desk]:
        simulator.chat(one)
    assert overview(simulator) == (None, None)
    sent(simulator, people[20:21])
    simulator.chat(people[20])
    assert overview(simulator) == (20, None)


def test_of_another_name_and_another_day_nothing_is_told(simulator: Simulator, people: list[str]) -> None:
    body = {"to": people, "messages": [{"type": "text", "text": "x"}], "customAggregationUnits": ["202611_b"]}
    assert simulator.line.post("/v2/bot/message/multicast", json=body).status_code == 200
    for one in people:
        simulator.chat(one)
    assert overview(simulator, unit="202611_b") == (22, None)
    empty = ask(simulator, "202611_B").json()
    assert (empty["overview"]["uniqueImpression"], empty["messages"], empty["clicks"]) == (None, [], [])
    assert overview(simulator, unit="202611_b", **{"from": "20200101", "to": "20200131"}) == (None, None)


def test_what_is_seen_after_fourteen_days_is_not_counted(simulator: Simulator, people: list[str]) -> None:
    began = f"{datetime.fromtimestamp(simulator.clock(), units.ZONE):%Y%m%d}"
    sent(simulator, people)
    simulator.clock.ahead += units.COUNTED_FOR + 1
    for one in people:
        simulator.chat(one)
        simulator.act(one, {"type": "uri", "uri": PAGE})
    assert overview(simulator, **{"from": began}) == (None, None)


@pytest.mark.parametrize(
    "changed",
    [
        {"unit": "a-b"}, {"unit": "x" * 31}, {"unit": ""}, {"from": "2026-11-01"}, {"from": "20260230"}, {"to": ""},
        {"from": "20261101", "to": "20261031"}, {"from": "20261001", "to": "20261101"},
    ],
)  # fmt: skip
def test_what_line_does_not_answer(simulator: Simulator, changed: dict[str, str]) -> None:
    answer = ask(simulator, **changed)
    assert (answer.status_code, "parameter is invalid" in answer.json()["message"]) == (400, True)


def test_a_month_and_its_thirty_days_are_answered_sixty_times_an_hour(simulator: Simulator) -> None:
    for _ in range(60):
        assert ask(simulator, **{"from": "20261001", "to": "20261031"}).status_code == 200
    assert ask(simulator).status_code == 429


def test_more_names_than_line_takes_in_a_month_are_not_counted(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(units, "NAMES", 2)
    monkeypatch.setattr(units, "LEAST", 1)
    for unit in ("a", "b", "c", "a"):
        sent(simulator, [KEN], unit)
    simulator.chat(KEN)
    assert [overview(simulator, unit=unit)[0] for unit in ("a", "b", "c")] == [1, 1, None]
