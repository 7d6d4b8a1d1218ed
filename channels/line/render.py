"""What was said, as the message objects that LINE takes."""

import json
from typing import Any

from channels.line.lengths import truncate_words
from channels.line.limits import ALT_TEXT, check_messages
from channels.line.messages import Card, Choice, Drawn, LineMessage, Reply, Sticker, Text
from channels.message import Action


def freeze(reply: Reply) -> bytes:
    """The reply as it will be sent, once or again. Raises `LimitExceeded` for what LINE would refuse."""
    objects = wire(reply)
    body = json.dumps(objects).encode()
    check_messages(objects, len(body))
    return body


def wire(reply: Reply) -> list[dict[str, Any]]:
    """LINE's message objects for a reply; its choices go with the last message, where LINE shows quick replies."""
    objects = [_object(message) for message in reply.messages]
    if reply.choices:
        objects[-1]["quickReply"] = {"items": [_quick_reply(choice) for choice in reply.choices]}
    return objects


def drawn_before(body: bytes) -> list[Drawn]:
    """The messages of a frozen body, as parts of an answer."""
    return [Drawn(each) for each in json.loads(body)]


def postback(action: Action, label: str, said: str = "") -> dict[str, Any]:
    """A postback action object. `said` appears in the chat as the customer's own words."""
    return {"type": "postback", "label": label, "data": action.data, **({"displayText": said} if said else {})}


def _object(message: LineMessage) -> dict[str, Any]:
    match message:
        case Text(text):
            return {"type": "text", "text": text}
        case Card(alt, contents):
            return {"type": "flex", "altText": truncate_words(alt, ALT_TEXT), "contents": dict(contents)}
        case Sticker(package, sticker):
            return {"type": "sticker", "packageId": package, "stickerId": sticker}
        case Drawn(object_):
            return dict(object_)


def _quick_reply(choice: Choice) -> dict[str, Any]:
    return {"type": "action", "action": postback(choice.action, choice.label, choice.said or choice.label)}
