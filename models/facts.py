"""What the clinic's own systems tell: visits, payments, refunds; and what customers tell: reviews, referrals."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Identified, sealed_text
from models.customers import Customer


class Visit(Identified):
    """The customer was at the clinic. `external_id` is the source's own."""

    __tablename__ = "visits"
    __table_args__ = (
        UniqueConstraint("clinic_id", "source", "external_id"),
        Index("ix_visits_customer", "customer_id", "visited_at"),
    )

    clinic_id: Mapped[UUID] = mapped_column(ForeignKey("clinics.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    source: Mapped[str]
    external_id: Mapped[str]
    visited_at: Mapped[datetime]
    service_code: Mapped[str | None]
    created_at: Mapped[datetime]


class Payment(Identified):
    """Money actually paid. Points are earned on it when it is paid, a course included."""

    __tablename__ = "payments"
    __table_args__ = (
        UniqueConstraint("clinic_id", "source", "external_id"),
        Index("ix_payments_customer", "customer_id", "paid_at"),
    )

    clinic_id: Mapped[UUID] = mapped_column(ForeignKey("clinics.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    source: Mapped[str]
    external_id: Mapped[str]
    amount: Mapped[Decimal] = mapped_column(Numeric(12, 2))
    """Baht, net of discounts."""
    refunded: Mapped[Decimal] = mapped_column(Numeric(12, 2), default=Decimal(0))
    """The sum of its refunds, never more than `amount`."""
    points: Mapped[int] = mapped_column(default=0)
    """What it was worth when it was paid, earned at once or promised."""
    clawed_back: Mapped[int] = mapped_column(default=0)
    """How many of these were taken back so far for its refunds."""
    paid_at: Mapped[datetime]
    service_code: Mapped[str | None]
    transaction_id: Mapped[UUID | None] = mapped_column(ForeignKey("point_transactions.id"))
    """The ledger line it earned; null while pending or when it earned nothing."""
    created_at: Mapped[datetime]

    customer: Mapped[Customer] = relationship()


class Refund(Identified):
    """Money given back for a payment; points are clawed back in proportion."""

    __tablename__ = "refunds"
    __table_args__ = (UniqueConstraint("clinic_id", "payment_id", "external_id"),)

    clinic_id: Mapped[UUID] = mapped_column(ForeignKey("clinics.id"))
    payment_id: Mapped[UUID] = mapped_column(ForeignKey("payments.id"), index=True)
    external_id: Mapped[str]
    amount: Mapped[Decimal] = mapped_column(Numeric(12, 2))
    refunded_at: Mapped[datetime]
    transaction_id: Mapped[UUID | None] = mapped_column(ForeignKey("point_transactions.id"))
    created_at: Mapped[datetime]

    payment: Mapped[Payment] = relationship()


class Review(Identified):
    """What a customer says of one visit; earns once a visit."""

    __tablename__ = "reviews"

    clinic_id: Mapped[UUID] = mapped_column(ForeignKey("clinics.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), index=True)
    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visits.id"), unique=True)
    rating: Mapped[int]
    comment_sealed: Mapped[bytes | None]
    created_at: Mapped[datetime]

    customer: Mapped[Customer] = relationship()

    comment = sealed_text()

    def key_owner(self) -> Customer:
        return self.customer

    def clinic_of(self) -> UUID:
        return self.clinic_id


class Referral(Identified):
    """Who brought whom. States: bound, qualified (its days run), review (waits for staff), paid, void, refused."""

    __tablename__ = "referrals"
    __table_args__ = (
        Index("ix_referrals_due", "pays_at", postgresql_where=text("state = 'qualified'")),
        Index("ix_referrals_referrer", "referrer_id", "bound_at"),
    )

    clinic_id: Mapped[UUID] = mapped_column(ForeignKey("clinics.id"))
    referrer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    friend_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), unique=True)
    state: Mapped[str] = mapped_column(default="bound")
    reason: Mapped[str | None]
    """Why it waits for review, was refused or is void."""
    bound_at: Mapped[datetime]
    payment_id: Mapped[UUID | None] = mapped_column(ForeignKey("payments.id"))
    pays_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    """Who of the staff looked at one that waited for review."""
    transaction_id: Mapped[UUID | None] = mapped_column(ForeignKey("point_transactions.id"))
