"""A database was restored: what was due after its backup may have been said by the one that is gone, and is not said
again. Nothing is forgotten: each such row says so, and a person decides.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.base import among
from models.conversations import Send
from models.followups import FollowupDelivery, FollowupExecution
from models.loyalty import Notification
from runtime.clock import DATABASE_NOW

RESTORED = "restored"


@dataclass(frozen=True)
class Counted:
    executions: int
    notifications: int
    sends: int


def may_have_been_said(session: Session, until: datetime, business: datetime) -> Counted:
    """All that was due until then (`until` real, `business` by business time), when the other one was at work last.

    Requests that are frozen already have the key under which they would have left: the outbox repeats them with it, or
    leaves them unknown where there is none, or it may be forgotten.
    """
    table = FollowupExecution
    due = update(table).where(table.status == "planned", table.due_at <= business)
    executions = session.execute(
        due.values(status="unknown", reason="restored", settled_at=business).returning(table.id)
    ).all()
    news = update(Notification).where(Notification.state == "open", Notification.due_at <= business)
    notifications = session.execute(news.values(state="dead", reason=RESTORED).returning(Notification.id)).all()
    to_people = Send.state == "queued", Send.customer_id.is_not(None)
    answers = update(Send).where(*to_people, Send.reason == "reply_expired")
    late = session.scalars(answers.values(state="unknown", error=RESTORED).returning(Send.id)).all()
    ways = update(FollowupDelivery).where(among(FollowupDelivery.send_id, late))
    ways = ways.values(state="unknown", reason=RESTORED, settled_at=business)
    ended = session.scalars(ways.returning(FollowupDelivery.execution_id)).all()
    for one in session.scalars(select(table).where(among(table.id, ended))):
        if one.status == "sent":
            one.status, one.reason, one.settled_at = "unknown", RESTORED, business
    frozen = update(Send).where(*to_people, Send.created_at <= until)
    tried = {"first_tried_at": Send.created_at, "lease_until": DATABASE_NOW, "due_at": DATABASE_NOW}
    sends = session.execute(frozen.values(**tried).returning(Send.id)).all()
    return Counted(len(executions), len(notifications), len(sends) + len(late))
