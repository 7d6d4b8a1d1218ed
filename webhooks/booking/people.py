"""Whom our own form names."""

from dataclasses import replace

from facts.told import Person
from webhooks.booking.fields import Fields


def person(data: Fields) -> Person:
    return replace(of_whom(data.under("customer")), token=data.text("reference"))


def of_whom(who: Fields) -> Person:
    return Person(who.text("id"), who.text("name"), who.text("phone"), who.text("email"), token=who.text("reference"))


def named(data: Fields) -> Person | None:
    """None where an event names nobody."""
    return person(data) if data.under("customer") or data.has("reference") else None
