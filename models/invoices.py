"""What the clinic's own systems tell of its bills."""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from sqlalchemy import BigInteger, Index, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Identified, Word
from models.clinics import OfClinic, belongs_to, related
from models.customers import Customer
from models.lifecycle import MOVE, WHILE_KNOWN

InvoiceState = Literal["open", "part_paid", "paid", "void", "refunded"]
InvoiceSaid = Literal["open", "paid", "void", "refunded"]
"""What a source says of a bill itself: open is that it stands; what was paid of it may be told apart."""


class Invoice(OfClinic, Identified):
    """One bill, as its source last told it; `external_id` is the source's own.

    As of an appointment, what comes late, twice or in another order changes nothing that is newer: the amount, the due
    date and what the source says of the bill are each kept with the source's own order of what told it. What was paid
    of it is the sum of payments that name it (`Payment.of_invoice`), so that no order matters.
    """

    __tablename__ = "invoices"
    retention = WHILE_KNOWN
    __table_args__ = (
        UniqueConstraint("clinic_id", "source", "external_id"),
        Index("ix_invoices_customer_id", "customer_id", "due_on"),
    )

    customer_id: Mapped[UUID] = belongs_to("customers", merge=MOVE)
    """Who owes it: always who it was told of first."""
    source: Mapped[str]
    external_id: Mapped[str]
    state: Mapped[InvoiceState] = mapped_column(Word)
    """What it is with all that was told: `customers/invoices.py` says how."""
    told_state: Mapped[InvoiceSaid] = mapped_column(Word)
    amount: Mapped[Decimal] = mapped_column(Numeric(12, 2))
    """Baht, net of discounts."""
    due_on: Mapped[date | None]
    """The last day on which it is paid in time; None where the source names none."""
    service_code: Mapped[str | None]
    told_paid: Mapped[Decimal] = mapped_column(Numeric(12, 2), default=Decimal(0))
    """What was paid in all, of a source that says so without telling of each payment by the bill's name."""
    paid: Mapped[Decimal] = mapped_column(Numeric(12, 2), default=Decimal(0))
    refunded: Mapped[Decimal] = mapped_column(Numeric(12, 2), default=Decimal(0))
    paid_at: Mapped[datetime | None]
    """When the last of it was paid."""
    state_order: Mapped[int] = mapped_column(BigInteger)
    amount_order: Mapped[int] = mapped_column(BigInteger)
    due_order: Mapped[int] = mapped_column(BigInteger, default=-1)
    service_order: Mapped[int] = mapped_column(BigInteger, default=-1)
    """The source's version, or its time in microseconds, of what last told each; -1: nothing has."""
    told_at: Mapped[datetime]
    """When the source says that the last of it was so."""
    created_at: Mapped[datetime]

    customer: Mapped[Customer] = related(customer_id)
