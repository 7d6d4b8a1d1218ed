"""What LINE really sends on bad days, and what somebody else might: nothing is lost, nothing is said twice."""

import json
from typing import Any

import pytest

from runtime.language import Language
from tests.fixtures.waiting import eventually
from tests.payloads import GROUP, KEN, MALI, ROOM, Body, aim, all_line, load
from tests.stories.whole import Phone, Whole, held, words

TH, EN = Language("th"), Language("en")
STORED = "SELECT type, state, reason FROM inbox WHERE arrival > %s ORDER BY arrival"


@pytest.fixture
def pair(whole: Whole) -> tuple[Phone, Phone]:
    """Two members, so that their events can meet in one request."""
    people = whole.person("Mali"), whole.person("Ken")
    for person in people:
        person.follow()
        person.tap("join")
    return people


def aimed(whole: Whole, body: Body, *people: Phone) -> Body:
    """The body as if these people had just done it: the first in Mali's place, the second in Ken's."""
    names = dict(zip((MALI, KEN), (person.user_id for person in people), strict=False))
    return aim(body, destination=whole.destination, people=names, at=whole.now())


def newest(whole: Whole) -> int:
    return int(whole.rows("SELECT coalesce(max(arrival), 0) AS n FROM inbox")[0]["n"])


def post(whole: Whole, body: Body) -> list[dict[str, Any]]:
    """Posts a body that must be taken, and returns what became of its events."""
    before = newest(whole)
    assert whole.post(body) == (200, "{}")
    whole.settled()
    return whole.rows(STORED, before)


@pytest.mark.parametrize("name", all_line())
def test_every_body_is_taken_and_leaves_nothing_dead(whole: Whole, name: str) -> None:
    body = aimed(whole, load(name))
    rows = post(whole, body)
    assert {row["state"] for row in rows} <= {"done", "ignored"}
    assert all(row["reason"] for row in rows if row["state"] == "ignored")
    # Entries that are no events have no id to be made fresh by: they are known from an earlier post.
    ids = {event["webhookEventId"] for event in body["events"] if isinstance(event, dict) and "webhookEventId" in event}
    assert len(rows) >= len(ids)


def test_a_redelivered_event_is_answered_once(whole: Whole, pair: tuple[Phone, Phone]) -> None:
    mali, _ = pair
    body = aimed(whole, load("line/message-text.json"), mali)
    again = json.loads(json.dumps(body))
    again["events"][0]["deliveryContext"]["isRedelivery"] = True
    assert len(post(whole, body)) == 1
    assert post(whole, again) == []
    assert len(mali.read()) == 1


@pytest.mark.parametrize("kind", ["duplicate", "redeliver", "error_500", "timeout_after_accept"])
def test_line_s_own_repetitions_are_answered_once(whole: Whole, pair: tuple[Phone, Phone], kind: str) -> None:
    mali, _ = pair
    before = whole.last_entry()
    whole.fault(kind, "webhook", ms=100)
    assert len(mali.say("แต้ม")) == 1

    def delivered_twice() -> bool:
        entries = whole.sim("GET", "log", after=before)["entries"]
        return len([one for one in entries if one["kind"] == "webhook"]) >= 2

    eventually(delivered_twice)
    whole.settled()
    assert mali.read() == []


def test_an_event_without_an_id_is_answered_once(whole: Whole, pair: tuple[Phone, Phone]) -> None:
    mali, _ = pair
    body = aimed(whole, load("line/message-text-without-event-id.json"), mali)
    again = json.loads(json.dumps(body))
    again["events"][0]["deliveryContext"]["isRedelivery"] = True
    assert len(post(whole, body)) == 1
    assert post(whole, again) == []
    assert len(mali.read()) == 1


def test_the_same_event_twice_in_one_request_is_answered_once(whole: Whole, pair: tuple[Phone, Phone]) -> None:
    mali, _ = pair
    assert len(post(whole, aimed(whole, load("line/batch-same-event-twice.json"), mali))) == 1
    assert len(mali.read()) == 1


def test_events_of_one_person_are_answered_in_the_order_they_happened(whole: Whole, pair: tuple[Phone, Phone]) -> None:
    mali, _ = pair
    post(whole, aimed(whole, load("line/batch-out-of-order.json"), mali))
    first, second = mali.read()
    assert held(TH, 100) in words([first])
    assert TH("Points history") in words([second])


def test_a_batch_answers_each_person_in_their_own_chat(whole: Whole, pair: tuple[Phone, Phone]) -> None:
    mali, ken = pair
    post(whole, aimed(whole, load("line/batch-people.json"), mali, ken))
    assert len(mali.read()) == 2
    assert len(ken.read()) == 3


@pytest.mark.parametrize("name", ["batch-broken-event", "batch-event-without-type", "batch-odd-fields"])
def test_broken_events_do_not_take_their_neighbours_along(whole: Whole, pair: tuple[Phone, Phone], name: str) -> None:
    mali, ken = pair
    post(whole, aimed(whole, load(f"line/{name}.json"), mali, ken))
    assert held(TH, 100) in words(mali.read())
    said = words(ken.read())
    assert held(TH, 100) in said or held(EN, 100) in said  # his language is known once LINE has told it


@pytest.mark.parametrize(
    "name", ["message-text-nul", "message-text-lone-surrogate", "message-text-astral", "message-text-5000"]
)
def test_hard_texts_are_kept_whole_and_answered(whole: Whole, pair: tuple[Phone, Phone], name: str) -> None:
    mali, _ = pair
    rows = post(whole, aimed(whole, load(f"line/{name}.json"), mali))
    assert [row["state"] for row in rows] == ["done"]
    assert len(mali.read()) == 1


@pytest.mark.parametrize("name", ["message-text-standby", "follow-standby", "postback-standby", "membership-standby"])
def test_standby_is_kept_and_not_answered(whole: Whole, pair: tuple[Phone, Phone], name: str) -> None:
    mali, _ = pair
    before = whole.last_entry()
    rows = post(whole, aimed(whole, load(f"line/{name}.json"), mali))
    assert [(row["state"], row["reason"]) for row in rows] == [("ignored", "standby")]
    assert mali.read() == []
    assert whole.calls("/v2/bot/message/", after=before) == []


def test_an_unsent_message_is_forgotten(whole: Whole, pair: tuple[Phone, Phone]) -> None:
    mali, _ = pair
    body = aimed(whole, load("line/message-text-then-unsend.json"), mali)
    post(whole, body)
    message_id = body["events"][0]["message"]["id"]
    assert whole.rows("SELECT raw_sealed FROM inbox WHERE message_id = %s", message_id) == [{"raw_sealed": None}]


def test_a_message_that_comes_after_it_was_taken_back_is_neither_kept_nor_answered(
    whole: Whole, pair: tuple[Phone, Phone]
) -> None:
    mali, _ = pair
    body = aimed(whole, load("line/message-text-then-unsend.json"), mali)
    said, unsent = body["events"]
    mali.read()
    for event in (unsent, said):
        post(whole, {**body, "events": [event]})
    rows = whole.rows("SELECT raw_sealed, reason FROM inbox WHERE message_id = %s", said["message"]["id"])
    assert rows == [{"raw_sealed": None, "reason": "unsent"}]
    assert mali.read() == []


def test_a_group_is_greeted_and_its_talk_is_not_the_bot_s(whole: Whole) -> None:
    before = whole.last_entry()
    group = {GROUP: "C" + "0" * 31 + "1", ROOM: "R" + "0" * 31 + "1"}
    for name in (
        "message-text-group",
        "message-text-group-without-user",
        "message-text-room",
        "member-left",
        "leave-group",
    ):
        body = aim(load(f"line/{name}.json"), destination=whole.destination, people=group, at=whole.now())
        assert {row["state"] for row in post(whole, body)} == {"ignored"}
    assert whole.calls("/v2/bot/message/", after=before) == []


def test_the_door_refuses_what_is_not_line_s(whole: Whole, mali: Phone) -> None:
    before = newest(whole)
    body = aimed(whole, load("line/message-text.json"), mali)
    for signature in ("", "AAAA", "\u00e9"):
        assert whole.sim("POST", "events", {**body, "signature": signature})["status"] == 401
    for raw in ("{", "[]", "7", '{"events": 7}', '{"destination": "x"}', "[" * 500):
        assert whole.sim("POST", "events", {"raw": raw})["status"] == 400
    assert whole.sim("POST", "events", {"raw": '{"events": [' + " " * (2 * 1024 * 1024) + "]}"})["status"] == 413
    assert whole.post(load("line/events-empty.json"))[0] == 200
    assert newest(whole) == before
