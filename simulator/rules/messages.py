"""The message objects of a send request."""

import re
from typing import Any

from simulator.answers import Refused, errors_in_body
from simulator.rules import flex
from simulator.rules.actions import quick_reply_action
from simulator.rules.checks import (
    Field,
    Findings,
    Path,
    anything,
    array,
    by_type,
    fields,
    https,
    integer,
    number,
    one_of,
    pattern,
    shape,
    text,
)
from simulator.rules.templates import IMAGEMAP, template

MESSAGES = 5
# The packages that bots may send (LINE's sticker list).
STICKER_PACKAGES = (
    "446", "789", "1070", "6136", "6325", "6359", "6362", "6370", "6632", "8515", "8522", "8525", "11537", "11538",
    "11539",
)  # fmt: skip


def _sender_name(findings: Findings, path: Path, value: Any) -> None:
    text(20)(findings, path, value)
    if isinstance(value, str) and re.search(r"\bLINE\b", value, re.IGNORECASE):
        findings.bad(path, "contains a word that may not be used")


_quick_item = shape({"type": one_of("action"), "imageUrl": https, "action": quick_reply_action}, ("type", "action"))
_COMMON: dict[str, Field] = {
    "type": anything,
    "quickReply": shape({"items": array(_quick_item, 1, 13)}, ("items",)),
    "sender": shape({"name": _sender_name, "iconUrl": https}),
}
_quote = text(1000)
_emoji_ids: dict[str, Field] = {"productId": text(100), "emojiId": text(100)}
_emojis = array(shape({"index": integer(0, 5000), **_emoji_ids}, ("index", "productId", "emojiId")), 0, 20)


def _text(findings: Findings, path: Path, value: Any) -> None:
    known: dict[str, Field] = {"text": text(5000), "emojis": _emojis, "quoteToken": _quote}
    fields(findings, path, value, _COMMON | known, ("text",))
    words, emojis = value.get("text"), value.get("emojis")
    if not isinstance(words, str) or not isinstance(emojis, list):
        return
    units = words.encode("utf-16-le", "surrogatepass")
    for at, emoji in enumerate(emojis):
        index = emoji.get("index") if isinstance(emoji, dict) else None
        if isinstance(index, int) and units[2 * index : 2 * index + 2] != b"$\0":
            findings.bad((*path, "emojis", at, "index"), "must point at a $ in the text")


_substitution = by_type(
    {
        "mention": shape(
            {
                "type": anything,
                "mentionee": by_type(
                    {
                        "user": shape({"type": anything, "userId": text(33)}, ("userId",)),
                        "all": shape({"type": anything}),
                    }
                ),
            },
            ("mentionee",),
        ),
        "emoji": shape({"type": anything, **_emoji_ids}, ("productId", "emojiId")),
    }
)


def _text_v2(findings: Findings, path: Path, value: Any) -> None:
    known: dict[str, Field] = {"text": text(5000), "substitution": anything, "quoteToken": _quote}
    fields(findings, path, value, _COMMON | known, ("text",))
    given, words = value.get("substitution") or {}, value.get("text")
    if not isinstance(given, dict) or len(given) > 100:
        findings.bad((*path, "substitution"), "Size must be between 0 and 100")
        return
    for key, one in given.items():
        if not re.fullmatch(r"[0-9A-Za-z_]{1,20}", key):
            findings.bad((*path, "substitution", key), "must match ^[0-9A-Za-z_]{1,20}$")
        _substitution(findings, (*path, "substitution", key), one)
    kinds = [one.get("type") for one in given.values() if isinstance(one, dict)]
    if kinds.count("mention") > 20 or kinds.count("emoji") > 20:
        findings.bad((*path, "substitution"), "at most 20 mentions and 20 emojis")
    if isinstance(words, str):
        plain = words.replace("{{", "").replace("}}", "")
        for name in re.findall(r"\{([^{}]*)\}", plain):
            if name not in given:
                findings.bad((*path, "text"), f"no substitution for {{{name}}}")
        if re.search(r"[{}]", re.sub(r"\{[^{}]*\}", "", plain)):
            findings.bad((*path, "text"), "a brace must be doubled or belong to a substitution")


def _flex(findings: Findings, path: Path, value: Any) -> None:
    fields(findings, path, value, _COMMON | {"altText": _alt, "contents": anything}, ("altText", "contents"))


def _message(known: dict[str, Field], *required: str) -> Field:
    return shape(_COMMON | known, required)


_alt = text(1500)
_PAIR: dict[str, Field] = {"originalContentUrl": https, "previewImageUrl": https}
_message_object = by_type(
    {
        "text": _text,
        "textV2": _text_v2,
        "sticker": _message(
            {"packageId": one_of(*STICKER_PACKAGES), "stickerId": pattern(r"\d{1,20}", "not a number"),
             "quoteToken": _quote},
            "packageId", "stickerId",
        ),
        "image": _message(_PAIR, "originalContentUrl", "previewImageUrl"),
        "video": _message(
            _PAIR | {"trackingId": pattern(r"[A-Za-z0-9\-.=,+*()%$&;:@{}!?<>\[\]]{1,100}", "invalid trackingId")},
            "originalContentUrl", "previewImageUrl",
        ),
        "audio": _message(
            {"originalContentUrl": https, "duration": integer(1, 2**53)}, "originalContentUrl", "duration"
        ),
        "location": _message(
            {
                "title": text(100),
                "address": text(100),
                "latitude": number(-90, 90),
                "longitude": number(-180, 180),
            },
            "title", "address", "latitude", "longitude",
        ),
        "imagemap": _message(IMAGEMAP | {"altText": _alt}, "baseUrl", "altText", "baseSize", "actions"),
        "template": _message({"altText": _alt, "template": template}, "altText", "template"),
        "flex": _flex,
        "coupon": _message({"couponId": text(100), "deliveryTag": text(30)}, "couponId"),
    }
)  # fmt: skip
_messages = array(_message_object, 1, MESSAGES)


def checked_messages(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The request's messages. Raises Refused 400 with every place that LINE would object to."""
    findings = Findings()
    _messages(findings, ("messages",), body.get("messages", []))
    if findings.found:
        raise errors_in_body(findings.dotted())
    messages: list[dict[str, Any]] = body["messages"]
    for at, message in enumerate(messages):
        if message["type"] == "flex":
            findings = Findings()
            flex.container(findings, message["contents"])
            if findings.found:
                raise Refused(400, f"A message (messages[{at}]) in the request body is invalid", findings.pointers())
    return messages
