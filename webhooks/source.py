"""What one file gives that adds a source of events: how its requests are verified, and what in them is one event."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from models.clinics import Clinic


class Malformed(ValueError):
    """The body is no webhook of this source; the message says what was expected, never what came."""


@dataclass(frozen=True)
class RawEvent:
    """One event as it came. Nothing about it is trusted, so that a broken one is kept like its neighbours."""

    body: Any
    """Its JSON, kept as it is."""
    key: str | None
    """The source's own id of the event; None where it gives none: then the event's content tells it from others."""
    fingerprint: Any
    """What of the body is the same when the event is delivered again; used where there is no key."""
    actor: str | None
    """Who acts: events of one actor are handled in their order. None: nobody else's wait for it."""
    type: str | None
    occurred_at: datetime | None
    """When the source says it happened; None: when it came."""
    message_id: str | None = None
    takes_back: str | None = None
    """The `message_id` of what this event takes back."""
    signed_at: datetime | None = None
    """When the source signed it; None where it does not say. What was signed long ago is kept and marked."""


@dataclass(frozen=True)
class Delivery:
    """A request as it came."""

    path: str
    headers: Mapping[str, str]
    """Their names in lower case."""
    body: bytes
    query: str = ""


@runtime_checkable
class Fetching(Protocol):
    """A source that may also tell in the address alone."""

    @property
    def methods(self) -> Sequence[str]: ...


class Source(Protocol):
    """`rule` is the address as Flask writes it, with `<slug>` for the clinic."""

    @property
    def name(self) -> str: ...
    @property
    def rule(self) -> str: ...

    def secret(self, clinic: Clinic) -> bytes:
        """What the clinic shares with the source; empty where it has none, and nothing is let in then."""
        ...

    def verified(self, secret: bytes, delivery: Delivery) -> bool:
        """Whether the raw body is the source's, compared in constant time."""
        ...

    def events(self, delivery: Delivery) -> Sequence[RawEvent]:
        """Raises `Malformed`."""
        ...
