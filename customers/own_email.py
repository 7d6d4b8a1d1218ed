"""A customer's own mail address: told by themselves, and proved by a code that was sent to it."""

import re
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from customers import contacts, one_time
from customers.people import identify, vault_of
from models.contacts import CustomerContact
from models.customers import Customer, CustomerIdentity
from models.one_time import OneTimeCode

KIND: Literal["email"] = "email"
LONGEST = 200
Proved = Literal["proved", "another_record", "gone"]
_ADDRESS = re.compile(r"""[^\s@<>()\[\]\\,;:"']{1,64}@(?:[\w-]{1,63}\.)+[^\W\d_][\w-]{1,62}""")
_AROUND = " \t\r\n<>.,;:\"'“”"


def read(text: str) -> str | None:
    """The address that is all of a text, in the one spelling; None for any other text."""
    given = text.strip(_AROUND).removeprefix("mailto:")
    if len(given) > LONGEST or not _ADDRESS.fullmatch(given):
        return None
    return contacts.spelling(KIND, given)


def of(session: Session, customer: Customer) -> CustomerIdentity | None:
    """The one that they have proved."""
    mine = CustomerIdentity.clinic_id == customer.clinic_id, CustomerIdentity.customer_id == customer.id
    proved = select(CustomerIdentity).where(*mine, CustomerIdentity.kind == KIND)
    return session.scalars(proved.order_by(CustomerIdentity.verified_at.desc()).limit(1)).first()


def ask(session: Session, customer: Customer, address: str, now: datetime) -> str:
    """The code that is to be sent to this address. Whether it is known is told to nobody. Raises
    `one_time.TooManyCodes`."""
    index = vault_of(session).index(customer.clinic_id, KIND, address)
    contacts.tell(session, customer, KIND, address, source="line", now=now)
    session.flush()
    _, code = one_time.to_prove(session, customer, KIND, index, str(_contact(session, customer, index).id), now)
    return code


def prove(session: Session, row: OneTimeCode, customer: Customer, now: datetime) -> tuple[Proved, str]:
    """Who has typed the code reads what comes to the address: it is theirs, in the place of one that was. The address
    too. One that somebody else has proved stays theirs: whether both are one person is for the staff to say."""
    contact = session.get(CustomerContact, (UUID(row.what or ""), customer.clinic_id))
    if contact is None or contact.value is None or contact.customer_id != customer.id:
        row.state = "refused"
        return "gone", ""
    taken = select(CustomerIdentity).where(
        CustomerIdentity.clinic_id == customer.clinic_id,
        CustomerIdentity.kind == KIND,
        CustomerIdentity.value_index == contact.value_index,
    )
    known = session.scalars(taken).one_or_none()
    if known is not None and known.customer_id != customer.id:
        row.state, row.reason = "refused", "another_record"
        return "another_record", contact.value
    row.state = "done"
    if known is not None:
        known.verified_at = now
        return "proved", contact.value
    forget(session, customer)
    identify(session, customer, KIND, contact.value, now)
    session.flush()
    return "proved", contact.value


def forget(session: Session, customer: Customer) -> bool:
    """Whether there was one that they had proved. What others told stays told."""
    mine = CustomerIdentity.clinic_id == customer.clinic_id, CustomerIdentity.customer_id == customer.id
    gone = delete(CustomerIdentity).where(*mine, CustomerIdentity.kind == KIND).returning(CustomerIdentity.id)
    return bool(session.scalars(gone).all())


def shown(address: str) -> str:
    """So that its owner knows it, and who looks over their shoulder does not: `m···@mail.example`."""
    local, _, host = address.rpartition("@")
    return f"{local[:1]}···@{host}"


def _contact(session: Session, customer: Customer, index: bytes) -> CustomerContact:
    mine = CustomerContact.clinic_id == customer.clinic_id, CustomerContact.customer_id == customer.id
    chosen = select(CustomerContact).where(*mine, CustomerContact.kind == KIND, CustomerContact.value_index == index)
    return session.scalars(chosen).one()
