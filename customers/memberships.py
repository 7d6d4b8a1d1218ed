"""Asking LINE for the staff of a group: their names, and whether they are still there.

Beside the profiles of friends, in the same lane (`customers/profiles.py`): claims and records, no call is made here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import and_, select
from sqlalchemy.orm import Session, joinedload

from channels.line.client import Access, Line
from customers import staff_members
from models.staff import StaffMember
from runtime import work
from runtime.clock import DATABASE_NOW
from runtime.timing import TRIES, Timing

ATTEMPTS = 6
LONGEST_NAME = 100

work.queues.add(
    "memberships",
    work.Queue(
        StaffMember.id,
        StaffMember.clinic_id,
        waiting=StaffMember.ask_due_at.is_not(None),
        due=StaffMember.ask_due_at,
        error=StaffMember.ask_error,
        retry={"ask_due_at": DATABASE_NOW, "ask_attempts": 0},
        drop=lambda reason: {"ask_error": reason},
        wake="profiles",
        dead=and_(
            StaffMember.ask_due_at.is_(None),
            StaffMember.ended_at.is_(None),
            StaffMember.ask_error.is_not(None),
            ~StaffMember.ask_error.startswith(work.DROPPED),
        ),
    ),
)

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Claim:
    """Who is asked for, and until when the claim stands."""

    key: tuple[UUID, UUID]
    group_id: str
    user_id: str
    access: Access
    attempts: int
    lease: datetime


def claim(session: Session, clinic_id: UUID, line: Line, timing: Timing) -> tuple[bool, Claim | None]:
    """Whether somebody was due, and the claim; None when there is nothing to ask, and the row then says why."""
    found = session.execute(
        select(StaffMember, DATABASE_NOW)
        .options(joinedload(StaffMember.group, innerjoin=True), joinedload(StaffMember.clinic, innerjoin=True))
        .where(StaffMember.clinic_id == clinic_id, StaffMember.ask_due_at <= DATABASE_NOW)
        .order_by(StaffMember.ask_due_at)
        .limit(1)
        .with_for_update(of=StaffMember, skip_locked=True)
    ).one_or_none()
    if found is None:
        return False, None
    member, now = found
    member.ask_attempts += 1
    lease = now + timing.profile_lease * min(member.ask_attempts, ATTEMPTS)
    member.ask_due_at = lease
    try:
        group_id, user_id, access = member.group.group_id, member.user_id, line.access(member.clinic)
    except Exception as error:  # noqa: BLE001 - what cannot be read is booked on its own row and stops nobody else's
        member.ask_error = type(error).__name__
        if member.ask_attempts >= TRIES:
            member.ask_due_at = None
        log.error("member not readable", member=str(member.id), error=member.ask_error)
        return True, None
    if group_id is None or user_id is None:
        member.ask_due_at = None
        return True, None
    return True, Claim((member.id, clinic_id), group_id, user_id, access, member.ask_attempts, lease)


def claimed(session: Session, claim: Claim) -> StaffMember | None:
    """The row of the claim, locked; None when another worker has asked since, or the person has left."""
    id_, clinic_id = claim.key
    this = StaffMember.id == id_, StaffMember.clinic_id == clinic_id
    member = session.scalars(select(StaffMember).where(*this).with_for_update()).one()
    return member if member.ask_due_at == claim.lease else None


def keep(member: StaffMember, profile: Mapping[str, object]) -> None:
    """LINE knows them there."""
    member.ask_due_at, member.ask_error, member.asked_at = None, None, DATABASE_NOW
    name = profile.get("displayName")
    if isinstance(name, str) and name.strip():
        member.name = name.strip()[:LONGEST_NAME]


def refused(session: Session, member: StaffMember, reason: str, now: datetime, *, absent: bool) -> None:
    """LINE does not know them there (`absent`), or would not say."""
    member.ask_due_at, member.ask_error, member.asked_at = None, reason, DATABASE_NOW
    if absent:
        staff_members.end(session, member, "gone", now)
