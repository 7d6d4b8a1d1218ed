"""The LINE accounts of a person, who may have several: whose menu is looked at again, and which is looked at next.

What is due, and until when a claim stands, is the database's time: workers on several machines compare it.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload

from models.customers import Customer, LineLink
from runtime import wake, work
from runtime.clock import DATABASE_NOW

Due = InstrumentedAttribute[datetime | None]


def speak(session: Session, customer: Customer, language: str) -> None:
    """Change the customer's language, by their own choice; their menus follow."""
    customer.language, customer.language_chosen = language, True
    menus_due(session, customer)


def menus_due(session: Session, customer: Customer) -> None:
    """Have the menu of each account of this person looked at: their tier, membership or language has changed."""
    menus_due_of(session, customer.clinic_id, [customer.id])


def menus_due_of(session: Session, clinic_id: UUID, customers: Collection[UUID]) -> None:
    """The same for several people of a clinic."""
    session.execute(
        update(LineLink)
        .where(LineLink.clinic_id == clinic_id, LineLink.customer_id.in_(customers))
        .values(menu_due_at=DATABASE_NOW, menu_attempts=0, menu_error=None)
    )
    wake.after(session, "menus")


def menu_due(session: Session, link: LineLink) -> None:
    """Have the menu of this one account looked at."""
    link.menu_due_at, link.menu_attempts, link.menu_error = DATABASE_NOW, 0, None
    wake.after(session, "menus")


def clinics_due(due: Due) -> Select[Any]:
    """The clinics with an account that is due, by `LineLink.menu_due_at` or `.profile_due_at`."""
    return work.clinics_with(LineLink.clinic_id, due <= DATABASE_NOW)


def longest_due(session: Session, clinic_id: UUID, due: Due) -> tuple[LineLink, datetime] | None:
    """The clinic's account that is due longest, locked, with its customer and clinic; and the database's time."""
    row = session.execute(
        select(LineLink, DATABASE_NOW)
        .options(joinedload(LineLink.customer, innerjoin=True).joinedload(Customer.clinic, innerjoin=True))
        .where(LineLink.clinic_id == clinic_id, due <= DATABASE_NOW)
        .order_by(due)
        .limit(1)
        .with_for_update(of=LineLink, skip_locked=True)
    ).one_or_none()
    return None if row is None else (row[0], row[1])
