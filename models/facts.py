"""What the clinic's own systems tell: visits, payments, refunds; and what customers tell: reviews, referrals."""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from sqlalchemy import BigInteger, Index, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Identified, Word, sealed_text
from models.clinics import OfClinic, belongs_to, related
from models.customers import Customer
from models.lifecycle import MOVE, RESEAL, WHILE_KNOWN, stay

Uncounted = Literal["not_the_earning_source", "possible_duplicate", "duplicate", "void"]
Feedback = Literal[
    "asked", "off", "void", "too_late", "reviewed", "another_visit", "complaint", "erasure", "no_line", "survey", "sale"
]
"""What became of asking how a visit was: asked, or why not. `loyalty/feedback.py` says what each means."""


class Visit(OfClinic, Identified):
    """The customer was at the clinic: one a local day and branch, whoever tells it (`models/visits.py`)."""

    __tablename__ = "visits"
    retention = WHILE_KNOWN
    __table_args__ = (
        Index("ix_visits_customer", "customer_id", "visited_at"),
        Index("ix_visits_to_ask", "clinic_id", "ask_on", "id", postgresql_where=text("ask_on IS NOT NULL")),
    )

    customer_id: Mapped[UUID] = belongs_to("customers", merge=MOVE)
    branch_id: Mapped[UUID | None] = belongs_to("branches")
    visited_at: Mapped[datetime]
    """The first moment that is told of."""
    uncounted: Mapped[str | None]
    """Why it counts for nothing: `void`, whoever told it has taken it back as if it had not been."""
    service_code: Mapped[str | None]
    ask_on: Mapped[date | None]
    """The clinic's day from which the customer is to be asked how it was; null when that is settled."""
    feedback: Mapped[Feedback | None] = mapped_column(Word)
    created_at: Mapped[datetime]


IN_DOUBT = "uncounted = 'possible_duplicate' OR uncounted IS NULL AND like_id IS NOT NULL"
"""Payments of which the staff are to say whether each was a purchase of its own (`customers/payments.py`)."""


class Payment(OfClinic, Identified):
    """Money actually paid. Points are earned on it when it is paid, a course included."""

    __tablename__ = "payments"
    retention = WHILE_KNOWN
    __table_args__ = (
        UniqueConstraint("clinic_id", "source", "external_id"),
        Index("ix_payments_customer", "customer_id", "paid_at"),
        Index("ix_payments_in_doubt", "clinic_id", "paid_at", postgresql_where=text(IN_DOUBT)),
        Index("ix_payments_like_id", "like_id", postgresql_where=text("like_id IS NOT NULL")),
        Index("ix_payments_of_invoice", "clinic_id", "of_invoice", postgresql_where=text("of_invoice IS NOT NULL")),
    )

    customer_id: Mapped[UUID] = belongs_to("customers", merge=MOVE)
    branch_id: Mapped[UUID | None] = belongs_to("branches")
    source: Mapped[str]
    external_id: Mapped[str]
    amount: Mapped[Decimal] = mapped_column(Numeric(12, 2))
    """Baht, net of discounts."""
    refunded: Mapped[Decimal] = mapped_column(Numeric(12, 2), default=Decimal(0))
    """The sum of its refunds, never more than `amount`."""
    points: Mapped[int] = mapped_column(BigInteger, default=0)
    """What it was worth when it was paid, earned at once or promised."""
    clawed_back: Mapped[int] = mapped_column(BigInteger, default=0)
    """How many of these its refunds have undone so far; the ledger took fewer where some had expired."""
    paid_at: Mapped[datetime]
    uncounted: Mapped[Uncounted | None] = mapped_column(Word)
    """Why it counts for nothing, and earned nothing: `not_the_earning_source`; `possible_duplicate` until staff decide,
    and then `duplicate`; `void`, taken back at once by the staff as if it had not been."""
    like_id: Mapped[UUID | None] = belongs_to("payments")
    """Another payment, of perhaps the same purchase: both counted for a record of their own before these became one
    person's. Null once the staff have decided."""
    service_code: Mapped[str | None]
    of_invoice: Mapped[str | None]
    """Which bill it pays, `<source>:<id>`, also before anybody has told of that bill."""
    workflow_id: Mapped[str | None]
    """Of the clinic's own workflow, handed on with whatever follows."""
    transaction_id: Mapped[UUID | None] = belongs_to("point_transactions")
    """The ledger entry it earned; null while pending or when it earned nothing."""
    created_at: Mapped[datetime]

    customer: Mapped[Customer] = related(customer_id)


class Refund(OfClinic, Identified):
    """Money given back for a payment; points are clawed back in proportion."""

    __tablename__ = "refunds"
    __table_args__ = (UniqueConstraint("clinic_id", "payment_id", "external_id"),)

    payment_id: Mapped[UUID] = belongs_to("payments", index=True)
    external_id: Mapped[str]
    amount: Mapped[Decimal] = mapped_column(Numeric(12, 2))
    refunded_at: Mapped[datetime]
    transaction_id: Mapped[UUID | None] = belongs_to("point_transactions")
    created_at: Mapped[datetime]

    payment: Mapped[Payment] = related(payment_id)


class Review(OfClinic, Identified):
    """What a customer says of one visit; earns once a visit."""

    __tablename__ = "reviews"
    retention = WHILE_KNOWN

    customer_id: Mapped[UUID] = belongs_to("customers", index=True, merge=RESEAL)
    visit_id: Mapped[UUID] = belongs_to("visits", unique=True)
    rating: Mapped[int]
    comment_sealed: Mapped[bytes | None]
    created_at: Mapped[datetime]

    customer: Mapped[Customer] = related(customer_id)

    comment = sealed_text("reviews.comment")

    def key_owner(self) -> Customer:
        return self.customer


ReferralState = Literal["bound", "qualified", "review", "paid", "void", "refused"]
"""Qualified: its days run; review: it waits for staff. The last three are final."""


class Referral(OfClinic, Identified):
    """Who brought whom."""

    __tablename__ = "referrals"
    retention = WHILE_KNOWN
    __table_args__ = (
        Index("ix_referrals_due", "clinic_id", "pays_at", "id", postgresql_where=text("state = 'qualified'")),
        Index("ix_referrals_review", "clinic_id", "bound_at", postgresql_where=text("state = 'review'")),
        Index("ix_referrals_payment_id", "payment_id", postgresql_where=text("payment_id IS NOT NULL")),
        Index("ix_referrals_referrer", "referrer_id", "bound_at"),
    )

    referrer_id: Mapped[UUID] = belongs_to("customers", merge=MOVE)
    friend_id: Mapped[UUID] = belongs_to(
        "customers",
        unique=True,
        merge=stay("each record was brought by somebody: `loyalty.referrals` judges them along `merged_into`"),
    )
    state: Mapped[ReferralState] = mapped_column(Word, default="bound")
    reason: Mapped[str | None]
    """Why it waits for review, was refused or is void."""
    bound_at: Mapped[datetime]
    payment_id: Mapped[UUID | None] = belongs_to("payments")
    pays_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    """Who of the staff looked at one that waited for review."""
    transaction_id: Mapped[UUID | None] = belongs_to("point_transactions")

    referrer: Mapped[Customer] = related(referrer_id, viewonly=True)
    friend: Mapped[Customer] = related(friend_id, viewonly=True)
