"""Why and since when marketing to a customer rests: rows, set by what happens or by staff, told to nobody else."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from models.base import among
from models.clinics import Clinic
from models.customers import Customer
from models.preferences import Pause

Reason = Literal["complaint", "adverse_reaction", "low_rating", "by_staff"]
BY_STAFF: tuple[Reason, ...] = ("complaint", "adverse_reaction", "by_staff")
"""The reasons that staff name; the last is any other."""
LOW_RATING = timedelta(days=30)
"""A pause by a bad rating ends by itself; one by what may be urgent never does."""
LONG = timedelta(days=7)
"""One that has been open for so long is shown to the staff with what waits for them: it may have been forgotten."""


def pause(
    session: Session, customer: Customer, reason: Reason, now: datetime, *, by: str, lasts: timedelta | None = None
) -> Pause:
    """Marketing rests from now on. One that is open for the same reason lasts as long as the later of both."""
    until = None if lasts is None else now + lasts
    for one in of(session, customer, now):
        if one.reason == reason:
            one.until = None if one.until is None or until is None else max(one.until, until)
            return one
    made = Pause(
        clinic_id=customer.clinic_id,
        customer_id=customer.id,
        customer=customer,
        reason=reason,
        since=now,
        until=until,
        set_by=by,
    )
    session.add(made)
    session.flush()
    return made


def end(session: Session, found: Pause, now: datetime, *, by: str) -> bool:
    """Whether it was open until now."""
    session.refresh(found, with_for_update=True)
    if found.ended_at is not None:
        return False
    found.ended_at, found.ended_by = now, by
    session.flush()
    return True


def of(session: Session, customer: Customer, now: datetime) -> Sequence[Pause]:
    """The customer's open ones, the oldest first."""
    mine = Pause.clinic_id == customer.clinic_id, Pause.customer_id == customer.id
    return session.scalars(select(Pause).where(*mine, _open(now)).order_by(Pause.since, Pause.id)).all()


def of_many(session: Session, clinic_id: UUID, customers: Sequence[UUID]) -> dict[UUID, list[Pause]]:
    """Those that nobody has ended, of each of these who has some, the oldest first: `stands` says whether one is open
    at a moment."""
    theirs = Pause.clinic_id == clinic_id, among(Pause.customer_id, customers)
    chosen = select(Pause).where(*theirs, Pause.ended_at.is_(None)).order_by(Pause.since, Pause.id)
    found: dict[UUID, list[Pause]] = {}
    for one in session.scalars(chosen):
        found.setdefault(one.customer_id, []).append(one)
    return found


def stands(found: Pause, now: datetime) -> bool:
    return found.ended_at is None and (found.until is None or found.until > now)


def of_clinic(session: Session, clinic: Clinic, now: datetime, most: int) -> Sequence[Pause]:
    """The open ones, the oldest first."""
    chosen = select(Pause).where(Pause.clinic_id == clinic.id, _open(now))
    return session.scalars(chosen.order_by(Pause.since, Pause.id).limit(most)).all()


def long(session: Session, clinic: Clinic, now: datetime) -> Sequence[Pause]:
    """Those that have been open for `LONG`, the oldest first."""
    chosen = select(Pause).where(Pause.clinic_id == clinic.id, _open(now), Pause.since <= now - LONG)
    return session.scalars(chosen.order_by(Pause.since, Pause.id)).all()


def short_of(found: Pause) -> str:
    """By which staff speak of it: the end of its id."""
    return found.id.hex[-6:].upper()


def by_code(session: Session, clinic: Clinic, code: str, now: datetime) -> Pause | None:
    chosen = select(Pause).where(Pause.clinic_id == clinic.id, _open(now))
    return next((one for one in session.scalars(chosen) if short_of(one) == code.upper()), None)


def _open(now: datetime) -> ColumnElement[bool]:
    return and_(Pause.ended_at.is_(None), or_(Pause.until.is_(None), Pause.until > now))
