"""Which LINE groups are the clinic's own. A manager makes a code; sent in a group, once, it binds that group."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.orm import Session

from customers import staff_members, staff_notices
from customers.people import vault_of
from models.access import StaffGroup
from models.branches import Branch
from models.clinics import Clinic
from models.staff_notices import StaffNotice
from runtime import codes

CODE_LIFE = timedelta(hours=24)


def make_code(session: Session, clinic: Clinic, now: datetime, branch: Branch | None = None) -> str:
    """A new one-time code, for the clinic's group or a branch's; only its keyed hash is kept. Codes of this clinic that
    nobody used in time are forgotten."""
    session.execute(
        delete(StaffGroup).where(
            StaffGroup.clinic_id == clinic.id, StaffGroup.group_index.is_(None), StaffGroup.code_expires_at <= now
        )
    )
    code = codes.new_code()
    session.add(
        StaffGroup(
            clinic_id=clinic.id,
            clinic=clinic,
            branch_id=branch.id if branch else None,
            code_hash=_hash(session, clinic, code),
            code_expires_at=now + CODE_LIFE,
            created_at=now,
        )
    )
    session.flush()
    return code


def bind(session: Session, clinic: Clinic, code: str, group_id: str, now: datetime) -> StaffGroup | None:
    """The group, which is the clinic's own from now on. None for a code that is unknown, used or too old.

    In a group that is bound already the code is used up all the same: whoever has it was given it by a person at the
    clinic's terminal. That of a branch makes it the branch's.
    """
    given = session.scalars(
        select(StaffGroup)
        .where(
            StaffGroup.clinic_id == clinic.id,
            StaffGroup.code_hash == _hash(session, clinic, code),
            StaffGroup.code_expires_at > now,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if given is None:
        return None
    if (group := bound(session, clinic, group_id)) is not None:
        group.branch_id = given.branch_id or group.branch_id
        session.delete(given)
        session.flush()
        return group
    given.code_hash, given.code_expires_at = None, None
    given.group_index, given.group_id, given.bound_at = _index(session, clinic, group_id), group_id, now
    session.flush()
    staff_notices.again(session, clinic, now)
    return given


def bound(session: Session, clinic: Clinic, group_id: str) -> StaffGroup | None:
    """The group, if it is the clinic's own."""
    ours = StaffGroup.clinic_id == clinic.id, StaffGroup.group_index == _index(session, clinic, group_id)
    return session.scalars(select(StaffGroup).where(*ours)).one_or_none()


def groups(session: Session, clinic: Clinic) -> Sequence[StaffGroup]:
    """The clinic's own groups, in the order in which they were bound."""
    ours = StaffGroup.clinic_id == clinic.id, StaffGroup.group_index.is_not(None)
    return session.scalars(select(StaffGroup).where(*ours).order_by(StaffGroup.bound_at, StaffGroup.id)).all()


def hearing(groups: Sequence[StaffGroup], branch_id: UUID | None) -> StaffGroup | None:
    """The group that hears what is of a branch: the branch's own, else the clinic's, which is one of no branch, or the
    first where each is a branch's. None where there is none."""
    own = [one for one in groups if branch_id is not None and one.branch_id == branch_id]
    return next(iter([*own, *(one for one in groups if one.branch_id is None), *groups]), None)


def heard_in(groups: Sequence[StaffGroup], group: StaffGroup) -> ColumnElement[bool]:
    """Which notices this group hears, and no other of them."""
    theirs = {one.branch_id for one in groups if one.branch_id is not None}
    own = [branch_id for branch_id in theirs if hearing(groups, branch_id) is group]
    if hearing(groups, None) is not group:
        return StaffNotice.branch_id.in_(own)
    others = theirs.difference(own)
    return or_(StaffNotice.branch_id.is_(None), StaffNotice.branch_id.not_in(others))


def told_of(session: Session, clinic: Clinic, kind: str) -> bool:
    """Whether a notice of this kind reaches a group of the clinic's now."""
    return getattr(clinic.settings.staff_notices, kind, "at_once") != "off" and bool(groups(session, clinic))


def unbind(session: Session, group: StaffGroup, now: datetime) -> None:
    """The account was taken out of it: nobody may act there any more, and how LINE knows it is forgotten."""
    staff_members.end_all(session, group, now)
    group.group_index, group.group_id, group.left_at = None, None, now
    session.flush()


def actor(session: Session, clinic: Clinic, group_id: str, user_id: str | None) -> str:
    """Who acted in a group, as it is written beside what was done: `staff:` or `group:` and a blind index in hex."""
    index = vault_of(session).index(clinic.id, "line", user_id or group_id)
    return f"{'staff' if user_id else 'group'}:{index.hex()}"


def _hash(session: Session, clinic: Clinic, code: str) -> bytes:
    return vault_of(session).index(clinic.id, "group_code", code)


def _index(session: Session, clinic: Clinic, group_id: str) -> bytes:
    return vault_of(session).index(clinic.id, "line", group_id)
