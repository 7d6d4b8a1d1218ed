"""The contract of a channel: one class that says who can be reached over it, draws a message, and carries it.

Adding a channel is adding one such class and handing it to `create_app`; the outbox and the rules know no channel.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, Protocol, runtime_checkable
from uuid import UUID

from sqlalchemy.orm import Session

from channels.message import Message
from models.access import StaffGroup
from models.clinics import Clinic
from models.customers import Customer, LineLink
from runtime.errors import NeverAgain
from runtime.language import Language
from runtime.registry import Registry

Recipient = Customer | LineLink | StaffGroup
"""A person, one of their accounts, or a group of the staff."""


Scope = Literal["request", "clinic", "channel"]


class ChannelError(Exception):
    """The message was not carried, as far as is known. Its text is kept and logged: words of ours, no provider's.

    `permanent`: the same request will never succeed. `outcome_unknown`: it may have been done all the same (a time-out
    after the request left), so only a request with a key may be repeated. `retry_after`: how long the provider asks us
    to wait. `request_id`: what the provider calls this request. `scope`: what else fares no better now: nothing, the
    clinic's other requests (its credentials or its rate were refused), or everybody's (the provider is away: no
    connection, no answer in time, an error of its own).
    """

    def __init__(
        self,
        detail: str,
        *,
        permanent: bool,
        outcome_unknown: bool = False,
        retry_after: timedelta | None = None,
        request_id: str | None = None,
        scope: Scope = "request",
    ) -> None:
        super().__init__(detail)
        self.permanent = permanent
        self.outcome_unknown = outcome_unknown
        self.retry_after = retry_after
        self.request_id = request_id
        self.scope = scope


class TooMuch(NeverAgain, ValueError):
    """More than the provider takes: found while the body is drawn, so that no send is ever refused for it."""


@dataclass(frozen=True)
class NoWay:
    """Why somebody cannot be reached over a channel: a short code that is stored."""

    reason: str


@dataclass(frozen=True)
class Receipt:
    request_id: str | None = None
    message_ids: tuple[str, ...] = ()
    """What the provider calls the messages, in their order, as far as it tells."""


class Channel(Protocol):
    """A channel without a wire (the customer's page, a call by staff): who reads it comes to it."""

    @property
    def name(self) -> str: ...

    def address(self, session: Session, recipient: Recipient) -> str | NoWay:
        """Where the recipient is reached now."""
        ...

    def render(self, message: Message, clinic: Clinic, t: Language) -> bytes:
        """The frozen body. Raises `TooMuch` for what the provider would refuse."""
        ...


@runtime_checkable
class Wired(Channel, Protocol):
    """A channel over which something is sent."""

    @property
    def key_life(self) -> timedelta | None:
        """How long the provider recognises a repeated key; None when it knows no keys: nothing is sent twice then."""
        ...

    def send(self, clinic: Clinic, address: str, body: bytes, key: UUID) -> Receipt:
        """One call, with time-outs, while no transaction is open. Raises `ChannelError`; a repeated key is no error."""
        ...


@runtime_checkable
class Texting(Wired, Protocol):
    """A channel to a phone, by a provider that each clinic chooses."""

    def carrier(self, clinic: Clinic) -> str | None:
        """By which provider; None: the clinic has none. Needs the clinic in a session."""
        ...


@runtime_checkable
class Supplied(Wired, Protocol):
    """A channel for which each clinic has an account somewhere."""

    def lacks(self, clinic: Clinic) -> tuple[str, ...] | None:
        """What is missing of its account; None: it has none. Needs the clinic in a session."""
        ...

    def knock(self, clinic: Clinic) -> bool:
        """Asks to be let in, one call, with time-outs. False where nobody says for nothing. Raises `ChannelError`."""
        ...


@runtime_checkable
class Finding(Channel, Protocol):
    """A channel that finds many people at once."""

    def addresses(self, session: Session, customers: Sequence[Customer]) -> Mapping[UUID, str | NoWay]:
        """Where each of these customers of one clinic is reached now, as `address` says it."""
        ...


@runtime_checkable
class Gathering(Channel, Protocol):
    """A channel that carries several messages as one request, which costs no more than one of them."""

    def gathered(self, bodies: Sequence[bytes]) -> list[list[int]]:
        """Which of the bodies travel together, by their places; each in one list, in their order."""
        ...

    def joined(self, bodies: Sequence[bytes]) -> bytes:
        """One body of those that travel together."""
        ...


@dataclass(frozen=True)
class Seen:
    """How many people have seen what went under one name, and opened an address in it; None: too few to be told."""

    opened: int | None
    clicked: int | None


@runtime_checkable
class Measuring(Wired, Protocol):
    """A channel whose provider counts how many people have seen what was sent under one name, and never who."""

    def unit(self, of: UUID, month: date) -> str:
        """Under which name it counts what is sent of something in that month."""
        ...

    def send(self, clinic: Clinic, address: str, body: bytes, key: UUID, unit: str | None = None) -> Receipt: ...

    def seen(self, clinic: Clinic, unit: str, since: datetime, until: datetime) -> Seen:
        """One call, with time-outs, while no transaction is open, of what was sent between these times, no more than a
        month. Raises `ChannelError`."""
        ...


@runtime_checkable
class Provided(Channel, Protocol):
    """A channel over which a clinic speaks by a provider of its own choice."""

    def serves(self, clinic: Clinic) -> bool:
        """Whether the clinic has chosen one. Needs the clinic in a session."""
        ...


def unit_of(channel: Channel, of: UUID, month: date) -> str | None:
    """None: the channel counts nothing."""
    return channel.unit(of, month) if isinstance(channel, Measuring) else None


def channels(*all_: Channel) -> Registry[Channel]:
    """Those of this process, by name."""
    registry: Registry[Channel] = Registry("channel")
    for channel in all_:
        registry.add(channel.name, channel)
    return registry


Channels = Registry[Channel]
