"""One spelling for a phone or an address, shared by whoever has it, and closed to everybody else."""

from typing import Literal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from customers.contacts import spelling, tell
from customers.people import new_customer
from models.clinics import Clinic
from models.contacts import CustomerContact
from models.customers import Customer
from tests.fixtures.clinic import NOW, make_clinic


@pytest.mark.parametrize(
    ("kind", "written", "kept"),
    [
        ("phone", "0812345678", "+66812345678"),
        ("phone", "+66812345678", "+66812345678"),
        ("phone", "+660812345678", "+66812345678"),
        ("phone", "021234567", "+6621234567"),
        ("phone", "+66021234567", "+6621234567"),
        ("phone", "+66800660660", "+66800660660"),
        ("phone", "+81312345678", "+81312345678"),
        ("phone", "+390612345678", "+390612345678"),
        ("email", "Mali@Example.COM", "mali@example.com"),
    ],
)
def test_one_spelling(kind: Literal["phone", "email"], written: str, kept: str) -> None:
    """The zero goes after +66 only: in Italy it belongs to the number."""
    assert spelling(kind, written) == kept
    assert spelling(kind, kept) == kept


def kept_of(session: Session, customer: Customer) -> list[CustomerContact]:
    session.flush()
    return list(session.scalars(select(CustomerContact).where(CustomerContact.customer_id == customer.id)))


def test_several_may_have_the_same_and_each_once(session: Session, clinic: Clinic) -> None:
    mother, child = new_customer(session, clinic, NOW), new_customer(session, clinic, NOW)
    for customer in (mother, child, mother):
        tell(session, customer, "phone", "0812345678", source="till", now=NOW)
    (told,), (shared,) = kept_of(session, mother), kept_of(session, child)
    assert told.value == shared.value == "+66812345678"
    assert (told.value_index, told.source, told.told_at) == (shared.value_index, "till", NOW)
    assert b"812345678" not in told.value_sealed + told.value_index
    elsewhere = new_customer(session, make_clinic(session, "other"), NOW)
    tell(session, elsewhere, "phone", "0812345678", source="till", now=NOW)
    assert kept_of(session, elsewhere)[0].value_index != told.value_index


def test_it_is_forgotten_with_its_owner(session: Session, clinic: Clinic) -> None:
    customer = new_customer(session, clinic, NOW)
    tell(session, customer, "email", "mali@example.com", source="till", now=NOW)
    session.flush()
    customer.data_key = None
    session.flush()
    assert kept_of(session, customer)[0].value is None
