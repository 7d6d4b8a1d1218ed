"""What was told of a customer's phone and e-mail."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped

from models.base import Identified, sealed_text
from models.clinics import OfClinic, belongs_to, related
from models.customers import Customer
from models.lifecycle import RESEAL_UNLESS_HAD, WHILE_KNOWN


class CustomerContact(OfClinic, Identified):
    """A phone or e-mail that somebody told of a customer; a family may share one. Kinds: phone, email.

    It leads to nobody: only what its owner has proved is an identity.
    """

    __tablename__ = "customer_contacts"
    retention = WHILE_KNOWN
    __table_args__ = (UniqueConstraint("clinic_id", "kind", "value_index", "customer_id"),)

    customer_id: Mapped[UUID] = belongs_to("customers", index=True, merge=RESEAL_UNLESS_HAD)
    kind: Mapped[str]
    value_sealed: Mapped[bytes]
    value_index: Mapped[bytes]
    source: Mapped[str]
    """Who told it: till, standard, staff, …"""
    told_at: Mapped[datetime]

    customer: Mapped[Customer] = related(customer_id)

    value = sealed_text("customer_contacts.value")

    def key_owner(self) -> Customer:
        return self.customer
