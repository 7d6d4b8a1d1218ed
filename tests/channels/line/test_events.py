"""Reading events that nobody vouches for."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.line.events import IncomingEvent, NotUnderstood, occurred, read

SOURCE = {"type": "user", "userId": "U1"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
EVENT = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["message", "postback", "follow", "unsend", "memberJoined", "beacon"]) | JSON,
        "mode": st.sampled_from(["active", "standby"]) | JSON,
        "source": st.just(SOURCE) | JSON,
        "message": st.fixed_dictionaries({"type": st.sampled_from(["text", "sticker", "file"]) | JSON}) | JSON,
        "postback": st.fixed_dictionaries({"data": JSON}) | JSON,
        "unsend": JSON,
        "timestamp": JSON,
        "replyToken": JSON,
    },
)


@given(EVENT | JSON)
def test_any_json_is_read_or_refused_with_a_short_reason(event: Any) -> None:
    reason = ""
    try:
        assert isinstance(read(json.dumps(event).encode()), IncomingEvent)
    except NotUnderstood as refused:
        reason = str(refused)
    assert len(reason) < 40


@given(JSON)
def test_any_time_stamp_gives_a_time_or_none(stamp: Any) -> None:
    at = occurred({"timestamp": stamp})
    assert at is None or at.tzinfo is not None


def test_a_time_stamp_is_in_milliseconds() -> None:
    assert occurred({"timestamp": 1_700_000_000_123}) == datetime(2023, 11, 14, 22, 13, 20, 123_000, tzinfo=UTC)


@pytest.mark.parametrize(("mode", "reason"), [("standby", "standby"), ("future", "unknown_mode")])
def test_only_active_events_are_answered(mode: str, reason: str) -> None:
    assert read(json.dumps({"type": "follow", "mode": mode, "source": SOURCE}).encode()).hushed == reason
    assert read(json.dumps({"type": "follow", "mode": "active", "source": SOURCE}).encode()).hushed is None


def test_a_text_with_nul_and_a_lone_surrogate_is_read_whole() -> None:
    text = "a\u0000b\ud83d"
    event = {"type": "message", "source": SOURCE, "message": {"type": "text", "text": text}}
    assert read(json.dumps(event).encode()).text == text


def mention(**fields: Any) -> dict[str, Any]:
    return {"type": "user", "isSelf": True, "index": 0, "length": 5, **fields}


@pytest.mark.parametrize(
    ("text", "mentions", "words"),
    [
        ("@Aura hello", [mention()], "  hello"),
        ("😀 @Aura hello", [mention(index=3)], "😀   hello"),
        ("a@Aurab", [mention(index=1)], "a b"),
        ("@Aura and @Aura", [mention(index=10), mention()], "  and  "),
        ("@Ploy hello", [mention(isSelf=False)], "@Ploy hello"),
        ("@Ploy hello", [{"type": "user", "index": 0, "length": 5}], "@Ploy hello"),
        ("@All hello", [{"type": "all", "index": 0, "length": 4}], "@All hello"),
        ("short", [mention(index=400), mention(length=0), mention(index=-1), mention(index="0"), "x", None], "short "),
        ("\ud83d@Aura", [mention(index=1)], "\ud83d "),
    ],
)
def test_what_is_said_to_the_account_leaves_its_name_out(text: str, mentions: list[Any], words: str) -> None:
    message = {"type": "text", "text": text, "mention": {"mentionees": mentions}}
    heard = read(json.dumps({"type": "message", "source": SOURCE, "message": message}).encode())
    assert (heard.text, heard.words) == (text, words)


@given(st.text(min_size=1), JSON | st.fixed_dictionaries({"mentionees": st.lists(st.just(mention()) | JSON)}))
def test_any_mention_leaves_a_text(text: str, mentioned: Any) -> None:
    message = {"type": "text", "text": text, "mention": mentioned}
    heard = read(json.dumps({"type": "message", "source": SOURCE, "message": message}).encode())
    assert (heard.text, isinstance(heard.words, str)) == (text, True)


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff", b"[" * 20_000, b'{"a":' * 20_000])
def test_what_cannot_be_read_is_not_understood(raw: bytes) -> None:
    with pytest.raises(NotUnderstood, match="malformed"):
        read(raw)


@pytest.mark.parametrize("id_", ["a" * 201, "U\0", "U\ud83d", "U\n", "U\u202e"])
@pytest.mark.parametrize("place", ["userId", "groupId", "roomId", "replyToken"])
def test_an_id_that_is_not_kept_as_it_came_is_refused(id_: str, place: str) -> None:
    event: dict[str, Any] = {"type": "follow", "source": SOURCE}
    if place == "replyToken":
        event[place] = id_
    else:
        event["source"] = SOURCE | {place: id_}
    with pytest.raises(NotUnderstood, match="malformed"):
        read(json.dumps(event).encode())
