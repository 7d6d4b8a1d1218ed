"""One LINE event, read from its raw JSON without trusting any of it.

The SDK's parser is not used here: it drops what it does not know and one odd event fails its whole request.
Event fields: developers.line.biz/en/reference/messaging-api#webhook-event-objects.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from channels.line.ids import keeps

BARE = frozenset({"follow", "unfollow", "join", "leave", "unsend"})
"""LINE's event types of which nothing more is read."""
MESSAGES = frozenset({"text", "sticker", "location", "audio", "image", "video", "file"})
LATEST = datetime(2100, 1, 1, tzinfo=UTC)


class NotUnderstood(Exception):
    """The event is kept but not answered; the argument is the short reason that is stored."""


@dataclass(frozen=True)
class IncomingEvent:
    """What LINE tells of a person or a group. `event_type` is one that `bot.routes.Hear` offers, or `unsend`."""

    event_type: str
    user_id: str | None = None
    group_id: str | None = None
    """The group or room it happened in; None in a chat of two."""
    reply_token: str | None = None
    text: str = ""
    """A message's text as it was sent."""
    words: str = ""
    """The text without mentions of the account that hears it: what was said to it."""
    to_others: bool = False
    """Whether it was written to somebody by name, and not to the account."""
    to_us: bool = False
    """Whether it was written to the account by its name."""
    mentioned: tuple[str, ...] = ()
    """Ids of the people who are named in it, as far as LINE tells them."""
    quoted: str | None = None
    """LINE's id of the message that this one quotes."""
    members: tuple[str, ...] = ()
    """Ids of those who came into the group, or left it."""
    data: str = ""
    """A tapped button's data."""
    params: Mapping[str, str] | None = None
    """What a date picker or a menu switch adds to its button."""
    hushed: str | None = None
    """Why nothing may be said to it; None when it may. In `standby` another module of the account is speaking."""


def read(raw: bytes) -> IncomingEvent:
    """Raises `NotUnderstood` for events of no interest and for what LINE would never send."""
    try:
        event = _mapping(json.loads(raw), "malformed")
    except (ValueError, RecursionError) as error:
        raise NotUnderstood("malformed") from error
    mode = event.get("mode", "active")
    source = _mapping(event.get("source"), "no_source")
    common: dict[str, Any] = {
        "user_id": _id(source, "userId"),
        "group_id": _id(source, "groupId") or _id(source, "roomId"),
        "reply_token": _id(event, "replyToken"),
        "hushed": None if mode == "active" else "standby" if mode == "standby" else "unknown_mode",
    }
    type_ = _text(event, "type")
    if type_ in BARE:
        return IncomingEvent(type_, **common)
    match type_:
        case "memberJoined":
            return IncomingEvent("member_joined", members=_people(event.get("joined"), "members"), **common)
        case "memberLeft":
            return IncomingEvent("member_left", members=_people(event.get("left"), "members"), **common)
        case "postback":
            postback = _mapping(event.get("postback"), "malformed")
            params = postback.get("params")
            return IncomingEvent(
                "postback",
                data=_text(postback, "data") or "",
                params={str(k): str(v) for k, v in params.items()} if isinstance(params, Mapping) else None,
                **common,
            )
        case "message":
            message = _mapping(event.get("message"), "malformed")
            kind = _text(message, "type")
            if kind not in MESSAGES:
                raise NotUnderstood(common["hushed"] or "unanswered_message_type")
            text = _text(message, "text") or ""
            mentions = _mentions(message)
            own = [span for span in map(_own_span, mentions) if span is not None]
            words, to_others = _without(text, own), bool(mentions) and not own
            named = _people(message.get("mention"), "mentionees") if len(own) < len(mentions) else ()
            return IncomingEvent(
                kind, text=text, words=words, to_others=to_others, to_us=bool(own), mentioned=named,
                quoted=_id(message, "quotedMessageId"), **common,
            )  # fmt: skip
        case _:
            raise NotUnderstood(common["hushed"] or "unanswered_event_type")


def group_of(raw: bytes) -> str | None:
    """The group or room that an event of any type happened in, as far as it can be read."""
    try:
        source = _mapping(_mapping(json.loads(raw), "malformed").get("source"), "no_source")
        return _id(source, "groupId") or _id(source, "roomId")
    except (ValueError, RecursionError, NotUnderstood):
        return None


def occurred(event: Any) -> datetime | None:
    """When LINE says it happened; None if it says nothing that can be."""
    stamp = event.get("timestamp") if isinstance(event, Mapping) else None
    if isinstance(stamp, int) and not isinstance(stamp, bool) and 0 < stamp < LATEST.timestamp() * 1000:
        return datetime.fromtimestamp(stamp / 1000, UTC)
    return None


def _mentions(message: Mapping[str, Any]) -> list[Any]:
    mention = message.get("mention")
    mentionees = mention.get("mentionees") if isinstance(mention, Mapping) else None
    return mentionees if isinstance(mentionees, list) else []


def _people(value: object, key: str) -> tuple[str, ...]:
    """The ids of a list of people, without the account's own and without those that LINE does not tell."""
    listed = value.get(key) if isinstance(value, Mapping) else None
    people = [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []
    return tuple(id_ for one in people if one.get("isSelf") is not True and (id_ := _id(one, "userId")) is not None)


def _without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """LINE gives the place of a mention in UTF-16 units; a space stays there, so that words do not grow together."""
    units = text.encode("utf-16-le", "surrogatepass")
    for start, end in sorted(spans, reverse=True):
        units = units[: 2 * start] + " ".encode("utf-16-le") + units[2 * end :]
    return units.decode("utf-16-le", "surrogatepass")


def _own_span(mentionee: object) -> tuple[int, int] | None:
    """From and to, in UTF-16 units; None for a mention of somebody else, and for what LINE would never send."""
    match mentionee:
        case {"isSelf": True, "index": int(index), "length": int(length)} if index >= 0 and length > 0:
            return index, index + length
        case _:
            return None


def _mapping(value: object, reason: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise NotUnderstood(reason)
    return value


def _text(value: Mapping[str, Any], key: str) -> str | None:
    found = value.get(key)
    return found if isinstance(found, str) and found else None


def _id(value: Mapping[str, Any], key: str) -> str | None:
    found = _text(value, key)
    if found is not None and not keeps(found):
        raise NotUnderstood("malformed")
    return found
