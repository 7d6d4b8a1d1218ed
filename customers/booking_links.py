"""The booking link that a customer is given in the chat: the booking that comes back by it is theirs, without a code.

The address carries a token of the customer's id and a last day, under a keyed hash. It says nothing about a person to
whoever reads it, and leads to nobody but the customer to whom it was given.
"""

import base64
import binascii
import hmac
from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit
from uuid import UUID

from sqlalchemy.orm import Session

from customers import cards
from customers.people import vault_of
from models.clinics import Clinic
from models.customers import Customer

LIFE = timedelta(days=30)
_EPOCH = date(2020, 1, 1)
_HASH = 12
"""Bytes of the hash: nobody can try enough of them."""
_PLACES = {"cal.com": "metadata[aura]", "calendly.com": "utm_content"}
"""Where a system gives back what a link carries; any other has it in `reference`."""


def of_clinic(session: Session, customer: Customer, now: datetime) -> str | None:
    """The clinic's booking address for this customer; None where the clinic's file has none."""
    address = customer.clinic.settings.links.booking
    return link(session, customer, address, now) if address else None


def link(session: Session, customer: Customer, address: str, now: datetime) -> str:
    """The clinic's booking address, for this customer. What the address has of its own stays."""
    parts = urlsplit(address)
    host = (parts.hostname or "").lower()
    place = next((place for domain, place in _PLACES.items() if host == domain or host.endswith(f".{domain}")), None)
    query = [*parse_qsl(parts.query, keep_blank_values=True), (place or "reference", token(session, customer, now))]
    return urlunsplit(parts._replace(query=urlencode(query)))


def token(session: Session, customer: Customer, now: datetime) -> str:
    """The same all day, so that what is shown twice is the same."""
    days = ((now.astimezone(UTC) + LIFE).date() - _EPOCH).days
    said = customer.id.bytes + days.to_bytes(3, "big")
    return base64.urlsafe_b64encode(said + _signature(session, customer.clinic_id, said)).decode().rstrip("=")


def holder(session: Session, clinic: Clinic, told: str, booked_at: datetime) -> Customer | None:
    """To whom it was given, as they stand today; None for what we did not give, or what had ended when it was used."""
    try:
        raw = base64.urlsafe_b64decode(told + "=" * (-len(told) % 4))
    except (binascii.Error, ValueError):
        return None
    said, signature = raw[:-_HASH], raw[-_HASH:]
    if len(said) != 19 or not hmac.compare_digest(signature, _signature(session, clinic.id, said)):
        return None
    if booked_at.astimezone(UTC).date() > _EPOCH + timedelta(days=int.from_bytes(said[16:], "big")):
        return None
    return cards.today(session, session.get(Customer, (UUID(bytes=said[:16]), clinic.id)))


def _signature(session: Session, clinic_id: UUID, said: bytes) -> bytes:
    return vault_of(session).index(clinic_id, "booking_link", said.hex())[:_HASH]
