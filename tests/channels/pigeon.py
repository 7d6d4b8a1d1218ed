"""A pretend channel: all that a new one is."""

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from channels.base import ChannelError, NoWay, Receipt, Recipient
from channels.message import Message
from models.clinics import Clinic
from models.customers import Customer
from runtime.language import Language


@dataclass(eq=False)
class Pigeon:
    """Carries the words; `fails` are raised one after the other before it flies."""

    name: str = "pigeon"
    key_life: timedelta | None = timedelta(days=1)
    fails: list[Exception] = field(default_factory=list)
    flown: list[tuple[str, str, UUID]] = field(default_factory=list)

    def address(self, session: Session, recipient: Recipient) -> str | NoWay:
        if isinstance(recipient, Customer) and recipient.display_name:
            return f"the loft of {recipient.display_name}"
        return NoWay("no_loft")

    def render(self, message: Message, clinic: Clinic, t: Language) -> bytes:
        return f"{clinic.name}: {message.plain}".encode()

    def send(self, clinic: Clinic, address: str, body: bytes, key: UUID) -> Receipt:
        if self.fails:
            raise self.fails.pop(0)
        self.flown.append((address, body.decode(), key))
        return Receipt(f"ring-{len(self.flown)}")


@dataclass
class Board:
    """A channel without a wire: whoever reads it comes to it."""

    name: str = "board"

    def address(self, session: Session, recipient: Recipient) -> str | NoWay:
        return "the board"

    def render(self, message: Message, clinic: Clinic, t: Language) -> bytes:
        return message.plain.encode()


LOST = ChannelError("a storm", permanent=False, outcome_unknown=True)
