"""What can be said in a LINE chat: the messages and choices of one answer."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from channels.line.limits import MESSAGES, QUICK_REPLIES, LimitExceeded
from channels.message import Action


@dataclass(frozen=True)
class Text:
    text: str


@dataclass(frozen=True)
class Card:
    """A Flex bubble or carousel. `alt` says its content in words: for the notification and for screen readers."""

    alt: str
    contents: Mapping[str, Any]


@dataclass(frozen=True)
class Sticker:
    package: str
    sticker: str


@dataclass(frozen=True)
class Drawn:
    """A message object as the channel has drawn it."""

    wire: Mapping[str, Any]


LineMessage = Text | Card | Sticker | Drawn


@dataclass(frozen=True)
class Choice:
    """A button under the newest message; `said` is what appears as the customer's own words when it is tapped."""

    label: str
    action: Action
    said: str = ""


@dataclass(frozen=True)
class Reply:
    """Up to five messages and up to thirteen choices. An empty reply is a silence and must give its reason."""

    messages: tuple[LineMessage, ...] = ()
    choices: tuple[Choice, ...] = ()
    silence: str = field(default="", kw_only=True)

    def __post_init__(self) -> None:
        if not self.messages and not self.silence:
            raise ValueError("a silent reply needs a reason")
        for what, given, limit in (("messages", self.messages, MESSAGES), ("choices", self.choices, QUICK_REPLIES)):
            if len(given) > limit:
                raise LimitExceeded(what, "reply", len(given), limit)

    def __iter__(self) -> Iterator[LineMessage]:
        return iter(self.messages)


def say(*messages: LineMessage | str, choices: tuple[Choice, ...] | list[Choice] = ()) -> Reply:
    """A reply of these messages, a plain string being a text."""
    return Reply(tuple(Text(m) if isinstance(m, str) else m for m in messages), tuple(choices))


def silence(reason: str) -> Reply:
    """No answer, with the short code that is stored instead."""
    return Reply(silence=reason)
