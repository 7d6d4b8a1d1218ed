"""A customer in our own form, with the consents that the clinic holds of them."""

from datetime import datetime, tzinfo

from facts.told import ConsentTold, CustomerTold
from webhooks.booking.fields import Fields
from webhooks.booking.people import person

KIND = "customer.updated"


def told(data: Fields, at: datetime, zone: tzinfo) -> CustomerTold:
    """Raises `Wrong` for a time that is none; what is missing of a consent makes it a note."""
    consents = (
        ConsentTold(
            purpose=one.text("purpose"),
            channel=one.text("channel"),
            granted=one.yes("granted"),
            given_at=one.moment("givenAt", zone),
            evidence=one.text("evidence"),
            version=one.text("version"),
        )
        for one in data.each("consents")
    )
    return CustomerTold(person(data), tuple(consents), at)
