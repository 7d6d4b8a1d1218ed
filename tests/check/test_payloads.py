"""The webhook bodies of the tests are what LINE sends: the official SDK reads each one and gives all of it back."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.payloads import KEN, MALI, ODD, Body, aim, all_line, load

BODIES = all_line()
SOUND = {name: body for name, body in BODIES.items() if name not in ODD}
MESSAGE_TYPES = {"text", "image", "video", "audio", "file", "location", "sticker"}


def read_and_give_back(event: dict[str, Any]) -> dict[str, Any]:
    """What is left of an event after a round through the SDK's models: a misspelt or invented property is not."""
    from linebot.v3.webhooks import Event

    back: dict[str, Any] = Event.from_dict(event).to_dict()
    return {name: getattr(value, "value", value) for name, value in back.items()}


def events_of(bodies: dict[str, Body]) -> list[dict[str, Any]]:
    return [event for body in bodies.values() for event in body["events"] if isinstance(event, dict)]


@pytest.mark.parametrize("name", SOUND)
def test_sound_bodies_are_line_s_own_shape(name: str) -> None:
    body = SOUND[name]
    assert set(body) == {"destination", "events"}
    assert re.fullmatch(r"U[0-9a-f]{32}", body["destination"])
    for event in body["events"]:
        assert read_and_give_back(event) == event
        assert re.fullmatch(r"01[0-9A-HJKMNP-TV-Z]{24}", event["webhookEventId"])
        assert "replyToken" not in event or event["mode"] == "active"


@pytest.mark.parametrize("name", ODD)
def test_odd_bodies_are_odd(name: str) -> None:
    survived = []
    for event in load(name)["events"]:
        try:
            survived.append(read_and_give_back(event) == event)
        except (ValueError, TypeError, KeyError, AttributeError):
            survived.append(False)
    assert not all(survived), f"{name} is sound now: take it out of ODD"


def test_every_event_class_of_the_sdk_has_a_sound_body() -> None:
    from linebot.v3.webhooks import Event

    known = set(Event._Event__discriminator_value_class_map)
    assert len(known) >= 20
    assert known - {event["type"] for event in events_of(SOUND)} == set()


def test_every_message_type_has_a_sound_body() -> None:
    from linebot.v3.webhooks import MessageContent

    assert set(MessageContent._MessageContent__discriminator_value_class_map) == MESSAGE_TYPES
    assert {event["message"]["type"] for event in events_of(SOUND) if event["type"] == "message"} == MESSAGE_TYPES


def test_no_event_or_reply_token_stands_in_two_files() -> None:
    seen: dict[str, str] = {}
    for name, body in BODIES.items():
        ids = {event.get(key) for event in events_of({name: body}) for key in ("webhookEventId", "replyToken")}
        for value in ids - {None}:
            assert seen.setdefault(str(value), name) == name


def test_the_hard_texts_are_what_their_names_say() -> None:
    def text(name: str) -> str:
        return str(load(f"line/message-text-{name}.json")["events"][0]["message"]["text"])

    assert "\0" in text("nul")
    with pytest.raises(UnicodeEncodeError):
        text("lone-surrogate").encode()
    assert len(text("5000").encode("utf-16-le")) == 10_000
    assert any(ord(letter) > 0xFFFF for letter in text("astral"))


def test_aim_makes_a_body_new_and_keeps_what_belongs_together() -> None:
    at = datetime(2026, 11, 23, 9, tzinfo=UTC)
    old = load("line/message-text-then-unsend.json")
    new = aim(old, destination="U" + "0" * 32, people={MALI: KEN}, at=at)
    said, unsent = new["events"]
    assert new["destination"] == "U" + "0" * 32
    assert said["message"]["id"] == unsent["unsend"]["messageId"] != old["events"][0]["message"]["id"]
    assert said["webhookEventId"] != old["events"][0]["webhookEventId"]
    assert {said["source"]["userId"], unsent["source"]["userId"]} == {KEN}
    assert unsent["timestamp"] == int(at.timestamp() * 1000)
    assert unsent["timestamp"] - said["timestamp"] == old["events"][1]["timestamp"] - old["events"][0]["timestamp"]
    twins = aim(load("line/batch-same-event-twice.json"))["events"]
    assert twins[0] == twins[1]


@pytest.mark.parametrize("name", BODIES)
def test_aim_keeps_the_shape(name: str) -> None:
    def shape(node: Any) -> Any:
        if isinstance(node, dict):
            return {key: shape(value) for key, value in node.items()}
        return [shape(value) for value in node] if isinstance(node, list) else type(node)

    assert shape(aim(BODIES[name])) == shape(BODIES[name])
