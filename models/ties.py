"""Questions to members whether a record of the till's is theirs."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Identified, Word, sealed_text
from models.clinics import OfClinic, belongs_to, related
from models.customers import Customer
from models.lifecycle import RESEAL, WHILE_KNOWN

Answer = Literal["asked", "tied", "declined", "replaced", "refused"]
"""Replaced: the same id of the till's was asked about anew. Refused: the member said yes, and it could not be."""


class CardTie(OfClinic, Identified):
    """A system of the clinic's has read a member's card and says by which id of its own it knows that person: the
    member is asked in the chat, and only their yes makes the id theirs."""

    __tablename__ = "card_ties"
    retention = WHILE_KNOWN
    __table_args__ = (
        # One question at a time about one id, whoever asks.
        Index(
            "uq_card_ties_asked", "clinic_id", "value_index", unique=True, postgresql_where=text("state = 'asked'")
        ),
        Index("ix_card_ties_asked_at", "clinic_id", "asked_at"),
    )  # fmt: skip

    customer_id: Mapped[UUID] = belongs_to("customers", index=True, merge=RESEAL)
    """Whose card it is: who is asked."""
    kind: Mapped[str]
    """Of the identity: `booking:<source>`."""
    value_sealed: Mapped[bytes]
    value_index: Mapped[bytes]
    """As in `customer_identities`; the kind is in it."""
    state: Mapped[Answer] = mapped_column(Word, default="asked")
    reason: Mapped[str | None]
    """Of what was refused: `another_friend`, `limit_reached`, `cannot_merge`, `taken_apart`."""
    asked_by: Mapped[str]
    """As in `runtime/actors.py`."""
    asked_at: Mapped[datetime]
    until: Mapped[datetime]
    """The first moment at which a yes comes too late."""
    answered_at: Mapped[datetime | None]

    customer: Mapped[Customer] = related(customer_id)

    value = sealed_text("card_ties.value")

    def key_owner(self) -> Customer:
        return self.customer
