"""What one customer may receive or do for another: given by the owner's own word, or by staff with the reason, for
who has no LINE. `may` is the one door by which anybody asks.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import get_args

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from customers.ties import has_line
from models.clinics import Clinic
from models.customers import Customer
from models.grants import Ending, Grant, Reason, What
from models.one_time import OneTimeCode
from runtime.errors import Refused
from runtime.work import Batch

WHAT: tuple[What, ...] = get_args(What)
SPOKEN_OF = timedelta(days=1)
"""For so long staff speak of one by its code."""
LONGEST = timedelta(days=20 * 366)
"""Nobody's 20th birthday is further away."""


class GrantRefused(Refused):
    """`code`: same_person, owner_is_a_friend (who gives it themselves), end_date_needed, end_date_wrong."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def may(session: Session, owner: Customer, who: Customer, what: What, now: datetime) -> bool:
    """Whether `who` may have or do this for the owner now; of one's own everybody may."""
    if owner.id == who.id:
        return True
    theirs = Grant.owner_id == owner.id, Grant.holder_id == who.id, Grant.what == what
    return session.scalars(select(Grant.id).where(*_stands(owner.clinic, now), *theirs).limit(1)).first() is not None


def holders(session: Session, owner: Customer, what: What, now: datetime) -> Sequence[Customer]:
    """Who may have this for the owner, besides themselves; each once."""
    theirs = Grant.owner_id == owner.id, Grant.what == what, Grant.holder_id != owner.id
    found = session.scalars(select(Grant).where(*_stands(owner.clinic, now), *theirs).order_by(Grant.id)).all()
    return list(dict.fromkeys(one.holder for one in found if one.holder.data_key is not None))


def of(session: Session, customer: Customer, now: datetime) -> Sequence[Grant]:
    """What stands that the customer has given, or was given, in its order."""
    mine = or_(Grant.owner_id == customer.id, Grant.holder_id == customer.id), Grant.owner_id != Grant.holder_id
    found = session.scalars(select(Grant).where(*_stands(customer.clinic, now), *mine).order_by(Grant.id)).all()
    return [one for one in found if one.owner.data_key is not None and one.holder.data_key is not None]


def what_of(row: OneTimeCode) -> What:
    """What a code lets somebody have. Raises `LookupError` for a code of another purpose."""
    what = next((one for one in WHAT if one == row.what), None)
    if what is None:
        raise LookupError(f"the code {row.id} is of no grant")
    return what


def give(
    session: Session,
    owner: Customer,
    holder: Customer,
    what: What,
    now: datetime,
    *,
    by: str,
    reason: Reason = "own_word",
    until: date | None = None,
) -> tuple[Grant, bool]:
    """The grant, and whether it is new: what stands already is not given twice. Raises `GrantRefused`."""
    _check(session, owner, holder, now, reason, until)
    # Two that give the same at once: one after the other.
    session.refresh(owner, with_for_update=True)
    same = Grant.owner_id == owner.id, Grant.holder_id == holder.id, Grant.what == what, Grant.reason == reason
    known = session.scalars(select(Grant).where(*_stands(owner.clinic, now), *same).limit(1)).first()
    if known is not None:
        known.until = until
        return known, False
    grant = Grant(
        clinic_id=owner.clinic_id,
        owner_id=owner.id,
        owner=owner,
        holder_id=holder.id,
        holder=holder,
        what=what,
        reason=reason,
        until=until,
        given_by=by,
        given_at=now,
    )
    session.add(grant)
    session.flush()
    return grant, True


def end(session: Session, grant: Grant, why: Ending, now: datetime, *, by: str) -> bool:
    """Whether it stood until now."""
    session.refresh(grant, with_for_update=True)
    if grant.ended_at is not None:
        return False
    grant.ended_at, grant.ended_by, grant.ended_why = now, by, why
    session.flush()
    return True


def over(session: Session, clinic: Clinic, day: date, batch: Batch) -> Sequence[Grant]:
    """A batch of those whose end date has come, without what somebody holds."""
    ending = Grant.clinic_id == clinic.id, Grant.ended_at.is_(None), Grant.until.is_not(None), Grant.until <= day
    ids = batch.take(session, select(Grant.until, Grant.id).where(*ending))
    these = select(Grant).where(Grant.clinic_id == clinic.id, Grant.id.in_(ids), Grant.ended_at.is_(None))
    return session.scalars(these.order_by(Grant.id).with_for_update(skip_locked=True)).all()


def lately(session: Session, clinic: Clinic, now: datetime) -> Sequence[Grant]:
    """What was given within a day, and staff may speak of by its code alone."""
    given = Grant.given_at > now - SPOKEN_OF, Grant.given_at <= now
    return session.scalars(select(Grant).where(Grant.clinic_id == clinic.id, *given)).all()


def short_of(grant: Grant) -> str:
    """By which staff speak of it: the end of its id."""
    return grant.id.hex[-6:].upper()


def stands(session: Session, grant: Grant, now: datetime) -> bool:
    """Whether it has not ended."""
    mine = Grant.id == grant.id, *_stands(grant.owner.clinic, now)
    return session.scalars(select(Grant.id).where(*mine)).first() is not None


def _stands(clinic: Clinic, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """The end date ends it, also before the day's job has said so."""
    today = now.astimezone(clinic.settings.voice.zone).date()
    return Grant.clinic_id == clinic.id, Grant.ended_at.is_(None), or_(Grant.until.is_(None), Grant.until > today)


def _check(
    session: Session, owner: Customer, holder: Customer, now: datetime, reason: Reason, until: date | None
) -> None:
    if owner.id == holder.id:
        raise GrantRefused("same_person", "everybody may do their own: name two people")
    if reason != "own_word" and has_line(session, owner):
        raise GrantRefused("owner_is_a_friend", "who is a friend in LINE gives it there, by their own word")
    if reason == "parent_of_minor" and until is None:
        raise GrantRefused("end_date_needed", "a minor's ends on the 20th birthday: write that day")
    today = now.astimezone(owner.clinic.settings.voice.zone).date()
    if until is not None and not today < until <= today + LONGEST:
        raise GrantRefused("end_date_wrong", "write a day to come, no more than twenty years from now")
