"""What was given to a channel and has certainly not left is ahead again."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from models.followups import FollowupDelivery, FollowupExecution


def planned(
    session: Session, one: FollowupExecution, deliveries: Iterable[FollowupDelivery], due_at: datetime, reason: str
) -> None:
    """Planned as if it had not been said: channels that were passed over are looked at again. `deliveries`: its own."""
    for each in deliveries:
        if each.state == "skipped":
            session.delete(each)
    one.status, one.settled_at, one.said_index = "planned", None, None
    one.due_at, one.reason = due_at, reason
