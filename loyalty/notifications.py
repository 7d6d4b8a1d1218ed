"""Rows that say what a customer should hear of. Who says it, and with which words, is decided elsewhere."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.base import new_id
from models.clinics import Clinic
from models.customers import Customer
from models.loyalty import Notification, NotificationData
from runtime import wake

Kind = Literal[
    "points_earned",
    "points_promised",
    "points_matured",
    "points_clawed_back",
    "points_expiring",
    "points_expired",
    "tier_upgraded",
    "tier_lowered",
    "tier_at_risk",
    "tier_terms",
    "achievement_unlocked",
    "referral_paid",
    "redemption_used",
    "redemption_expired",
    "payment_undone",
    "visit_undone",
    "use_undone",
    "tie_asked",
    "linked",
    "not_linked",
    "unlinked",
    "course_shared",
    "course_received",
    "share_undone",
    "grant_given",
    "grant_ended",
    "feedback_asked",
    "birthday_points",
    "congratulation",
]
"""What there is to hear of. Each has its words in `followups/compose.py`."""
MERGE_WINDOW = timedelta(seconds=20)
"""What happens to one customer within this time is one message: a payment that earns, upgrades and unlocks."""

# The table and not the class: the unit of work has nothing to add, and it costs as much again.
_WRITE = insert(Notification.metadata.tables[Notification.__tablename__]).on_conflict_do_nothing()
_WRITE_ALL = text(
    """
    INSERT INTO notifications
        (id, clinic_id, customer_id, kind, key, purpose, data, due_at, not_after, state, created_at)
    SELECT new.id, :clinic, new.customer_id, :kind, new.key, :purpose, new.data, :due_at, :not_after, 'open', :now
    FROM json_to_recordset(CAST(:news AS json)) new (id uuid, customer_id uuid, key text, data jsonb)
    ON CONFLICT DO NOTHING
    """
)
TOGETHER = 1_000
"""Rows of one statement, which has a limit to keep to."""


def write(
    session: Session,
    customer: Customer,
    kind: Kind,
    now: datetime,
    *,
    data: NotificationData | None = None,
    key: str | None = None,
    due_at: datetime | None = None,
    not_after: datetime | None = None,
    purpose: str = "transactional",
) -> None:
    """With a `key` the same notification is written once. Who answers the customer now may `take_written` it along.

    What has happened stays true and is told however late: only a warning has a `not_after`.
    """
    id_, due_at = new_id(), due_at or now + MERGE_WINDOW
    session.flush()
    session.execute(
        _WRITE,
        {
            "id": id_,
            "clinic_id": customer.clinic_id,
            "customer_id": customer.id,
            "kind": kind,
            "key": key,
            "purpose": purpose,
            "data": data or {},
            "due_at": due_at,
            "not_after": not_after,
            "state": "open",
            "created_at": now,
        },
    )
    note(session, customer, id_)


def withdraw(session: Session, customer: Customer, kinds: Collection[Kind], at: datetime) -> bool:
    """What was written about the customer at that very moment is not so: it is not told any more. Whether some of it
    has been told."""
    session.flush()
    those = Notification.customer_id == customer.id, Notification.kind.in_(kinds), Notification.created_at == at
    told = session.scalars(select(Notification.id).where(*those, Notification.state == "sent").limit(1)).first()
    # Without its key, so that the same is news when it comes again.
    untold = update(Notification).where(*those, Notification.state == "open")
    session.execute(untold.values(state="skipped", reason="undone", key=None))
    session.execute(update(Notification).where(*those).values(key=None))
    return told is not None


def note(session: Session, customer: Customer, id_: UUID) -> None:
    """This session has written this notification about the customer."""
    _written(session).setdefault(customer.id, []).append(id_)
    wake.after(session, "send")


@dataclass(frozen=True)
class News:
    """One notification of many: whom it is for, what its words are made of, and its key."""

    customer_id: UUID
    data: NotificationData
    key: str | None = None


def write_all(
    session: Session,
    clinic: Clinic,
    kind: Kind,
    now: datetime,
    news: Sequence[News],
    *,
    due_at: datetime | None = None,
    not_after: datetime | None = None,
    purpose: str = "transactional",
) -> None:
    """What `write` writes, of one kind for many customers of a clinic, in their order."""
    if not news:
        return
    about = {
        "clinic": clinic.id,
        "kind": kind,
        "purpose": purpose,
        "due_at": due_at or now + MERGE_WINDOW,
        "not_after": not_after,
        "now": now,
    }
    rows = [
        {"id": str(new_id()), "customer_id": str(one.customer_id), "key": one.key, "data": one.data} for one in news
    ]
    for first in range(0, len(rows), TOGETHER):
        session.execute(_WRITE_ALL, {**about, "news": json.dumps(rows[first : first + TOGETHER])})
    wake.after(session, "send")


def take_written(session: Session, customer: Customer) -> list[UUID]:
    """The ids that this session has written about the customer since it was last asked, so that nobody need search.

    One that was known by its key, or rolled back, is no row: look them up.
    """
    return _written(session).pop(customer.id, [])


def _written(session: Session) -> dict[UUID, list[UUID]]:
    found: dict[UUID, list[UUID]] = session.info.setdefault("notifications_written", {})
    return found
