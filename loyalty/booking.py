"""An earning in one statement: its entry, its lot, the sums, and what the customer hears of it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

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


def book(session: Session, profile: LoyaltyProfile, entry: PointTransaction, sums: Sums, news: News | None) -> bool:
    """Write the entry, a lot of as many points, the sums and the news; False where its key is known: then nothing is.

    Under the profile's lock: the sums were reckoned from it. Debts and what a rise of the tier brings are the caller's.
    """
    session.flush()
    values = {name: getattr(entry, name) for name in _OF_ENTRY} | vars(sums)
    told = new_id()
    values |= {
        "lot": new_id(),
        "news": told,
        "kind": news and news.kind,
        "news_key": news and news.key,
        "data": news and news.data,
        "news_at": entry.created_at + notifications.MERGE_WINDOW,
    }
    # Through the connection: the session would add half as much again, and knows of no row that is written here.
    if not session.connection().execute(_BOOK, values).rowcount:
        return False
    make_transient_to_detached(entry)
    session.add(entry)
    undoable = session.in_nested_transaction()
    for name, value in vars(sums).items():
        if undoable:
            setattr(profile, name, value)  # or the end of a savepoint would not have it read again
        set_committed_value(profile, name, value)
    if news:
        notifications.note(session, profile.customer, told)
    return True
