"""What can be said, independent of the channel that will say it.

A handler returns a `Reply`; a channel turns it into its own wire format. Buttons carry an `Action`, which is only a
name with arguments: what it does is decided where it is heard (`bot/routes.py`), so saying and hearing do not import
each other.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

Argument = str | int | UUID

DATA_LIMIT = 300
"""Longest postback data LINE takes, in characters (Messaging API reference, action objects)."""


class MalformedData(ValueError):
    """Button data that no `Action` of ours can have written."""


class Action:
    """`Action("redeem", reward=id).data == "redeem?reward=…"`. Raises `ValueError` for more than LINE takes."""

    __slots__ = ("args", "name")

    def __init__(self, name: str, /, **args: Argument) -> None:
        self.name = name
        self.args: Mapping[str, str] = MappingProxyType({key: str(value) for key, value in args.items()})
        if len(self.data) > DATA_LIMIT:
            raise ValueError(f"the data of action {name!r} is longer than {DATA_LIMIT} characters")

    @property
    def data(self) -> str:
        return f"{self.name}?{urlencode(self.args)}" if self.args else self.name

    @classmethod
    def parse(cls, data: str) -> "Action":
        """The action that wrote `data`. Raises `MalformedData` for anything else."""
        name, _, query = data.partition("?")
        try:
            pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=True, max_num_fields=20) if query else []
            args = dict(pairs)
            if not name or len(args) != len(pairs):
                raise ValueError("a nameless action, or an argument given twice")
            return cls(name, **args)
        except (ValueError, TypeError) as error:
            raise MalformedData(str(error)) from error

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Action) and self.data == other.data

    def __hash__(self) -> int:
        return hash(self.data)

    def __repr__(self) -> str:
        return f"Action({self.data!r})"


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


Message = Text | Card | Sticker


@dataclass(frozen=True)
class Choice:
    """A button under the newest message; `said` is what appears as the customer's own words when it is tapped."""

    label: str
    action: Action
    said: str = ""


@dataclass(frozen=True)
class Reply:
    """Up to five messages and up to thirteen choices. An empty reply is a silence and must give its reason."""

    messages: tuple[Message, ...] = ()
    choices: tuple[Choice, ...] = ()
    silence: str = field(default="", kw_only=True)

    def __post_init__(self) -> None:
        if not self.messages and not self.silence:
            raise ValueError("a silent reply needs a reason")
        if len(self.messages) > 5 or len(self.choices) > 13:
            raise ValueError("LINE takes at most five messages and thirteen choices")

    def __iter__(self) -> Iterator[Message]:
        return iter(self.messages)


def say(*messages: Message | str, choices: tuple[Choice, ...] | list[Choice] = ()) -> Reply:
    """A reply of these messages, a plain string being a text."""
    return Reply(tuple(Text(m) if isinstance(m, str) else m for m in messages), tuple(choices))


def silence(reason: str) -> Reply:
    """No answer, with the short code that is stored instead."""
    return Reply(silence=reason)
