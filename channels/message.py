"""What may leave by more than one channel.

Buttons carry an `Action`, which is only a name with arguments: what it does is decided where it is heard
(`bot/routes.py`), so saying and hearing do not import each other.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from models.followups import Purpose
from runtime.errors import NeverAgain

Argument = str | int | UUID

DATA_LIMIT = 300
"""Longest postback data LINE takes, in characters (Messaging API reference, action objects)."""

_THAI = re.compile("[\u0e01-\u0e5b]")
_ENDS = (".", "!", "?", "…", ":")


EXECUTION = "execution"
"""The argument by which a button says under which follow-up it stood; whoever answers it is not told."""


class MalformedData(ValueError):
    """Button data that no `Action` of ours can have written."""


class TooLong(NeverAgain, ValueError):
    """More data than LINE takes in a button."""


class Action:
    """`Action("redeem", reward=id).data == "redeem?reward=…"`. Raises `TooLong`."""

    __slots__ = ("args", "name")

    def __init__(self, name: str, /, **args: Argument) -> None:
        self.name = name
        self.args: Mapping[str, str] = MappingProxyType({key: str(value) for key, value in args.items()})
        if len(self.data) > DATA_LIMIT:
            raise TooLong(f"the data of action {name!r} is longer than {DATA_LIMIT} characters")

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

    def under(self, execution_id: UUID) -> "Action":
        """The same, as a button of this follow-up."""
        return type(self)(self.name, **self.args, **{EXECUTION: execution_id.hex})

    @property
    def bare(self) -> "Action":
        """The same, under whatever it stood."""
        return type(self)(self.name, **{name: value for name, value in self.args.items() if name != EXECUTION})

    @property
    def execution_id(self) -> UUID | None:
        """Of the follow-up under which it stood, as far as the data says so: anybody can write that."""
        try:
            return UUID(hex=self.args.get(EXECUTION, ""))
        except ValueError:
            return None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Action) and self.data == other.data

    def __hash__(self) -> int:
        return hash(self.data)

    def __repr__(self) -> str:
        return f"Action({self.data!r})"


@dataclass(frozen=True)
class Paragraph:
    """One thing that is said: `lead` is the news, `text` what it means; either may be empty."""

    lead: str = ""
    text: str = ""


@dataclass(frozen=True)
class Figure:
    """A number that matters, with what it counts."""

    value: str
    label: str = ""


@dataclass(frozen=True)
class Link:
    """An address that opens, of which it is noted that it was followed: from what was said, and which of its links."""

    to: str
    execution_id: UUID
    number: int
    made: datetime


@dataclass(frozen=True)
class Button:
    """A tap: an `Action` of ours, or an address that opens."""

    label: str
    target: Action | Link | str
    quiet: bool = False
    """Words alone: a way out, beside what is asked."""


@dataclass(frozen=True)
class Answer:
    """One step of a scale that is tapped: how it is drawn (`★★☆☆☆`), what it means, and what it does."""

    mark: str
    label: str
    target: Action


@dataclass(frozen=True)
class Message:
    """A notification, a follow-up or a task, before any channel has drawn it."""

    title: str
    paragraphs: tuple[Paragraph, ...] = ()
    figures: tuple[Figure, ...] = ()
    pictures: tuple[str, ...] = ()
    """Addresses of pictures, which a channel that shows none leaves out."""
    answers: tuple[Answer, ...] = ()
    """Of a question, the best first; all of one weight."""
    note: str = ""
    """Said last, in small."""
    festive: bool = False
    """Wishes: each channel draws them as warmly as it can."""
    buttons: tuple[Button, ...] = ()
    brief: str = ""
    """The same in few words, with nothing that a stranger at the locked phone should read; empty: all of it is so."""
    subject: str = ""
    """What may be read before it is opened, of a channel that shows such a line: on a locked phone, say. Empty: no more
    than whose it is."""
    locked: str = ""
    """What a channel that shows all words on a locked phone shows there instead; empty: all of it may be read there."""
    purpose: Purpose | None = None
    """Of what is said unasked. None: an answer, a code, news of one's own account."""

    @property
    def plain(self) -> str:
        """All of it in words: an SMS, what a screen reader says, what a locked phone shows unless `locked` says it."""
        figures = (f"{figure.value} {figure.label}".strip() for figure in self.figures)
        # The first paragraph without a lead belongs to the title.
        first = [self.paragraphs[0].text] if self.paragraphs and not self.paragraphs[0].lead else []
        rest = self.paragraphs[1:] if first else self.paragraphs
        return aloud(self.title, *first, *figures, *(part for one in rest for part in (one.lead, one.text)), self.note)


Leading = Callable[[Message, str, str], Message]
"""A message, the clinic's slug and the channel's name → the message with an address of ours in the place of each link,
which leads on."""


def direct(message: Message, _slug: str, _channel: str) -> Message:
    """Each link leads there itself, and nobody hears of who follows it."""
    return led(message, lambda link: link.to)


def led(message: Message, address: Callable[[Link], str]) -> Message:
    """With an address in the place of each link."""
    buttons = tuple(
        replace(one, target=address(one.target)) if isinstance(one.target, Link) else one for one in message.buttons
    )
    return replace(message, buttons=buttons)


def aloud(*parts: str) -> str:
    """The parts as a screen reader should say them, with a pause between. Thai ends no sentence with a full stop: a new
    line is its pause.
    """
    said, thai = "", False
    for part in filter(None, (one.strip() for one in parts)):
        if said:
            said += "\n" if thai else " " if said.endswith(_ENDS) else ". "
        said, thai = said + part, _THAI.search(part) is not None
    return said
