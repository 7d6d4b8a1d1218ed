"""Whom a booking system means. It knows people by ids of its own, or only by what they typed."""

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from customers import cards, contacts, families, names, ties
from customers.people import identify, known_as, new_customer
from customers.voice import without_title
from models.clinics import Clinic
from models.customers import Customer
from runtime.codes import folded

_APART = re.compile(r"[\s().\-/]+")
_NUMBER = re.compile(r"\+?[0-9]{8,15}")
_ABROAD = re.compile("^00(?=[1-9])")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,180}\.[^@\s.]{2,24}")


@dataclass(frozen=True)
class Told:
    """What a source says of a person; a phone and an address in the one spelling, or None where it is none."""

    source: str
    id: str | None
    name: str | None
    phone: str | None
    email: str | None


def told(source: str, id_: str | None, name: str | None, phone: str | None, email: str | None) -> Told | None:
    """None where nothing of it tells one person from another."""
    words = " ".join((name or "").split())[:200] or None
    read = Told(source, id_, words, phone_of(phone or ""), email_of(email or ""))
    return read if read.id or read.phone or read.email else None


def met(session: Session, clinic: Clinic, told: Told, now: datetime) -> Customer:
    """The customer: known to the source by its id; where it has none, the one whom the same source meant by the same
    contact and name; else the one who has proved this contact and has this name. Nobody is found by a contact alone: a
    family may share one. A name that is known is never changed by it; one that is not is known from then on.
    """
    kind = _kind(told)
    if told.id is not None:
        found = cards.today(session, known_as(session, clinic, kind, told.id))
    else:
        found = next(iter(typed(session, clinic, told)), None) or _proved(session, clinic, told)
    if found is None:
        found = new_customer(session, clinic, now)
    if told.name is not None and found.display_name is None:
        names.call(session, found, told.name)
    _known_by(session, clinic, found, told)
    if told.phone is not None:
        families.told(session, found, "phone", told.phone, source=told.source, now=now)
    if told.email is not None:
        families.told(session, found, "email", told.email, source=told.source, now=now)
    return found


def phone_of(text: str) -> str | None:
    """A phone as somebody typed it, in the one spelling; None where it is none."""
    number = _ABROAD.sub("+", _APART.sub("", folded(text)))
    if not _NUMBER.fullmatch(number):
        return None
    thai_without_plus = number.startswith("66") and len(number) in (10, 11)
    return contacts.spelling("phone", f"+{number}" if thai_without_plus else number)


def email_of(text: str) -> str | None:
    address = text.strip()
    return contacts.spelling("email", address) if _EMAIL.fullmatch(address) else None


def typed(session: Session, clinic: Clinic, told: Told) -> list[Customer]:
    """Whom a source without ids meant by the same address and name, and by the same phone and name, as they stand
    today: one person, where it was ever told of both. Who is a friend in LINE comes first."""
    if told.id is not None:
        return []
    found = (cards.today(session, known_as(session, clinic, _kind(told), key)) for key in _keys(told))
    each = list(dict.fromkeys(one for one in found if one is not None))
    return sorted(each, key=lambda one: not ties.has_line(session, one)) if len(each) > 1 else each


def _known_by(session: Session, clinic: Clinic, found: Customer, told: Told) -> None:
    """Of a friend in LINE nothing that somebody typed makes them known by more: it would be a way to have what is
    booked with somebody else's address."""
    new = [key for key in _keys(told) if known_as(session, clinic, _kind(told), key) is None]
    if new and not ties.has_line(session, found):
        for key in new:
            identify(session, found, _kind(told), key, None)


def _kind(told: Told) -> str:
    return f"booking:{told.source}"


def _keys(told: Told) -> list[str]:
    """Who is known by nothing but what they typed is known by address and name, and by phone and name: without titles,
    in any order."""
    if told.id is not None:
        return [told.id]
    name = sorted(_words(told.name or ""))
    return ["\n".join([contact, *name]) for contact in (told.email, told.phone) if contact]


def _proved(session: Session, clinic: Clinic, told: Told) -> Customer | None:
    for kind, value in (("email", told.email), ("phone", told.phone)):
        found = cards.today(session, known_as(session, clinic, kind, value)) if value else None
        if found is not None and told.name and alike(found.display_name, told.name):
            return found
    return None


def alike(one: str | None, other: str) -> bool:
    """Whether both are the same name, written in another way: case, width, titles, the order of its words."""
    return bool(one) and _words(one or "") == _words(other)


def _words(name: str) -> frozenset[str]:
    return frozenset(folded(without_title(" ".join(name.split()))).casefold().split())
