"""What every booking system has in common: its address, its secret, and one event a request."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, ClassVar

from sqlalchemy.orm import object_session

from facts.told import Fact
from models.clinics import Clinic
from models.secrets import ClinicSecret
from webhooks.booking.fields import Fields
from webhooks.reading import read
from webhooks.source import Delivery, Malformed, RawEvent

TOLERANCE = timedelta(minutes=5)
"""A signature that is older when it comes is marked as late; its fact is as true."""


class Passed(Exception):
    """The event says nothing that is kept as a fact; the message is a short code of the reason."""


class System(ABC):
    """One booking system; a file for each."""

    name: ClassVar[str]
    tolerance: ClassVar[timedelta] = TOLERANCE

    @property
    def rule(self) -> str:
        return f"/webhooks/booking/<slug>/{self.name}"

    @property
    def secret_name(self) -> str:
        """Under which `flask clinics secret` keeps what the clinic shares with it."""
        return f"booking.{self.name}"

    def secret(self, clinic: Clinic) -> bytes:
        session = object_session(clinic)
        kept = session.get(ClinicSecret, (clinic.id, self.secret_name)) if session is not None else None
        return ((kept and kept.value) or "").encode()

    @abstractmethod
    def verified(self, secret: bytes, delivery: Delivery) -> bool: ...

    def events(self, delivery: Delivery) -> Sequence[RawEvent]:
        """The body is one event."""
        body = read(delivery.body, levels_above=0)
        if not isinstance(body, dict):
            raise Malformed("the body is no JSON object")
        return [self.event(body, delivery)]

    @abstractmethod
    def event(self, body: dict[str, Any], delivery: Delivery) -> RawEvent: ...

    @abstractmethod
    def facts(self, body: Fields, zone: tzinfo) -> list[Fact]:
        """What it says. Raises `Passed`, and `Wrong` where a field is missing; `zone` is the clinic's."""
        ...


def moment_of(seconds: str | None) -> datetime | None:
    """A header's whole seconds since 1970."""
    try:
        return datetime.fromtimestamp(int(seconds or ""), UTC)
    except (ValueError, OverflowError, OSError):
        return None
