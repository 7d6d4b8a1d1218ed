"""Webhook bodies as LINE posts them, one file a case under `line/`, and a way to aim one at a running system.

Written from the official webhook schema; `tests/check/test_payloads.py` holds them to the official SDK's models.
"""

import copy
import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, cast

Body = dict[str, Any]

ROOT = Path(__file__).parent


def user_id(name: str) -> str:
    """The LINE user id under which a person of the tests appears in every file and in the simulator."""
    return "U" + hashlib.md5(name.encode()).hexdigest()


MALI, KEN, PLOY, SOMSAK = (user_id(name) for name in ("mali", "ken", "ploy", "somsak"))
GROUP, ROOM = ("C" + hashlib.md5(b"aura staff").hexdigest(), "R" + hashlib.md5(b"aura room").hexdigest())

# LINE's parser does not know these on purpose; what is odd about each. Everything else must be exactly what LINE says.
ODD = {
    "line/follow-standby.json": "no replyToken in standby, which the SDK's model demands",
    "line/membership-standby.json": "no replyToken in standby, which the SDK's model demands",
    "line/event-unknown-type.json": "an event type of the future",
    "line/message-unknown-type.json": "a message type of the future",
    "line/message-sticker-unknown-resource.json": "a sticker resource of the future",
    "line/message-text-extra-properties.json": "properties of the future",
    "line/message-text-unknown-mode.json": "a channel mode of the future",
    "line/message-text-unknown-source.json": "a source of the future",
    "line/message-text-without-event-id.json": "no webhookEventId",
    "line/message-text-without-text.json": "a text message without text",
    "line/batch-broken-event.json": "entries that are no objects between two good events",
    "line/batch-event-without-type.json": "events without a usable type between two good events",
    "line/batch-odd-fields.json": "fields of the wrong type between two good events",
}


def load(name: str) -> Body:
    """The body in `tests/payloads/<name>`, such as `line/follow.json`."""
    return cast("Body", json.loads((ROOT / name).read_text(encoding="utf-8")))


def all_line() -> dict[str, Body]:
    """Every LINE body by its name, in the order of the names."""
    return {name: load(name) for name in (f"line/{path.name}" for path in sorted((ROOT / "line").glob("*.json")))}


def aim(
    body: Body, *, destination: str | None = None, people: Mapping[str, str] | None = None, at: datetime | None = None
) -> Body:
    """A copy of a body that a running system has never seen.

    `destination` is the bot's user id; `people` maps user, group and room ids of the file to others. Event ids, reply
    tokens and message ids become fresh, the same old one always becoming the same new one, so that a repeated event
    stays a repetition and an unsent message stays the one that was sent. With `at` the newest event happened then and
    the others keep their distance; without it the times stay.
    """
    fresh: dict[tuple[str, str], str] = {}
    known = {str(body.get("destination")): destination} if destination else {}
    known.update(people or {})
    shift = _shift(body, at)

    def once(kind: str, old: str, make: Callable[[], str]) -> str:
        return fresh.setdefault((kind, old), make())

    def walk(node: Any, key: str, inside: str) -> Any:
        if isinstance(node, dict):
            return {name: walk(value, name, key) for name, value in node.items()}
        if isinstance(node, list):
            return [walk(value, inside, inside) for value in node]
        if isinstance(node, int) and key == "timestamp":
            return node + shift
        if not isinstance(node, str):
            return node
        if key == "webhookEventId":
            return once(
                key, node, lambda: "01" + "".join(secrets.choice("0123456789ABCDEFGHJKMNPQRSTVWXYZ") for _ in range(24))
            )
        if key == "replyToken":
            return once(key, node, lambda: secrets.token_hex(16))
        if key in {"messageId", "quotedMessageId"} or (key == "id" and inside == "message"):
            return once("message", node, lambda: str(secrets.randbelow(9 * 10**17) + 10**17))
        return known.get(node, node)

    return cast("Body", walk(copy.deepcopy(body), "", ""))


def _shift(body: Body, at: datetime | None) -> int:
    times = [
        event["timestamp"]
        for event in body["events"]
        if isinstance(event, dict) and isinstance(event.get("timestamp"), int)
    ]
    return int(at.timestamp() * 1000) - max(times) if at and times else 0
