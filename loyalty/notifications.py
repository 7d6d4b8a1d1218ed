"""Rows that say what a customer should hear of. Who says it, and with which words, is decided elsewhere."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.base import new_id
from models.customers import Customer
from models.loyalty import Notification
from runtime import wake

MERGE_WINDOW = timedelta(seconds=10)
"""What happens to one customer within this time is one message: a payment that earns, upgrades and unlocks."""
WORTH = timedelta(days=3)
"""After this long a notice is no news any more."""

# The table and not the class: the unit of work has nothing to add, and it costs as much again.
_WRITE = insert(Notification.metadata.tables[Notification.__tablename__]).on_conflict_do_nothing()


def write(
    session: Session,
    customer: Customer,
    kind: str,
    now: datetime,
    *,
    data: Mapping[str, Any] | None = None,
    key: str | None = None,
    due_at: datetime | None = None,
    not_after: datetime | None = None,
    purpose: str = "transactional",
) -> None:
    """`data` holds codes and numbers only. With a `key` the same notice is written once."""
    due_at = due_at or now + MERGE_WINDOW
    session.flush()
    session.execute(
        _WRITE,
        {
            "id": new_id(),
            "clinic_id": customer.clinic_id,
            "customer_id": customer.id,
            "kind": kind,
            "key": key,
            "purpose": purpose,
            "data": dict(data or {}),
            "due_at": due_at,
            "not_after": not_after or due_at + WORTH,
            "state": "open",
            "created_at": now,
        },
    )
    session.info.setdefault("noticed", set()).add(customer.id)
    wake.after(session, "send")


def written_for(session: Session, customer: Customer) -> bool:
    """Whether this session has written a notice for the customer, so that nobody need ask the database."""
    return customer.id in session.info.get("noticed", ())
