"""Square's customers (developer.squareup.com/reference/square/objects/Customer): who the ids of its bookings are."""

from facts.told import Person
from webhooks.booking.fields import Fields


def person(who: Fields, id_: str) -> Person:
    """`id_`: under which name the id of the customer stands there. Raises `Wrong`."""
    both = " ".join(part for part in (who.text("given_name"), who.text("family_name")) if part)
    return Person(
        who.needed(id_, "the id of the customer"), both or None, who.text("phone_number"), who.text("email_address")
    )
