"""How a customer wants to be spoken to, and why and since when marketing to them rests. Consents are apart."""

from datetime import datetime, time
from uuid import UUID

from sqlalchemy import Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Identified
from models.clinics import OfClinic, belongs_to, related
from models.customers import Customer
from models.lifecycle import MOVE, MOVE_UNLESS_HAD, WHILE_KNOWN


class CustomerPreferences(OfClinic, Identified):
    """One row a customer, made with their first choice. The language is the customer's own column."""

    __tablename__ = "customer_preferences"
    retention = WHILE_KNOWN

    customer_id: Mapped[UUID] = belongs_to("customers", unique=True, merge=MOVE_UNLESS_HAD)
    channels: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    """The preferred first; those that are not named come after them."""
    quiet_from: Mapped[time | None]
    quiet_until: Mapped[time | None]
    """The clinic's local hours in which nothing is said unasked; they may wrap midnight. They add to the clinic's."""
    no_upsell_until: Mapped[datetime | None]
    """“Not now” was said to an offer of another treatment."""
    changed_at: Mapped[datetime]


class Pause(OfClinic, Identified):
    """Marketing to a customer rests: what care and appointments need is said."""

    __tablename__ = "pauses"
    retention = WHILE_KNOWN
    __table_args__ = (
        Index("ix_pauses_open", "clinic_id", "customer_id", postgresql_where=text("ended_at IS NULL")),
        Index("ix_pauses_customer_id", "customer_id"),
    )

    customer_id: Mapped[UUID] = belongs_to("customers", merge=MOVE)
    reason: Mapped[str]
    """A word of ours, never what somebody wrote: `complaint`, `adverse_reaction`, `low_rating`, `by_staff`."""
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    """By itself; None: a manager ends it."""
    set_by: Mapped[str]
    """As in `runtime/actors.py`."""
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]

    customer: Mapped[Customer] = related(customer_id)


class Suppression(OfClinic):
    """A phone or an address to which nothing is sent, known by its keyed hash alone: it outlives the person's record
    and whatever is imported again."""

    __tablename__ = "suppressions"

    kind: Mapped[str] = mapped_column(primary_key=True)
    """`phone` or `email`."""
    value_index: Mapped[bytes] = mapped_column(primary_key=True)
    reason: Mapped[str]
    """`unsubscribed`, `bounced`, `complained`, `erased`."""
    created_at: Mapped[datetime]
