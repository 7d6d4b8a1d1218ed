"""Whom our own form names."""

from facts.told import Person
from webhooks.booking.fields import Fields


def person(data: Fields) -> Person:
    who = data.under("customer")
    return Person(who.text("id"), who.text("name"), who.text("phone"), who.text("email"), token=data.text("reference"))


def named(data: Fields) -> Person | None:
    """None where an event names nobody."""
    return person(data) if data.under("customer") or data.has("reference") else None
