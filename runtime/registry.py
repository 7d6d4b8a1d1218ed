"""A named table that refuses duplicates and lists the known names on a miss."""

from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Unknown(LookupError):
    """A name nobody registered; the message lists the names that exist."""


class Registry(Generic[T]):
    def __init__(self, noun: str) -> None:
        self._noun = noun
        self._entries: dict[str, T] = {}

    def add(self, name: str, entry: T) -> None:
        """Raises `ValueError` when the name is taken."""
        if name in self._entries:
            raise ValueError(f"{self._noun} {name!r} is registered twice")
        self._entries[name] = entry

    def __getitem__(self, name: str) -> T:
        try:
            return self._entries[name]
        except KeyError:
            known = ", ".join(sorted(self._entries)) or "none"
            raise Unknown(f"no {self._noun} {name!r}; known: {known}") from None

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._entries))
