"""The demo clinic's staff: the simulator's group of theirs, bound already, with a manager who has allowed two."""

import hashlib
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from customers import staff, staff_members
from models.access import StaffGroup
from models.clinics import Clinic
from models.staff import Role

MANAGER, OTHERS = "Somsak", ("Ploy", "Fon")


def seed(session: Session, clinic: Clinic, now: datetime) -> None:
    """Once: a clinic that has or had a group of its own keeps to it."""
    if session.scalars(select(StaffGroup.id).where(StaffGroup.clinic_id == clinic.id).limit(1)).first() is not None:
        return
    group = staff.bind(session, clinic, staff.make_code(session, clinic, now), _id("C", "aura-staff"), now)
    assert group is not None
    manager = staff_members.actor(staff_members.meet(session, group, _id("U", MANAGER.lower()), now))
    for name in (MANAGER, *OTHERS):
        member = staff_members.meet(session, group, _id("U", name.lower()), now)
        role: Role = "manager" if name == MANAGER else "staff"
        staff_members.allow(session, member, role, now, by=manager)


def _id(kind: str, name: str) -> str:
    """Of a group or a person, as the simulator makes it of a name."""
    return kind + hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()
