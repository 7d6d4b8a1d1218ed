"""What the four sources have in common: a booking as the desk keeps it, and an event as it is signed and sent."""

import copy
import secrets
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, ClassVar

BANGKOK = timezone(timedelta(hours=7))
OPEN = ("booked", "confirmed")
AFTER = {
    "book": "booked", "move": "booked", "confirm": "confirmed", "come": "come", "complete": "completed",
    "treat": "completed", "no_show": "no_show", "cancel": "cancelled",
}  # fmt: skip
"""What a booking is after a deed; another deed leaves it as it is."""


@dataclass(frozen=True)
class Service:
    """What can be booked, and what each source calls it. The demo clinic's file says the same in `booked_as`."""

    code: str
    names: dict[str, str]
    minutes: int
    number: int
    """Cal.com counts its event types; the addresses and ids of the others are made of this as well."""

    @property
    def event_type(self) -> str:
        return f"https://api.calendly.com/event_types/AURA{self.number:04}"

    @property
    def variation(self) -> str:
        return f"AURAVARIATION{self.number:011}"


SERVICES = {
    one.code: one
    for one in (
        Service("HydraFacial", {"th": "HydraFacial", "en": "HydraFacial"}, 60, 71),
        Service("Facial treatment", {"th": "ทรีตเมนต์หน้า", "en": "Facial treatment"}, 45, 72),
        Service("Laser hair removal", {"th": "เลเซอร์กำจัดขน", "en": "Laser hair removal"}, 45, 73),
        Service("Skin rejuvenation", {"th": "ฟื้นฟูผิว", "en": "Skin rejuvenation"}, 60, 74),
    )
}


PLACE, LOCATION = "Aura Clinic", "AURASIAM"
"""What the sources call the clinic's branch; its file says the same."""


@dataclass(frozen=True)
class Booking:
    """As the booking system has it. `starts_at` in seconds since 1970; `token`: what came with the link, or nothing."""

    number: int
    source: str
    uid: str
    person: str
    name: str
    phone: str
    email: str
    service: str
    starts_at: float
    token: str
    state: str
    version: int

    @property
    def what(self) -> Service:
        return SERVICES[self.service]

    @property
    def starts(self) -> datetime:
        return datetime.fromtimestamp(self.starts_at, UTC)

    @property
    def ends(self) -> datetime:
        return self.starts + timedelta(minutes=self.what.minutes)


@dataclass(frozen=True)
class Event:
    """One request: the id by which the receiver knows it again, where the source sends one, and the body."""

    id: str
    body: dict[str, Any]


class Source(ABC):
    """One booking system; a file for each."""

    name: ClassVar[str]
    deeds: ClassVar[tuple[str, ...]] = ("move", "no_show", "cancel")
    dated: ClassVar[bool] = False
    """Whether the moment of signing is signed too; only then can a signature be old."""
    asks_email: ClassVar[bool] = False
    """Whether nobody books without an e-mail address."""
    moves_to_another: ClassVar[bool] = False
    """Whether a booking that is moved has another id."""

    @abstractmethod
    def uid(self) -> str:
        """A new id of a booking."""

    def person(self) -> str:
        """A new id of somebody who books; empty where the source has none."""
        return ""

    @abstractmethod
    def events(self, deed: str, now: Booking, before: Booking | None, at: datetime) -> list[Event]:
        """What is told of a deed, in order; `before`: the booking as it was, None where it is new."""

    @abstractmethod
    def headers(self, secret: bytes, event: Event, body: bytes, url: str, at: int) -> dict[str, str]:
        """What signs the body; `at` in seconds since 1970."""

    @abstractmethod
    def place(self, event: Event) -> tuple[str, ...]:
        """Where in the body the booking's id stands."""

    def without_id(self, event: Event) -> Event:
        """The event with the booking's id missing: what no receiver can read."""
        body = copy.deepcopy(event.body)
        *path, last = self.place(event)
        inside = body
        for name in path:
            inside = inside[name]
        del inside[last]
        return Event(f"msg_{secrets.token_hex(12)}", body)


def abroad(phone: str) -> str:
    """A Thai phone as the world writes it; anything else as it was typed."""
    digits = "".join(char for char in phone if char.isdigit())
    return f"+66{digits[1:]}" if digits.startswith("0") and len(digits) in (9, 10) else phone


def zulu(at: datetime, timespec: str = "milliseconds") -> str:
    return at.astimezone(UTC).isoformat(timespec=timespec).replace("+00:00", "Z")
