"""A customer who talks to people: until when what they write is left to these, of each of their LINE accounts."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from models.clinics import Clinic
from models.conversations import ConversationState
from models.customers import Customer, LineLink

PEOPLE_LIFE = timedelta(hours=4)
"""How long after the customer's last words, or the last that they were answered by people, these are left to them."""
SHOWN = 10


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
