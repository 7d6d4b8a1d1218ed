"""Phones and e-mails that others tell of a customer. They may be shared, and prove nothing about who somebody is."""

from datetime import datetime
from typing import Literal

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from customers.people import vault_of
from models.contacts import CustomerContact
from models.customers import Customer

THAILAND = "+66"


def spelling(kind: Literal["phone", "email"], value: str) -> str:
    """The one way to write it, so that the same phone or address is the same text, whoever writes it.

    A phone is `0` or `+` and digits: without a country it is Thai, and the zero that leads at home has no place after
    +66, where people leave it nevertheless. Addresses are in small letters.
    """
    if kind == "email":
        return value.lower()
    number = f"{THAILAND}{value}" if value.startswith("0") else value
    return THAILAND + number.removeprefix(THAILAND).lstrip("0") if number.startswith(THAILAND) else number


def tell(
    session: Session, customer: Customer, kind: Literal["phone", "email"], value: str, *, source: str, now: datetime
) -> None:
    """Note that `source` says this of the customer. What was told of them before stays as it was first told."""
    value = spelling(kind, value)
    index = vault_of(session).index(customer.clinic_id, kind, value)
    known = (
        CustomerContact.clinic_id == customer.clinic_id,
        CustomerContact.kind == kind,
        CustomerContact.value_index == index,
        CustomerContact.customer_id == customer.id,
    )
    if session.scalar(select(exists().where(*known))):
        return
    session.add(
        CustomerContact(
            clinic_id=customer.clinic_id,
            customer_id=customer.id,
            customer=customer,
            kind=kind,
            value=value,
            value_index=index,
            source=source,
            told_at=now,
        )
    )
