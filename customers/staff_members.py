"""Who may act in a group of the staff: being in the group is not being staff.

The member who sends the code that binds the group is its manager; everybody else is unknown until a manager allows
them, by name and time. Leaving the group, or being removed, ends it at once; LINE is asked each day who is still there.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy import Select, exists, select, update
from sqlalchemy.orm import Session

from customers.people import vault_of
from models.access import StaffGroup
from models.clinics import Clinic
from models.customers import Customer, LineLink
from models.staff import Role, StaffMember
from runtime import codes, wake
from runtime.clock import DATABASE_NOW
from runtime.work import Batch

Ending = Literal["left", "removed", "gone", "group_left"]


def find(session: Session, group: StaffGroup, user_id: str) -> StaffMember | None:
    """The person, if they are known in this group now, allowed or not."""
    index = vault_of(session).index(group.clinic_id, "line", user_id)
    return session.scalars(_present(group).where(StaffMember.member_index == index)).one_or_none()


def meet(session: Session, group: StaffGroup, user_id: str, now: datetime) -> StaffMember:
    """The same, noted as somebody whom nobody has allowed; LINE is asked for their name."""
    known = find(session, group, user_id)
    if known is not None:
        return known
    taken = session.scalars(select(StaffMember.code).where(StaffMember.clinic_id == group.clinic_id)).all()
    member = StaffMember(
        clinic_id=group.clinic_id,
        clinic=group.clinic,
        group_id=group.id,
        member_index=vault_of(session).index(group.clinic_id, "line", user_id),
        user_id=user_id,
        role="unknown",
        code=codes.short_code(taken),
        ask_due_at=DATABASE_NOW,
        ask_attempts=0,
        created_at=now,
    )
    session.add(member)
    session.flush()
    wake.after(session, "profiles")
    return member


def allow(session: Session, member: StaffMember, role: Role, now: datetime, *, by: str) -> None:
    """From now on they may act in the group as `role`."""
    member.role, member.allowed_by, member.allowed_at, member.code = role, by, now, None
    session.flush()


def end(session: Session, member: StaffMember, why: Ending, now: datetime, *, by: str | None = None) -> None:
    """They may do nothing here any more. What they did stays theirs, by name; how LINE knows them is forgotten."""
    member.ended_at, member.ended_why, member.ended_by = now, why, by
    member.user_id, member.code, member.ask_due_at = None, None, None
    session.flush()


def end_all(session: Session, group: StaffGroup, now: datetime) -> None:
    """The account has left the group."""
    for member in present(session, group):
        end(session, member, "group_left", now)


def present(session: Session, group: StaffGroup, roles: Collection[Role] = ()) -> Sequence[StaffMember]:
    """Those who are known here now, in the order in which they came; of these roles, or of any."""
    known = _present(group).order_by(StaffMember.created_at, StaffMember.id)
    return session.scalars(known.where(StaffMember.role.in_(roles)) if roles else known).all()


def by_code(session: Session, group: StaffGroup, code: str) -> StaffMember | None:
    """Who waits to be allowed by this code, as a person typed it."""
    return session.scalars(_present(group).where(StaffMember.code == codes.squeezed(code))).first()


def actor(member: StaffMember) -> str:
    """Who acts, as it is written beside what was done."""
    return f"staff:{member.member_index.hex()}"


def may_act(session: Session, group: StaffGroup, who: str) -> bool:
    """Whether somebody, by what is written beside what they did, is allowed to act in the group now."""
    return any(actor(one) == who for one in present(session, group, ["manager", "staff"]))


def is_one(session: Session, customer: Customer) -> bool:
    """Whether an account of the customer is that of somebody allowed who is in a group of the staff now."""
    theirs = (StaffMember.clinic_id == LineLink.clinic_id) & (StaffMember.member_index == LineLink.user_index)
    present = StaffMember.ended_at.is_(None), StaffMember.role.in_(("manager", "staff"))
    mine = LineLink.clinic_id == customer.clinic_id, LineLink.customer_id == customer.id
    return session.scalar(select(exists().where(*mine, theirs, *present))) is True


def names(session: Session, clinic: Clinic, actors: Collection[str]) -> dict[str, str]:
    """The names of those who did something, by what is written beside it; without those that LINE has not told."""
    indexes = [bytes.fromhex(who.removeprefix("staff:")) for who in set(actors) if who.startswith("staff:")]
    theirs = StaffMember.clinic_id == clinic.id, StaffMember.member_index.in_(indexes)
    found = session.scalars(select(StaffMember).where(*theirs).order_by(StaffMember.created_at, StaffMember.id))
    return {actor(one): name for one in found if (name := one.name)}


def ask_again(session: Session, clinic: Clinic, batch: Batch) -> int:
    """Have LINE asked whether a batch of the clinic's staff are still in their groups; how many."""
    known = select(StaffMember.id).where(StaffMember.clinic_id == clinic.id, StaffMember.ended_at.is_(None))
    ids = batch.take(session, known)
    asked = update(StaffMember).where(StaffMember.id.in_(ids), StaffMember.ask_due_at.is_(None))
    session.execute(asked.values(ask_due_at=DATABASE_NOW, ask_attempts=0))
    wake.after(session, "profiles")
    return len(ids)


def _present(group: StaffGroup) -> Select[StaffMember]:
    return select(StaffMember).where(
        StaffMember.clinic_id == group.clinic_id, StaffMember.group_id == group.id, StaffMember.ended_at.is_(None)
    )
