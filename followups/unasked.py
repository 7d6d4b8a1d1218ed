"""What a customer was told last without having asked: for who asks why."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from followups.news_in_answers import RODE
from models.customers import Customer
from models.followups import TRIAL, FollowupExecution, FollowupRule
from models.loyalty import Notification

REMEMBERED = timedelta(days=90)
"""Of what lies longer ago nobody asks why it came."""


@dataclass(frozen=True)
class Said:
    """`kind`: of a follow-up or of a notification; `purpose`: by which of the customer's decisions it went."""

    kind: str
    purpose: str
    at: datetime


def last(session: Session, customer: Customer, now: datetime) -> Said | None:
    """None where there was nothing lately. News that rode in the answer to its own event was of what the customer had
    just done; what waited was not."""
    told = [one for one in (_followup(session, customer), _notification(session, customer)) if one is not None]
    newest = max(told, key=lambda one: one.at, default=None)
    return newest if newest is not None and newest.at > now - REMEMBERED else None


def _followup(session: Session, customer: Customer) -> Said | None:
    table = FollowupExecution
    theirs = select(table).where(table.clinic_id == customer.clinic_id, table.customer_id == customer.id)
    # All of the customer's first: else it may be looked for among all that the clinic has sent.
    all_ = theirs.cte("theirs").prefix_with("MATERIALIZED")
    newest = (
        select(FollowupRule.type, all_.c.purpose, all_.c.settled_at)
        .join(all_, and_(FollowupRule.id == all_.c.rule_id, FollowupRule.clinic_id == all_.c.clinic_id))
        .where(all_.c.status == "sent", all_.c.settled_at.is_not(None), ~all_.c.anchor.startswith(TRIAL))
        .order_by(all_.c.settled_at.desc())
        .limit(1)
    )
    found = session.execute(newest).one_or_none()
    return None if found is None else Said(*found)


def _notification(session: Session, customer: Customer) -> Said | None:
    table = Notification
    theirs = table.clinic_id == customer.clinic_id, table.customer_id == customer.id, table.state == "sent"
    unasked = or_(table.send_id.is_not(None), table.reason == RODE)
    told = select(table.kind, table.purpose, table.due_at).where(*theirs, unasked)
    newest = told.order_by(table.due_at.desc()).limit(1)
    found = session.execute(newest).one_or_none()
    return None if found is None else Said(*found)
