"""An earning in one statement, many of them sent at once: entry, lot, sums, and what the customer hears of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Text, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session, make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value

from loyalty import notifications
from loyalty.notifications import Kind
from models.base import new_id
from models.loyalty import LoyaltyProfile, NotificationData, PointTransaction

_BOOK = text(
    """
    WITH entry AS (
        INSERT INTO point_transactions (id, clinic_id, customer_id, type, amount, counted, counts_at, occurred_at,
            description_sealed, expires_at, source, reference, idempotency_key, breakdown, actor, created_at)
        VALUES (:id, :clinic_id, :customer_id, :type, :amount, :counted, :counts_at, :occurred_at,
            :description_sealed, :expires_at, :source, :reference, :idempotency_key, :breakdown, :actor, :created_at)
        ON CONFLICT (clinic_id, idempotency_key) DO NOTHING
        RETURNING id
    ), lot AS (
        INSERT INTO point_lots (id, clinic_id, customer_id, transaction_id, remaining, expires_at, created_at)
        SELECT :lot, :clinic_id, :customer_id, id, :amount, :expires_at, :created_at FROM entry
    ), news AS (
        INSERT INTO notifications (id, clinic_id, customer_id, kind, key, purpose, data, due_at, state, created_at)
        SELECT :news, :clinic_id, :customer_id, :kind, :news_key, 'transactional', :data, :news_at, 'open', :created_at
        FROM entry WHERE :kind IS NOT NULL
        ON CONFLICT DO NOTHING
    )
    UPDATE loyalty_profiles SET total_points = :total_points, available_points = :available_points,
        current_tier = :current_tier, tier_progress = :tier_progress, due_at = :due_at
    FROM entry WHERE loyalty_profiles.clinic_id = :clinic_id AND loyalty_profiles.customer_id = :customer_id
    """
).bindparams(
    bindparam("breakdown", type_=JSONB(none_as_null=True)),
    bindparam("data", type_=JSONB(none_as_null=True)),
    bindparam("kind", type_=Text()),
    bindparam("news_key", type_=Text()),
)
_OF_ENTRY = (
    "id", "clinic_id", "customer_id", "type", "amount", "counted", "counts_at", "occurred_at", "description_sealed",
    "expires_at", "source", "reference", "idempotency_key", "breakdown", "actor", "created_at",
)  # fmt: skip


@dataclass(frozen=True)
class News:
    """What the customer hears of an earning, in the moment in which it is booked."""

    kind: Kind
    data: NotificationData
    key: str | None = None


@dataclass(frozen=True)
class Sums:
    """What a profile holds after the earning."""

    total_points: int
    available_points: int
    current_tier: str
    tier_progress: Decimal
    due_at: datetime | None


@dataclass(frozen=True)
class Booking:
    """What one earning writes: `sums` were reckoned from the profile under its lock."""

    profile: LoyaltyProfile
    entry: PointTransaction
    sums: Sums
    news: News | None


def book(session: Session, bookings: Sequence[Booking]) -> bool:
    """Write of each the entry, a lot of as many points, the sums and the news; True.

    Where the key of one is known nothing of it is written, and it is False. Nobody is booked twice at once. Debts and
    what a rise of the tier brings are the caller's.
    """
    session.flush()
    told = [new_id() for _ in bookings]
    rows = [_row(one, news) for one, news in zip(bookings, told, strict=True)]
    # Through the connection: the session would add half as much again, and knows of no row that is written here.
    if session.connection().execute(_BOOK, rows if len(rows) > 1 else rows[0]).rowcount < len(rows):
        return False
    undoable = session.in_nested_transaction()
    for one, news in zip(bookings, told, strict=True):
        make_transient_to_detached(one.entry)
        session.add(one.entry)
        for name, value in vars(one.sums).items():
            if undoable:
                setattr(one.profile, name, value)  # or the end of a savepoint would not have it read again
            set_committed_value(one.profile, name, value)
        if one.news:
            notifications.note(session, one.profile.customer, news)
    return True


def _row(one: Booking, news: UUID) -> dict[str, Any]:
    values = {name: getattr(one.entry, name) for name in _OF_ENTRY} | vars(one.sums)
    return values | {
        "lot": new_id(),
        "news": news,
        "kind": one.news and one.news.kind,
        "news_key": one.news and one.news.key,
        "data": one.news and one.news.data,
        "news_at": one.entry.created_at + notifications.MERGE_WINDOW,
    }
