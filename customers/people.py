"""Finding and meeting the customers of a clinic."""

from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from models.clinics import Clinic
from models.customers import Customer, CustomerIdentity, LineLink
from runtime import wake
from runtime.clock import DATABASE_NOW
from runtime.keys import Vault


def vault_of(session: Session) -> Vault:
    """The process's vault, which the composition root gave to every session."""
    vault: Vault = session.info["vault"]
    return vault


def new_customer(session: Session, clinic: Clinic, now: datetime) -> Customer:
    """A person the clinic has just come to know, with a data key of their own."""
    customer = Customer(clinic_id=clinic.id, created_at=now, language_chosen=False)
    customer.data_key = vault_of(session).new_data_key((customer.id, clinic.id))
    customer.clinic = clinic
    session.add(customer)
    return customer


def known_as(session: Session, clinic: Clinic, kind: str, value: str) -> Customer | None:
    """The customer with this identity (kind `line`, `phone`, `email` or `booking:<source>`), if the clinic has one."""
    index = vault_of(session).index(clinic.id, kind, value)
    return session.scalars(
        select(Customer)
        .join(CustomerIdentity)
        .where(
            CustomerIdentity.clinic_id == clinic.id,
            CustomerIdentity.kind == kind,
            CustomerIdentity.value_index == index,
        )
    ).one_or_none()


def has_proved(session: Session, customer: Customer, kind: str) -> bool:
    """Whether the customer has proved a phone or an address."""
    mine = CustomerIdentity.clinic_id == customer.clinic_id, CustomerIdentity.customer_id == customer.id
    return bool(session.scalar(select(exists().where(*mine, CustomerIdentity.kind == kind))))


def identify(session: Session, customer: Customer, kind: str, value: str, verified_at: datetime | None) -> None:
    """Note that the customer is known by this value. The database refuses a value that is another customer's."""
    session.add(
        CustomerIdentity(
            clinic_id=customer.clinic_id,
            customer_id=customer.id,
            customer=customer,
            kind=kind,
            value=value,
            value_index=vault_of(session).index(customer.clinic_id, kind, value),
            verified_at=verified_at,
        )
    )


def meet_on_line(session: Session, clinic: Clinic, user_id: str, now: datetime) -> LineLink:
    """A person who has just come to the clinic's LINE account: a customer, a link, and their profile to be asked."""
    customer = new_customer(session, clinic, now)
    identify(session, customer, "line", user_id, now)
    link = LineLink(
        clinic_id=clinic.id,
        customer_id=customer.id,
        customer=customer,
        user_index=vault_of(session).index(clinic.id, "line", user_id),
        user_id=user_id,
        profile_due_at=DATABASE_NOW,
        menu_attempts=0,
        profile_attempts=0,
    )
    session.add(link)
    wake.after(session, "profiles")
    return link
