"""Whatever one value of a signed body is, its neighbours are stored and answered, and it ends with a reason."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import Aura
from models.clinics import Clinic
from models.conversations import InboxEvent
from runtime.settings import Settings
from tests.fixtures.waiting import eventually
from tests.webhooks.test_line import post
from webhooks import reading
from webhooks.reading import CUT, DEEPEST, pruned, read
from webhooks.source import Malformed
from workers.jobs import drains

VALUES = {
    "lists 990": "[" * 990 + "]" * 990,
    "lists 10,000": "[" * 10_000 + "]" * 10_000,
    "objects 990": '{"a":' * 990 + "1" + "}" * 990,
    "objects 10,000": '{"a":' * 10_000 + '"]}\\"{["' + "}" * 10_000,
    "both 5,000": '[{"a":' * 5_000 + "[]" + "}]" * 5_000,
    "wide below": "[" * 990 + "[[],[[]],{}]," * 50 + "[]" + "]" * 990,
    "digits 5,000": "7" * 5_000,
    "digits -50,000": "-" + "7" * 50_000,
    "digits 4,300": "7" * 4_300,
    "float 1e400": "1e400",
    "float -1e400": "-1e400",
    "float 1e-400": "1e-400",
    "exponent of digits": "1e" + "7" * 5_000,
    "fraction of digits": "0." + "7" * 5_000,
    "NaN": "NaN",
    "Infinity": "-Infinity",
    "NUL": '"\\u0000"',
    "half a character": '"\\ud83d"',
    "the other half": '"\\udc00 [{\\" "',
    "long": '"' + "x" * 100_000 + '"',
    "names twice": '{"type":"a","type":["b"],"id":1,"id":"\\u0000"}',
    "number": "-1",
    "true": "true",
    "null": "null",
    "text": '"x"',
    "empty": '""',
    "list": "[]",
    "object": "{}",
}
LARGE = {"lists 900,000": "[" * 900_000 + "]" * 900_000, "digits -1,000,000": "-" + "7" * 1_000_000}
FIELDS = [
    "type", "mode", "webhookEventId", "timestamp", "replyToken", "source", "source.userId", "source.groupId",
    "source.type", "message", "message.id", "message.type", "message.text", "message.mention",
    "message.mention.mentionees", "message.emojis", "deliveryContext", "unsend", "unsend.messageId", "postback",
    "postback.data", "postback.params", "other", "",
]  # fmt: skip
HOLE = "a hole for a value"


def event(number: int) -> dict[str, Any]:
    return {
        "type": "message", "mode": "active", "webhookEventId": f"EVENT{number}", "timestamp": 1_800_000_000_000,
        "replyToken": f"{number:032x}", "source": {"type": "user", "userId": f"U{number:032x}"},
        "message": {"type": "text", "id": str(number), "text": "แต้ม"},
    }  # fmt: skip


def odd(field: str, value: str, number: int) -> str:
    """An event as JSON in which this field holds that."""
    if not field:
        return value
    made: dict[str, Any] = event(number)
    if field.startswith(("unsend", "postback")):
        made["type"] = field.partition(".")[0]
    *path, last = field.split(".")
    into = made
    for name in path:
        into = into.setdefault(name, {})
    into[last] = HOLE
    return json.dumps(made).replace(f'"{HOLE}"', value)


Ended = Callable[[list[str]], dict[str, tuple[str, str | None]]]


@pytest.fixture
def ended(settings: Settings, session: Session, clinic: Clinic, make_aura: Callable[..., Aura]) -> Ended:
    """What becomes of events that come in one request, by key: state and reason."""
    session.commit()
    aura = make_aura(settings)

    def ends(events: list[str]) -> dict[str, tuple[str, str | None]]:
        body = f'{{"destination":"U0","events":[{",".join(events)}]}}'.encode()
        # A machine that is busy for a whole second is told again, as LINE does.
        eventually(lambda: post(aura.flask.test_client(), settings, body=body) == 200)
        untouched = select(InboxEvent.id).where(InboxEvent.state == "new", InboxEvent.attempts == 0).limit(1)
        while session.scalar(untouched) is not None:
            drains["chat"](aura.context)
            session.rollback()
        return {row.event_key: (row.state, row.reason) for row in session.scalars(select(InboxEvent))}

    return ends


@pytest.mark.parametrize("field", FIELDS)
def test_the_neighbours_are_answered_and_each_ends_with_a_reason(ended: Ended, field: str) -> None:
    strange = [odd(field, value, number) for number, value in enumerate(VALUES.values())]
    fates = ended([json.dumps(event(100)), *strange, json.dumps(event(101))])
    assert [fates.pop("EVENT100"), fates.pop("EVENT101")] == [("done", None)] * 2
    assert fates
    assert {state for state, _ in fates.values()} <= {"done", "ignored"}
    assert [fate for fate in fates.values() if fate == ("ignored", None)] == []


@pytest.mark.parametrize("field", ["", "message.text"])
@pytest.mark.parametrize("value", LARGE)
def test_as_much_of_it_as_a_body_may_hold_is_one_event_too(ended: Ended, field: str, value: str) -> None:
    fates = ended([json.dumps(event(100)), odd(field, LARGE[value], 1), json.dumps(event(101))])
    assert [fates.pop("EVENT100"), fates.pop("EVENT101")] == [("done", None)] * 2
    assert [state for state, _ in fates.values()] == ["done" if field else "ignored"]


@pytest.mark.parametrize("value", VALUES)
def test_the_envelope_may_hold_anything_beside_its_events(value: str) -> None:
    body = f'{{"destination":{VALUES[value]},"events":[{json.dumps(event(1))}],"more":{VALUES[value]}}}'.encode()
    assert read(body, 2)["events"] == [event(1)]


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 1_000_000, b'{"a":' * 300_000, b'["' + b'\\"' * 900_000, b'"' * 1_999_999,
        b'{"events":[' + b"]" * 100_000,
        b"\xff", b"\xff\xfe", b"[1," + b"[" * 1_000 + b"]" * 1_000 + b",]", b"7" * 5_000 + b"x", b"{'a':1}",
    ],
)  # fmt: skip
def test_what_is_no_json_is_refused_soon(body: bytes) -> None:
    began = time.perf_counter()
    with pytest.raises(Malformed):
        read(body, 2)
    assert time.perf_counter() - began < 5


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters()), inner, max_size=4),
    max_leaves=30,
)


@given(JSON, st.integers(0, 6), st.booleans())
def test_the_slow_way_reads_what_the_quick_one_reads_and_cuts_where_pruning_does(
    value: Any, levels: int, ascii_only: bool
) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only)
    assert json.loads(reading.shallow(text, levels)) == pruned(value, levels)


@pytest.mark.parametrize("depth", [DEEPEST - 1, DEEPEST, DEEPEST + 1, 400, 980, 20_000])
def test_both_ways_keep_the_same_of_an_event(depth: int) -> None:
    body = b'{"events":[' + b"[" * depth + b"]" * depth + b"]}"
    (kept,) = pruned(read(body, 2)["events"], DEEPEST + 1)
    assert json.dumps(kept).count("[") == min(depth, DEEPEST)
    assert (CUT in json.dumps(kept, ensure_ascii=False)) == (depth > DEEPEST)
