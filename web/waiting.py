"""What waits for the clinic's clock, and why: told in development, beside the clock that is moved."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from models.clinics import Clinic
from models.facts import Referral
from models.followups import FollowupExecution, FollowupRule
from models.loyalty import LoyaltyProfile, Notification
from models.rewards import Redemption

What = Literal["messages", "followups", "points", "codes", "referrals"]
SHOWN = 5
READ = 1_000
"""Follow-ups of a clinic that are counted, the soonest, however many lie ahead."""


@dataclass(frozen=True)
class Wait:
    """`count` of them, until `until`. Of messages also why: `quiet_hours`, `failing`, `its_hour` or `gathering`; of
    follow-ups their kind, for how many customers, and why if a gate has held them."""

    until: datetime
    what: What
    why: str
    count: int
    kind: str = ""


_WHY = case(
    (Notification.failing_since.is_not(None), "failing"),
    (Notification.reason == "quiet_hours", "quiet_hours"),
    (Notification.kind.in_(("points_expiring", "tier_at_risk")), "its_hour"),
    else_="gathering",
)
# Points mature or expire, codes lapse, friends who were brought are paid for.
_NEXT: tuple[tuple[What, InstrumentedAttribute[UUID], InstrumentedAttribute[Any], ColumnElement[bool] | None], ...] = (
    ("points", LoyaltyProfile.clinic_id, LoyaltyProfile.due_at, None),
    ("codes", Redemption.clinic_id, Redemption.expires_at, Redemption.state == "issued"),
    ("referrals", Referral.clinic_id, Referral.pays_at, Referral.state == "qualified"),
)


def waiting(session: Session, now: datetime) -> list[Wait]:
    """What comes next of all clinics, the soonest first: some messages, and the first of each other kind."""
    clinics = session.scalars(select(Clinic.id)).all()
    found = [one for id_ in clinics for rows in (_messages, _followups, _others) for one in rows(session, id_, now)]
    return sorted(found, key=lambda one: one.until)[:SHOWN]


def _messages(session: Session, clinic_id: UUID, now: datetime) -> Iterator[Wait]:
    due = (Notification.clinic_id == clinic_id, Notification.state == "open", Notification.due_at > now)
    # Those that were written at one time are one message to whoever waits for it, though not to the microsecond.
    minute = func.date_trunc("minute", Notification.due_at)
    people = func.count(Notification.customer_id.distinct())
    rows = select(func.max(Notification.due_at), _WHY, people).where(*due).group_by(minute, _WHY).order_by(minute)
    for until, why, count in session.execute(rows.limit(SHOWN)):
        yield Wait(until, "messages", why, count)


def _followups(session: Session, clinic_id: UUID, now: datetime) -> Iterator[Wait]:
    table = FollowupExecution
    due = table.clinic_id == clinic_id, table.status == "planned", table.due_at > now
    next_ = select(table.due_at, table.reason, table.rule_id, table.customer_id).where(*due)
    some = next_.order_by(table.due_at).limit(READ).subquery()
    minute, people = func.date_trunc("minute", some.c.due_at), func.count(some.c.customer_id.distinct())
    rows = (
        select(func.max(some.c.due_at), FollowupRule.type, func.coalesce(some.c.reason, ""), people)
        .join(FollowupRule, and_(FollowupRule.id == some.c.rule_id, FollowupRule.clinic_id == clinic_id))
        .group_by(minute, FollowupRule.type, some.c.reason)
        .order_by(minute, FollowupRule.type)
    )
    for until, kind, why, count in session.execute(rows.limit(SHOWN)):
        yield Wait(until, "followups", why, count, kind)


def _others(session: Session, clinic_id: UUID, now: datetime) -> Iterator[Wait]:
    for what, owner, at, also in _NEXT:
        due = [owner == clinic_id, at > now, *([] if also is None else [also])]
        first = session.scalars(select(at).where(*due).order_by(at).limit(1)).one_or_none()
        if first is not None:
            together = select(func.count()).where(*due, at == first)
            yield Wait(first, what, "", session.scalars(together).one())
