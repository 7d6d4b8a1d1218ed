"""Whom a source means by what it tells of a person."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session, object_session

from customers import abroad, booking_links, cards, names
from customers.people import known_as
from facts import bound
from facts.told import Person
from models.clinics import Clinic
from models.customers import Customer
from runtime.errors import NeverAgain

WAITS = timedelta(days=9)
"""For so long a fact may be under way: a signed word of seven days ago is handled, and tried again for two more."""


def whose(
    session: Session, clinic: Clinic, source: str, who: Person, now: datetime, at: datetime
) -> tuple[Customer, str | None]:
    """The customer, and for whom it is where that is another name than theirs. `at`: when the source says that it was
    told.

    Raises `NeverAgain` where nothing tells who it is.
    """
    name = _name(who)
    known = _known(session, clinic, who, now, at)
    if known is not None and who.ours is None:
        _bind(session, clinic, source, known, who, now)
    if known is None:
        read = abroad.told(source, who.id, name, who.phone, who.email)
        if read is None:
            raise NeverAgain("customer: write an id, a phone or an e-mail address, so that we know who it is")
        bound.by_typed(session, clinic, read, now)
        known = abroad.met(session, clinic, read, now)
        if known.display_name is None:
            return known, None
    return known, about(known, name)


def owner(session: Session, clinic: Clinic, source: str, who: Person, now: datetime, at: datetime) -> Customer:
    """Whose money, visit, bill, course or consent it is: of whoever is named, found or made as without a booking link
    where that is another than the friend whose link came with it.

    Raises as `whose`.
    """
    held = friend(session, clinic, who, now, at) if who.ours is None else None
    if held is not None:
        _bind(session, clinic, source, held, who, now)
        if _another(session, clinic, source, held, who):
            who = replace(who, token=None)
    return whose(session, clinic, source, who, now, at)[0]


def _another(session: Session, clinic: Clinic, source: str, held: Customer, who: Person) -> bool:
    """Whether it names somebody else: by another name, or by an id that is known as somebody else's."""
    if named(held, who) is not None:
        return True
    known = cards.today(session, known_as(session, clinic, f"booking:{source}", who.id)) if who.id else None
    return known is not None and known is not held


def _bind(session: Session, clinic: Clinic, source: str, known: Customer, who: Person, now: datetime) -> None:
    """Only where the name is theirs, for others book by a link that was handed on."""
    name = _name(who)
    if who.id is not None and name is not None and about(known, name) is None:
        bound.by_link(session, clinic, source, known, who.id, now)


def about(customer: Customer, name: str | None) -> str | None:
    """For whom it is, where that is another name than the customer has, or had with a record that became theirs."""
    if not name or abroad.alike(customer.display_name, name):
        return None
    session = object_session(customer)
    return None if session is not None and names.has_had(session, customer, name) else name


def friend(session: Session, clinic: Clinic, who: Person, now: datetime, at: datetime) -> Customer | None:
    """By what came back of the chat's booking link, if it had not ended when the source told of it: that an event had
    to wait is not the customer's fault. The source's own time is believed as far as an event may be under way."""
    used_at = min(max(at, now - WAITS), now)
    return booking_links.holder(session, clinic, who.token, used_at) if who.token else None


def named(customer: Customer, who: Person) -> str | None:
    """As `about`, of what a source tells."""
    return about(customer, _name(who))


def _name(who: Person) -> str | None:
    return " ".join((who.name or "").split())[:200] or None


def _known(session: Session, clinic: Clinic, who: Person, now: datetime, at: datetime) -> Customer | None:
    """By our own id, or by what came back of the chat's booking link."""
    if who.ours is not None:
        return cards.today(session, session.get(Customer, (who.ours, clinic.id)))
    return friend(session, clinic, who, now, at)
