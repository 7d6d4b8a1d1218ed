"""What LINE refuses, found before it is sent: one bad button would lose the whole reply.

Numbers: https://developers.line.biz/en/reference/messaging-api/ (messages, actions, Flex) as of 2026-08. The Flex sizes
are measured on the escaped JSON that goes over the wire, where a Thai letter takes six bytes: LINE does not say which
form it measures, and this one is never the smaller.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from channels.base import TooMuch
from channels.line.lengths import graphemes, utf16_units

MESSAGES = 5
ALT_TEXT = 1_500
TEXT = 5_000
BUBBLE_BYTES = 30 * 1024
CAROUSEL_BYTES = 50 * 1024
CAROUSEL_BUBBLES = 12
FLEX_LABEL = 40
LABEL = 20
POSTBACK_DATA = 300
DISPLAY_TEXT = 300
MESSAGE_TEXT = 300
URI = 1_000
CLIPBOARD_TEXT = 1_000
QUICK_REPLIES = 13
BUTTONS = 3

Measure = Callable[[str], int]
_MOST_OF_A_LETTER: Mapping[Measure, int] = {graphemes: 1, utf16_units: 2}
"""What a code point counts at most."""


class LimitExceeded(TooMuch):
    """`what` at `where` measures `actual`, and LINE (or the house) allows `limit`."""

    def __init__(self, what: str, where: str, actual: int, limit: int) -> None:
        super().__init__(f"{what} at {where}: {actual}, allowed {limit}")
        self.what, self.where, self.actual, self.limit = what, where, actual, limit


def check_messages(messages: Sequence[Mapping[str, Any]], size: int | None = None) -> None:
    """Raises LimitExceeded when LINE would refuse these messages as one answer or one push.

    `size`: their bytes as JSON, where these are known.
    """
    if not messages:
        raise LimitExceeded("no messages", "messages", 0, MESSAGES)
    _at_most("messages", "messages", len(messages), MESSAGES)
    for message in messages:
        check(message, size)


def check(message: Mapping[str, Any], size: int | None = None) -> None:
    """Raises LimitExceeded when LINE would refuse this message object, or a text in it is empty. `size` as above."""
    kind = message.get("type")
    if kind in ("text", "textV2"):
        _within("text", "text", message["text"], TEXT, utf16_units)
    if "altText" in message:
        _within("altText", "altText", message["altText"], ALT_TEXT, utf16_units)
    if kind == "flex":
        _check_flex(message["contents"], measured=size is None or size > BUBBLE_BYTES)
    elif kind == "template":
        _check_actions(message.get("template", {}), "template", LABEL)
    _check_quick_replies(message.get("quickReply"))


def _check_flex(contents: Mapping[str, Any], *, measured: bool) -> None:
    """Not `measured` where all that it is part of has fewer bytes than a bubble may have."""
    if contents["type"] != "carousel":
        _check_bubble(contents, "contents", measured=measured)
        return
    bubbles = contents["contents"]
    _at_most("bubbles", "contents", len(bubbles), CAROUSEL_BUBBLES)
    for at, bubble in enumerate(bubbles):
        _check_bubble(bubble, f"contents[{at}]", measured=measured)
    if measured:
        _at_most("carousel bytes", "contents", wire_bytes(contents), CAROUSEL_BYTES)


def _check_bubble(bubble: Mapping[str, Any], where: str, *, measured: bool) -> None:
    if measured:
        _at_most("bubble bytes", where, wire_bytes(bubble), BUBBLE_BYTES)
    _check_actions(bubble, where, FLEX_LABEL)


def wire_bytes(value: Mapping[str, Any]) -> int:
    """The bytes of `value` as JSON with everything beyond ASCII escaped, which is how it is sent."""
    return len(json.dumps(value))


def _check_quick_replies(quick: Mapping[str, Any] | None) -> None:
    if not quick:
        return
    _at_most("quick replies", "quickReply", len(quick["items"]), QUICK_REPLIES)
    for at, item in enumerate(quick["items"]):
        check_action(item["action"], f"quickReply.items[{at}].action", LABEL)


def _check_actions(part: Any, where: str, label: int) -> None:
    """Walks dicts and lists: anything under `action`, `actions` or `defaultAction` is an action."""
    if isinstance(part, list):
        for at, item in enumerate(part):
            _check_actions(item, f"{where}[{at}]", label)
        return
    if not isinstance(part, Mapping):
        return
    if part.get("type") in ("text", "span") and "text" in part:
        _within("text", f"{where}.text", part["text"], TEXT, utf16_units)
    for key, value in part.items():
        if isinstance(value, str):  # most are, and to name their place costs more than to look at the others
            continue
        inside = f"{where}.{key}"
        if key in ("action", "defaultAction"):
            check_action(value, inside, label)
        elif key == "actions":
            for at, action in enumerate(value):
                check_action(action, f"{inside}[{at}]", label)
        else:
            _check_actions(value, inside, label)


def check_action(action: Mapping[str, Any], where: str, label: int = FLEX_LABEL) -> None:
    """Raises LimitExceeded when LINE would refuse this action object, whose label may have so many characters."""
    fields: tuple[tuple[str, int, Measure], ...] = (
        ("label", label, graphemes),
        ("data", POSTBACK_DATA, utf16_units),
        ("displayText", DISPLAY_TEXT, graphemes),
        ("fillInText", DISPLAY_TEXT, graphemes),
        ("text", MESSAGE_TEXT, graphemes),
        ("uri", URI, utf16_units),
        ("clipboardText", CLIPBOARD_TEXT, utf16_units),
    )
    for field, limit, measure in fields:
        if field in action:
            _within(field, f"{where}.{field}", action[field], limit, measure)


def _within(what: str, where: str, text: str, limit: int, measure: Measure) -> None:
    if not text:
        raise LimitExceeded(f"empty {what}", where, 0, limit)
    # Clusters are a quarter of an answer's processor time where each text is cut into them, and few come near a limit.
    if len(text) * _MOST_OF_A_LETTER[measure] > limit:
        _at_most(what, where, measure(text), limit)


def _at_most(what: str, where: str, actual: int, limit: int) -> None:
    if actual > limit:
        raise LimitExceeded(what, where, actual, limit)
