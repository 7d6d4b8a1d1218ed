"""Which codes of cards were shown a moment ago, so that the five signs alone say whose card it is."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from models.base import Identified
from models.clinics import OfClinic, belongs_to, related
from models.customers import Customer
from models.lifecycle import Merge, after


class CardCode(OfClinic, Identified):
    """The living part of a card that somebody was shown, as a keyed hash."""

    __tablename__ = "card_codes"
    retention = after(2, "created_at")
    __table_args__ = (
        UniqueConstraint("clinic_id", "code_index", "customer_id"),
        Index("ix_card_codes_over", "clinic_id", "created_at"),
    )

    customer_id: Mapped[UUID] = belongs_to("customers", index=True, merge=Merge("move", twice="goes"))
    code_index: Mapped[bytes]
    until: Mapped[datetime]
    """The first moment at which it is over."""
    created_at: Mapped[datetime]
    """Real time."""

    customer: Mapped[Customer] = related(customer_id)
