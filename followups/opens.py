"""How many people have seen what a rule has pushed, month by month, as far as the channel tells.

What went under a name is counted by us, from an index, at a cost of what went in that month; how many have seen it,
by the channel, which is asked each time: its figures are of yesterday, and change for two weeks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import cast
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from channels.base import Channels, Measuring, Seen
from customers import meters
from models.base import open_key
from models.clinics import Clinic
from models.followups import FollowupDelivery, FollowupRule

CHANNEL = "line"
"""Of all channels the one whose provider counts."""


@dataclass(frozen=True)
class Month:
    """What has gone of a rule under one name. `since`, `until`: the month, as far as it has passed."""

    month: date
    unit: str
    sent: int
    since: datetime
    until: datetime


def months(
    session: Session, channels: Channels, clinic: Clinic, rule: FollowupRule, now: datetime, many: int
) -> Sequence[Month]:
    """Of the last so many, this one among them, those in which something has gone; the newest first."""
    channel, zone = _measuring(channels), clinic.settings.voice.zone
    days = [meters.month_of(clinic, now)]
    while len(days) < many:
        days.append((days[-1] - timedelta(days=1)).replace(day=1))
    units = {channel.unit(rule.id, day): day for day in days}
    table = FollowupDelivery
    gone = (
        select(table.unit, func.count())
        .where(table.clinic_id == clinic.id, table.unit.in_(units), table.state == "sent")
        .group_by(table.unit)
    )
    sent = dict(session.execute(gone).all())
    return [
        Month(day, unit, sent[unit], datetime.combine(day, time(), zone), min(now, _end(day, zone)))
        for unit, day in units.items()
        if unit in sent
    ]


def seen(session: Session, channels: Channels, clinic: Clinic, found: Sequence[Month]) -> Sequence[Seen]:
    """Of each, as the channel tells now. The session is closed before it is asked. Raises `ChannelError`."""
    channel = _measuring(channels)
    open_key(clinic)  # while there is a session: the channel reads the clinic's credentials without one
    session.close()
    return [channel.seen(clinic, one.unit, one.since, one.until) for one in found]


def _end(day: date, zone: ZoneInfo) -> datetime:
    """The last moment of its month."""
    following = (day + timedelta(days=32)).replace(day=1)
    return datetime.combine(following, time(), zone) - timedelta(microseconds=1)


def _measuring(channels: Channels) -> Measuring:
    return cast("Measuring", channels[CHANNEL])
