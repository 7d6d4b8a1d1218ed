"""What may leave by more than one channel.

Buttons carry an `Action`, which is only a name with arguments: what it does is decided where it is heard
(`bot/routes.py`), so saying and hearing do not import each other.
"""

from collections.abc import Mapping
from types import MappingProxyType
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
