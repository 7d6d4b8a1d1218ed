"""The ledger and its cached sums."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal, TypedDict
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    Index,
    Numeric,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Identified, Rest, Word, sealed_text
from models.clinics import OfClinic, belongs_to, related
from models.customers import Customer
from models.lifecycle import MOVE, RESEAL, WHILE_KNOWN, own_rule, stay

LARGEST_ENTRY = 10_000_000
"""Points that one entry may move: more is a mistake, such as points per baht that were typed with a zero too many."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

NIGHTS = 30
"""In so many nights every profile's sums are checked once."""


EntryType = Literal["earned", "redeemed", "expired", "reversed", "adjusted", "transferred"]


class Breakdown(TypedDict, total=False):
    """How the number of an entry came about. Decimals are written as text."""

    amount: str
    """Baht of the payment."""
    points_per_baht: str
    tier: str
    """Held when it was paid."""
    multiplier: str


class NotificationData(TypedDict, total=False):
    """What the words of a notification's kind are made of: codes, numbers and ids, nothing that names a person."""

    points: int
    source: str
    """Of the points, as in the ledger."""
    tier: str
    below: str
    """The tier that would follow."""
    missing: int
    """Points to keep the tier."""
    on: str
    """ISO date or time: of the review, or the first instant without the points."""
    since: str
    """The same of the first points, where several are told in one line and `on` is that of the last."""
    achievement: str
    """Its code."""
    redemption: str
    """Its id."""
    tie: str
    """Its id."""
    visit: str
    """Its id."""
    payment: str
    """Its id: of whose points it tells."""
    course: str
    """Its id."""
    to: str
    """The id of the course to which sessions went."""
    sessions: int
    """Of it, that were shared."""
    grant: str
    """Its id."""
    side: str
    """Of a grant: `owner`, whose data it is, or `holder`."""
    here: bool
    """The person has just done it, at the counter: they are told at any hour."""


class LoyaltyProfile(OfClinic):
    """A customer's points, tier and referral code. Its row lock orders everything that touches these points."""

    __tablename__ = "loyalty_profiles"
    retention = WHILE_KNOWN
    __table_args__ = (
        UniqueConstraint("clinic_id", "referral_code"),
        Index(
            "ix_loyalty_profiles_due", "clinic_id", "due_at", "customer_id",
            postgresql_where=text("due_at IS NOT NULL"),
        ),
        Index("ix_loyalty_profiles_night", "clinic_id", "night", "customer_id"),
        Index("ix_loyalty_profiles_tier", "clinic_id", "current_tier", "tier_asked", "tier_rests_on", "customer_id"),
        Index("ix_loyalty_profiles_merged_into", "merged_into", postgresql_where=text("merged_into IS NOT NULL")),
    )  # fmt: skip

    customer_id: Mapped[UUID] = belongs_to(
        "customers",
        primary_key=True,
        sort_order=-2,
        merge=own_rule("`loyalty.merge` hands the sums over by entries of the ledger"),
    )
    total_points: Mapped[int] = mapped_column(BigInteger, default=0)
    available_points: Mapped[int] = mapped_column(BigInteger, default=0)
    current_tier: Mapped[str] = mapped_column(String(20), default="bronze")
    tier_progress: Mapped[Decimal] = mapped_column(Numeric(5, 2), default=Decimal(0))
    tier_asked: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    """Points that the tier asked for when the monthly review last looked; 0: it is to look again."""
    tier_rests_on: Mapped[datetime] = mapped_column(default=EPOCH, server_default=text("'epoch'"))
    """The review's mark: as long as the twelve months reach beyond this moment, so much was earned in them. 1970: it
    has not looked yet. Never null: reviews go through profiles in its order."""
    total_spent: Mapped[Decimal] = mapped_column(Numeric(12, 2), default=Decimal(0))
    total_visits: Mapped[int] = mapped_column(default=0)
    referral_code: Mapped[str] = mapped_column(String(10))
    debt: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    """What debt lots owe, so that nobody looks for them where there are none."""
    goals: Mapped[int] = mapped_column(default=0, server_default="0")
    """Which of the clinic's goals the customer was held against, by `Clinic.goals`."""
    tier_seen: Mapped[str | None] = mapped_column(String(20))
    """Which tier the customer saw last that they have, on their own page; null: they have not looked yet."""
    due_at: Mapped[datetime | None]
    """When the next points mature or expire; null when none do."""
    night: Mapped[int] = mapped_column(
        SmallInteger, Computed(f"mod(get_byte(uuid_send(customer_id), 15), {NIGHTS})", persisted=True)
    )
    """In which of so many nights the sums are checked, whether touched or not."""
    merged_into: Mapped[UUID | None] = belongs_to("customers", merge=MOVE)
    """As the customer's own, but under the row lock: who has waited for the lock must see it."""
    created_at: Mapped[datetime]

    customer: Mapped[Customer] = related(customer_id)


class PointTransaction(OfClinic, Identified):
    """One immutable entry of the ledger; `amount` is signed. A trigger refuses UPDATE, DELETE and TRUNCATE."""

    __tablename__ = "point_transactions"
    retention = WHILE_KNOWN
    __table_args__ = (
        UniqueConstraint("clinic_id", "idempotency_key"),
        CheckConstraint(f"amount BETWEEN {-LARGEST_ENTRY} AND {LARGEST_ENTRY}", name="amount"),
        Index("ix_point_transactions_history", "customer_id", "occurred_at", "id"),
        Index("ix_point_transactions_written", "clinic_id", "created_at", "customer_id"),
        Index("ix_point_transactions_reverses", "reverses_id", postgresql_where=text("reverses_id IS NOT NULL")),
    )

    customer_id: Mapped[UUID] = belongs_to(
        "customers", merge=stay("append-only: `loyalty.merge` writes what was handed over")
    )
    type: Mapped[EntryType] = mapped_column(String(20))
    amount: Mapped[int] = mapped_column(BigInteger)
    counted: Mapped[int] = mapped_column(BigInteger)
    """What it adds to total points, signed: total = Σ counted."""
    counts_at: Mapped[datetime]
    """The time to which `counted` belongs: when it happened, of a reversal that of the entry it reverses."""
    occurred_at: Mapped[datetime]
    """When it happened, in business time: it may have been told, or noticed, later. The history's order."""
    description_sealed: Mapped[bytes | None]
    """May name a treatment, so it is under the customer's key."""
    expires_at: Mapped[datetime | None]
    """Of an earning entry when its points will be gone; of an expiring entry when they were."""
    source: Mapped[str]
    """What earned or took them: welcome, treatment, review, … chosen by the rule, known by the catalogue."""
    reference: Mapped[str | None]
    """An opaque id of the cause, such as a workflow's."""
    idempotency_key: Mapped[str | None]
    """Business key: the same fact earns once."""
    reverses_id: Mapped[UUID | None] = belongs_to("point_transactions")
    breakdown: Mapped[Breakdown | None] = mapped_column(JSONB(none_as_null=True))
    actor: Mapped[str]
    created_at: Mapped[datetime]
    """When it was written."""

    customer: Mapped[Customer] = related(customer_id)

    description = sealed_text("point_transactions.description")

    def key_owner(self) -> Customer:
        return self.customer


class PointLot(OfClinic, Identified):
    """Earned points that expire together, and how many of them remain."""

    __tablename__ = "point_lots"
    retention = WHILE_KNOWN
    __table_args__ = (
        Index("ix_point_lots_open", "customer_id", "expires_at", postgresql_where=text("remaining <> 0")),
        Index("ix_point_lots_ending", "clinic_id", "expires_at", "customer_id", postgresql_where=text("remaining > 0")),
    )

    customer_id: Mapped[UUID] = belongs_to("customers", index=True, merge=MOVE)
    transaction_id: Mapped[UUID] = belongs_to("point_transactions", unique=True)
    remaining: Mapped[int] = mapped_column(Rest)
    expires_at: Mapped[datetime | None]
    """The first instant at which they are gone."""
    graced: Mapped[bool] = mapped_column(default=False, server_default="false")
    """Whether it had expired and was given its one time more, because points came back to it."""
    created_at: Mapped[datetime]


class PointAllocation(OfClinic, Identified):
    """How much a spending or expiring entry took from which lot."""

    __tablename__ = "point_allocations"

    transaction_id: Mapped[UUID] = belongs_to("point_transactions", index=True)
    lot_id: Mapped[UUID] = belongs_to("point_lots", index=True)
    amount: Mapped[int] = mapped_column(BigInteger)


class PendingPoints(OfClinic, Identified):
    """Points that are promised and become a ledger entry when they mature."""

    __tablename__ = "pending_points"
    retention = WHILE_KNOWN
    __table_args__ = (
        UniqueConstraint("clinic_id", "idempotency_key"),
        Index("ix_pending_points_due", "customer_id", "matures_at", postgresql_where=text("state = 'pending'")),
    )

    customer_id: Mapped[UUID] = belongs_to("customers", index=True, merge=RESEAL)
    amount: Mapped[int] = mapped_column(BigInteger)
    source: Mapped[str]
    reference: Mapped[str | None]
    idempotency_key: Mapped[str]
    description_sealed: Mapped[bytes | None]
    breakdown: Mapped[Breakdown | None] = mapped_column(JSONB(none_as_null=True))
    matures_at: Mapped[datetime]
    state: Mapped[Literal["pending", "posted", "void"]] = mapped_column(Word, default="pending")
    """Posted: its ledger entry is `transaction_id`; void: with a reason."""
    reason: Mapped[str | None]
    transaction_id: Mapped[UUID | None] = belongs_to("point_transactions")
    created_at: Mapped[datetime]

    customer: Mapped[Customer] = related(customer_id)

    description = sealed_text("pending_points.description")

    def key_owner(self) -> Customer:
        return self.customer


class Notification(OfClinic, Identified):
    """Something a customer should hear of; `data` holds codes and numbers, the words are chosen when it is said."""

    __tablename__ = "notifications"
    retention = WHILE_KNOWN
    __table_args__ = (
        Index("ix_notifications_open", "clinic_id", "due_at", postgresql_where=text("state = 'open'")),
        Index("ix_notifications_open_customer", "clinic_id", "customer_id", postgresql_where=text("state = 'open'")),
        Index("ix_notifications_dead", "clinic_id", postgresql_where=text("state = 'dead'")),
        # Each is asked for when a send or an answer has failed, and when it is forgotten.
        Index("ix_notifications_send", "clinic_id", "send_id", postgresql_where=text("send_id IS NOT NULL")),
        Index("ix_notifications_inbox", "clinic_id", "inbox_id", postgresql_where=text("inbox_id IS NOT NULL")),
        UniqueConstraint("clinic_id", "key"),
    )

    customer_id: Mapped[UUID] = belongs_to("customers", index=True, merge=MOVE)
    kind: Mapped[str]
    key: Mapped[str | None]
    """Business key: what should be said once is one row."""
    purpose: Mapped[str]
    data: Mapped[NotificationData] = mapped_column(JSONB(none_as_null=True), default=dict)
    due_at: Mapped[datetime]
    not_after: Mapped[datetime | None]
    """When a warning warns of nothing any more; what has happened stays true, and is told however late."""
    failing_since: Mapped[datetime | None]
    """Business time of the first of the failures in a row to put it into words."""
    state: Mapped[Literal["open", "sent", "skipped", "dead"]] = mapped_column(Word, default="open")
    reason: Mapped[str | None]
    send_id: Mapped[UUID | None] = belongs_to("sends")
    """The push that it went by."""
    inbox_id: Mapped[UUID | None] = belongs_to("inbox")
    """The event in whose answer it rode."""
    created_at: Mapped[datetime]
