"""What was given to a channel and has certainly not left is ahead again."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from models.followups import FollowupDelivery, FollowupExecution


def planned(session: Session, one: FollowupExecution, due_at: datetime, reason: str) -> None:
    """Planned as if it had not been said: channels that were passed over are looked at again."""
    mine = FollowupDelivery.clinic_id == one.clinic_id, FollowupDelivery.execution_id == one.id
    session.execute(delete(FollowupDelivery).where(*mine, FollowupDelivery.state == "skipped"))
    one.status, one.settled_at, one.said_index = "planned", None, None
    one.due_at, one.reason = due_at, reason
