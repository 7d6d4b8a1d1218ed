"""The same phone or e-mail of two customers: one person, or a family? Nothing is merged because contacts are equal.

Staff are asked once about the two, and what they say is kept: a family is never asked about again.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from customers import cards, contacts, staff_notices
from customers.people import vault_of
from models.base import new_id
from models.clinics import Clinic
from models.customers import Customer
from models.shared_contacts import SharedContact, SharedState

MOST = 5
"""People of one contact: with more it is the clinic's own, or a company's, and says nothing of a family."""
SHOWN = 10
KEPT: tuple[SharedState, ...] = ("family", "apart")
"""How it was decided that two are two."""
READ = 500
"""Decisions among which a code is looked for: people speak of what they see."""

People = tuple[Customer, Customer]


def told(
    session: Session, customer: Customer, kind: Literal["phone", "email"], value: str, *, source: str, now: datetime
) -> None:
    """Note that `source` says this of the customer; where it is another's too, staff are asked about the two."""
    if not contacts.tell(session, customer, kind, value, source=source, now=now):
        return
    session.flush()
    index = vault_of(session).index(customer.clinic_id, kind, contacts.spelling(kind, value))
    others = [one for one in contacts.of_index(session, customer.clinic, kind, index) if one is not customer]
    if len(others) >= MOST:
        return
    for other in others:
        _ask(session, customer, other, kind, source, now)


def waiting(session: Session, clinic: Clinic) -> Sequence[SharedContact]:
    """What staff have not decided, the oldest first; no more than one message shows."""
    return [one for one in _undecided(session, clinic) if people(session, one) is not None][:SHOWN]


def by_code(session: Session, clinic: Clinic, short: str) -> SharedContact | None:
    """What waits by the end of its id."""
    return next((one for one in _undecided(session, clinic) if short_of(one) == short.upper()), None)


def family_by_code(session: Session, clinic: Clinic, short: str) -> SharedContact | None:
    """What staff have said to be a family by the end of its id: the newest."""
    said = SharedContact.clinic_id == clinic.id, SharedContact.state == "family"
    newest = select(SharedContact).where(*said).order_by(SharedContact.decided_at.desc(), SharedContact.id.desc())
    return next((one for one in session.scalars(newest.limit(READ)) if short_of(one) == short.upper()), None)


def of_person(session: Session, person: Customer) -> list[SharedContact]:
    """All that is asked or was decided about this person and another, and they are two."""
    theirs = _records(session, person)
    about = or_(SharedContact.first_id.in_(theirs), SharedContact.second_id.in_(theirs))
    states = SharedContact.state.in_(("open", "later", *KEPT))
    rows = select(SharedContact).where(SharedContact.clinic_id == person.clinic_id, about, states)
    found = session.scalars(rows.order_by(SharedContact.asked_at, SharedContact.id)).all()
    return [one for one in found if people(session, one) is not None][:SHOWN]


def reopen(session: Session, one: SharedContact, now: datetime, *, actor: str) -> None:
    """Staff have said that they are a family, and were wrong: it waits for a decision again. What a manager has taken
    apart is remembered until the two are made one."""
    session.refresh(one, with_for_update=True)
    if one.state == "family":
        one.state, one.decided_by, one.decided_at = "later", actor, now
        session.flush()


def short_of(one: SharedContact) -> str:
    """By which people speak of it: told apart from the few others that wait."""
    return one.id.hex[-6:].upper()


def people(session: Session, one: SharedContact) -> People | None:
    """The two as they stand today; None where they are one by now, or one of them was forgotten."""
    first, second = cards.today(session, one.first), cards.today(session, one.second)
    return None if first is None or second is None or first is second else (first, second)


def decide(session: Session, one: SharedContact, state: SharedState, now: datetime, *, actor: str) -> bool:
    """Whether it was still open: the first answer holds, and what was put off may be decided later."""
    session.refresh(one, with_for_update=True)
    if one.state not in ("open", "later"):
        return False
    one.state, one.decided_by, one.decided_at = state, actor, now
    session.flush()
    return True


def apart(session: Session, one: Customer, other: Customer) -> SharedContact | None:
    """By what staff have said that these two are a family; None where they have not. Whoever decides meanwhile waits:
    the rows stay locked."""
    rows = select(SharedContact).where(_between(session, one, other)).order_by(SharedContact.id)
    found = session.scalars(rows.with_for_update().execution_options(populate_existing=True)).all()
    return next((each for each in found if each.state == "family"), None)


def made_one(session: Session, survivor: Customer, now: datetime, *, actor: str) -> None:
    """Two records were made one, by whatever way: nobody needs to be asked about them."""
    theirs = _records(session, survivor)
    over = update(SharedContact).where(
        SharedContact.clinic_id == survivor.clinic_id,
        SharedContact.first_id.in_(theirs),
        SharedContact.second_id.in_(theirs),
        SharedContact.state.in_(("open", "later", "apart")),
    )
    session.execute(over.values(state="same", decided_by=actor, decided_at=now))


def taken_apart(session: Session, one: Customer, other: Customer, now: datetime, *, actor: str) -> None:
    """A manager says of two who were made one that they are not: they are asked about never again."""
    first, second = sorted((one, other), key=lambda each: each.id)
    said = {"state": "apart", "decided_by": actor, "decided_at": now}
    row = {"id": new_id(), "clinic_id": first.clinic_id, "first_id": first.id, "second_id": second.id}
    about = {"kind": "link", "source": "staff", "asked_at": now}
    new = insert(SharedContact).values(row | about | said)
    session.execute(new.on_conflict_do_update(index_elements=["clinic_id", "first_id", "second_id"], set_=said))


def are_apart(session: Session, one: Customer, other: Customer) -> bool:
    """Whether they were made one once, and taken apart: only the staff make them one again."""
    mine, theirs = _records(session, one), _records(session, other)
    either = (
        and_(SharedContact.first_id.in_(some), SharedContact.second_id.in_(others))
        for some, others in ((mine, theirs), (theirs, mine))
    )
    ours = SharedContact.clinic_id == one.clinic_id, SharedContact.state == "apart"
    return session.scalars(select(SharedContact.id).where(*ours, or_(*either)).limit(1)).first() is not None


def _ask(session: Session, customer: Customer, other: Customer, kind: str, source: str, now: datetime) -> None:
    """Once about two people, whichever of their records it was about."""
    first, second = sorted((customer, other), key=lambda one: one.id)
    asked = select(SharedContact.id).where(_between(session, first, second))
    if session.scalars(asked.limit(1)).first() is not None:
        return
    made = session.scalars(
        insert(SharedContact)
        .values(
            id=new_id(),
            clinic_id=first.clinic_id,
            first_id=first.id,
            second_id=second.id,
            kind=kind,
            source=source,
            state="open",
            asked_at=now,
        )
        .on_conflict_do_nothing()
        .returning(SharedContact.id)
    ).one_or_none()
    if made is not None:
        staff_notices.write(
            session, customer.clinic, "same_person", now, key=f"shared:{made}", customer=customer,
            data={"shared": str(made)},
        )  # fmt: skip


def _undecided(session: Session, clinic: Clinic) -> Sequence[SharedContact]:
    open_ = SharedContact.clinic_id == clinic.id, SharedContact.state.in_(("open", "later"))
    return session.scalars(select(SharedContact).where(*open_).order_by(SharedContact.asked_at, SharedContact.id)).all()


def _between(session: Session, first: Customer, second: Customer) -> ColumnElement[bool]:
    """What was asked about these two, whichever of their records it was about."""
    mine, theirs = _records(session, first), _records(session, second)
    either: list[ColumnElement[bool]] = [
        and_(SharedContact.first_id.in_(one), SharedContact.second_id.in_(another))
        for one, another in ((mine, theirs), (theirs, mine))
    ]
    return and_(SharedContact.clinic_id == first.clinic_id, or_(*either))


def _records(session: Session, person: Customer) -> Sequence[UUID]:
    """The ids of a person's records: their own, and each that was merged into it."""
    own = Customer.clinic_id == person.clinic_id, Customer.merged_into == person.id
    return [person.id, *session.scalars(select(Customer.id).where(*own))]
