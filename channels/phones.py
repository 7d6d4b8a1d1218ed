"""The phone of a customer: proved by its owner before told by somebody else."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import among
from models.contacts import CustomerContact
from models.customers import CustomerIdentity

PHONE = "phone"


def phones_of(session: Session, clinic_id: UUID, customers: Collection[UUID]) -> dict[UUID, str]:
    """Of those of whom one is known, in two statements; of several the one that was told first."""
    told = (
        select(CustomerContact)
        .where(CustomerContact.clinic_id == clinic_id, among(CustomerContact.customer_id, customers))
        .where(CustomerContact.kind == PHONE)
        .order_by(CustomerContact.told_at.desc())
    )
    proved = (
        select(CustomerIdentity)
        .where(CustomerIdentity.clinic_id == clinic_id, among(CustomerIdentity.customer_id, customers))
        .where(CustomerIdentity.kind == PHONE)
    )
    found = {one.customer_id: one.value for one in (*session.scalars(told), *session.scalars(proved)) if one.value}
    return {id_: value for id_, value in found.items() if value}
