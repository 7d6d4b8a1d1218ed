"""Phones and e-mails that others tell of a customer. They may be shared, and prove nothing about who somebody is."""

from datetime import datetime
from typing import Literal

from sqlalchemy import exists, select, union
from sqlalchemy.orm import Session

from customers.people import vault_of
from models.clinics import Clinic
from models.contacts import CustomerContact
from models.customers import Customer, CustomerIdentity

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


def of_phone(session: Session, clinic: Clinic, phone: str) -> list[Customer]:
    """Those who have proved this phone, or of whom somebody told it: a family may share one. None who was merged."""
    return of_index(session, clinic, "phone", vault_of(session).index(clinic.id, "phone", spelling("phone", phone)))


def of_index(session: Session, clinic: Clinic, kind: Literal["phone", "email"], index: bytes) -> list[Customer]:
    """The same by the keyed hash of a phone or an address."""
    proved = select(CustomerIdentity.customer_id).where(
        CustomerIdentity.clinic_id == clinic.id,
        CustomerIdentity.kind == kind,
        CustomerIdentity.value_index == index,
    )
    told = select(CustomerContact.customer_id).where(
        CustomerContact.clinic_id == clinic.id, CustomerContact.kind == kind, CustomerContact.value_index == index
    )
    found = [session.get_one(Customer, (id_, clinic.id)) for id_ in session.scalars(union(proved, told))]
    return sorted((one for one in found if one.merged_into is None and one.data_key), key=lambda one: one.id)


def last_digits(session: Session, customer: Customer) -> str:
    """The last three digits of the customer's phone, proved before told; empty where none is known."""
    theirs = CustomerIdentity.customer_id == customer.id, CustomerIdentity.kind == "phone"
    proved = session.scalars(select(CustomerIdentity).where(*theirs).limit(1)).one_or_none()
    mine = CustomerContact.customer_id == customer.id, CustomerContact.kind == "phone"
    told = session.scalars(select(CustomerContact).where(*mine).order_by(CustomerContact.told_at).limit(1))
    phone = (proved and proved.value) or ((first := told.one_or_none()) and first.value) or ""
    return phone[-3:]


def tell(
    session: Session, customer: Customer, kind: Literal["phone", "email"], value: str, *, source: str, now: datetime
) -> bool:
    """Note that `source` says this of the customer; whether it is new. What was told before stays as it was."""
    value = spelling(kind, value)
    index = vault_of(session).index(customer.clinic_id, kind, value)
    known = (
        CustomerContact.clinic_id == customer.clinic_id,
        CustomerContact.kind == kind,
        CustomerContact.value_index == index,
        CustomerContact.customer_id == customer.id,
    )
    if session.scalar(select(exists().where(*known))):
        return False
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
    return True
