"""A customer who talks to people: until when what they write is left to these, of each of their LINE accounts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select, true, update
from sqlalchemy.orm import Session, joinedload

from customers import staff_notices
from models.clinics import Clinic
from models.conversations import ConversationState
from models.customers import Customer, LineLink
from models.staff import StaffAct
from models.staff_notices import StaffNotice

PEOPLE_LIFE = timedelta(hours=4)
"""How long after the customer's last words, or the last that they were answered by people, these are left to them."""
SHOWN = 10
KIND = "person_wanted"
REMIND = timedelta(hours=1)
"""How often the staff are told of who still waits, in what they are answered."""
AGAIN = StaffNotice.data.has_key("again")
"""Whether it is told once more of somebody who still waits."""


def hold(session: Session, link: LineLink, now: datetime) -> datetime:
    """What this account writes is left to people from now on; until when."""
    state = session.get(ConversationState, (link.clinic_id, link.user_index), with_for_update=True)
    if state is None:
        state = ConversationState(clinic_id=link.clinic_id, user_index=link.user_index, data={})
        session.add(state)
    state.people_until = max(state.people_until or now, now + PEOPLE_LIFE)
    return state.people_until


def end(session: Session, customer: Customer, now: datetime) -> bool:
    """The bot answers the customer again, in all their accounts; False where it did."""
    theirs = select(LineLink.user_index).where(
        LineLink.clinic_id == customer.clinic_id, LineLink.customer_id == customer.id
    )
    held = update(ConversationState).where(
        ConversationState.clinic_id == customer.clinic_id,
        ConversationState.user_index.in_(theirs),
        ConversationState.people_until > now,
    )
    return bool(session.scalars(held.values(people_until=None).returning(ConversationState.user_index)).all())


def held(session: Session, clinic: Clinic, now: datetime) -> Sequence[Customer]:
    """Those whose words are left to people now, at most as many as one message can show."""
    states = ConversationState.clinic_id == clinic.id, ConversationState.people_until > now
    last = select(ConversationState.user_index).where(*states).order_by(ConversationState.people_until.desc())
    accounts = session.scalars(last.limit(SHOWN)).all()
    links = LineLink.clinic_id == clinic.id, LineLink.user_index.in_(accounts)
    found = session.scalars(select(LineLink).where(*links).options(joinedload(LineLink.customer))).all()
    return sorted({link.customer for link in found}, key=lambda each: each.id)


@dataclass(frozen=True)
class Wish:
    """That somebody waits for a person, and what was told of it."""

    customer: Customer
    notice: StaffNotice


def waiting(
    session: Session, clinic: Clinic, now: datetime, heard: ColumnElement[bool] | None = None
) -> Sequence[Wish]:
    """Who is held for people and was not answered by them since they asked for it last, the oldest first; of those
    `heard` in a group.

    What staff write in LINE's own manager is not seen here.
    """
    found = []
    for customer in held(session, clinic, now):
        theirs = StaffNotice.clinic_id == clinic.id, StaffNotice.customer_id == customer.id
        wishes = StaffNotice.kind == KIND, ~AGAIN, StaffNotice.due_at <= now, heard if heard is not None else true()
        last = select(StaffNotice).where(*theirs, *wishes).order_by(StaffNotice.due_at.desc(), StaffNotice.id.desc())
        wish = session.scalars(last.limit(1)).first()
        if wish is not None and customer.data_key is not None and not _answered(session, wish):
            found.append(Wish(customer, wish))
    return sorted(found, key=lambda one: one.notice.due_at)


def _answered(session: Session, wish: StaffNotice) -> bool:
    theirs = StaffAct.clinic_id == wish.clinic_id, StaffAct.customer_id == wish.customer_id, StaffAct.state == "done"
    since = select(StaffAct.id).where(*theirs, StaffAct.kind == "answer", StaffAct.done_at >= wish.due_at)
    return session.scalars(since.limit(1)).first() is not None


def remind(session: Session, clinic: Clinic, now: datetime, heard: ColumnElement[bool]) -> None:
    """Who was told of and still waits rides in the next answer, once in each `REMIND`."""
    for one in waiting(session, clinic, now, heard):
        told = one.notice
        hours = (now - told.due_at) // REMIND
        if told.state == "sent" and hours:
            staff_notices.write(
                session, clinic, KIND, now, key=f"{told.key}:again:{hours}", customer=one.customer,
                branch_id=told.branch_id, data={"again": True}, rides=True,
            )  # fmt: skip
