"""What customers do with what was said: it was opened, a link was followed, they answered."""

from datetime import datetime

from models.followups import FollowupExecution


def track(
    one: FollowupExecution,
    *,
    opened: bool,
    clicked: bool,
    responded: bool,
    sentiment: str | None,
    at: datetime,
) -> None:
    """The first time of each counts; who has answered or followed a link has opened it. A sentiment is kept as told."""
    if opened or clicked or responded:
        one.opened_at = one.opened_at or at
    if clicked:
        one.clicked_at = one.clicked_at or at
    if responded:
        one.responded_at = one.responded_at or at
    if sentiment is not None:
        one.response = {**(one.response or {}), "sentiment": sentiment}
