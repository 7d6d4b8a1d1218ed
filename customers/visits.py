"""Visits: that a customer was there. What follows from it is with `facts/days.py`.

One visit is one customer on one local day at one branch, whoever tells it first; who tells it later adds to it. So the
visits of a day are worked out anew from all that was told of it, and are the same in whatever order that came. Who
names no branch means the one that another names, the earliest of several.

The caller of whatever changes something holds the lock of the customer's profile.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from customers.errors import FactRefused
from models.appointments import Appointment
from models.base import among
from models.clinics import Clinic
from models.customers import Customer
from models.facts import Payment, Review, Visit
from models.visits import Telling, TellingKind
from runtime.actors import SYSTEM

ASK_AFTER = timedelta(days=3)
"""How long after a visit the customer is asked how it was, at the earliest: by then they see what came of it."""


@dataclass(frozen=True)
class Word:
    """What one teller says: under which id of the source's, when the customer was there, where and what for."""

    kind: TellingKind
    source: str
    external_id: str
    at: datetime
    branch_id: UUID | None = None
    service_code: str | None = None
    by: str = SYSTEM


@dataclass
class Changed:
    """What became of the visits of a day."""

    new: list[Visit] = field(default_factory=list)
    gone: list[Visit] = field(default_factory=list)
    """Nothing that was not taken back tells of them any more."""
    there: list[Visit] = field(default_factory=list)
    told: list[Telling] = field(default_factory=list)
    """What stands now: the visits of the day, and what tells of them, in the order of `of_day`."""


def told(session: Session, customer: Customer, word: Word, now: datetime) -> tuple[Telling, bool]:
    """(the telling, whether it says anything new): the same kind, source and id again is the first telling. It has the
    service and the branch that are named now where it had none: another word of it may name one, or the clinic's file
    know it by now.

    Raises `FactRefused` when that was another customer's.
    """
    known = telling(session, customer.clinic_id, word.kind, word.source, word.external_id)
    if known is not None:
        if known.customer_id != customer.id:
            raise FactRefused(f"{word.kind.replace('_', ' ')} {word.external_id!r} is known with another customer")
        before = known.service_code, known.branch_id
        known.service_code = known.service_code or word.service_code
        known.branch_id = known.branch_id or word.branch_id
        more = before != (known.service_code, known.branch_id)
        return known, more
    made = Telling(
        clinic_id=customer.clinic_id,
        customer_id=customer.id,
        branch_id=word.branch_id,
        kind=word.kind,
        source=word.source,
        external_id=word.external_id,
        at=word.at,
        service_code=word.service_code,
        by=word.by,
        created_at=now,
    )
    session.add(made)
    session.flush()
    return made, True


def telling(session: Session, clinic_id: UUID, kind: TellingKind, source: str, external_id: str) -> Telling | None:
    named = Telling.kind == kind, Telling.source == source, Telling.external_id == external_id
    return session.scalars(select(Telling).where(Telling.clinic_id == clinic_id, *named)).one_or_none()


def of_appointments(session: Session, clinic: Clinic, booked: Sequence[Appointment]) -> dict[tuple[str, str], Telling]:
    """What each of these has told, by its source and the source's id."""
    if not booked:
        return {}
    named = (
        Telling.source.in_({one.source for one in booked}),
        Telling.external_id.in_([one.external_id for one in booked]),
    )
    theirs = Telling.clinic_id == clinic.id, Telling.kind == "appointment"
    return {(one.source, one.external_id): one for one in session.scalars(select(Telling).where(*theirs, *named))}


def bounds(clinic: Clinic, at: datetime) -> tuple[datetime, datetime]:
    """When the local day of this moment begins, and when the next one does."""
    zone = clinic.settings.voice.zone
    day = at.astimezone(zone).date()
    return datetime.combine(day, time(), zone), datetime.combine(day + timedelta(days=1), time(), zone)


def of_day(session: Session, customer: Customer, at: datetime) -> Sequence[Telling]:
    """All that was ever told of the customer's local day, in the order in which they were there."""
    begins, ends = bounds(customer.clinic, at)
    theirs = Telling.customer_id == customer.id, Telling.at >= begins, Telling.at < ends
    order = Telling.at, Telling.kind, Telling.source, Telling.external_id
    return session.scalars(select(Telling).where(*theirs).order_by(*order)).all()


def told_on(session: Session, customer: Customer, at: datetime, kind: TellingKind, source: str) -> bool:
    """Whether this source has told so of that local day."""
    told = of_day(session, customer, at)
    return any(one.withdrawn_at is None and (one.kind, one.source) == (kind, source) for one in told)


def settle(session: Session, customer: Customer, at: datetime, now: datetime) -> Changed:
    """Work out the visits of the local day of this moment. One of which nobody has ever told stays as it is."""
    session.flush()
    ever = of_day(session, customer, at)
    there = _counted(session, customer, at)
    changed = Changed(told=[one for one in ever if one.withdrawn_at is None])
    groups = _by_branch(changed.told)
    told_of = {one.visit_id for one in ever}
    ours = _matched(groups, _reviewed_first(session, there) if len(there) > len(groups) else there, told_of)
    for branch_id, tellings in groups.items():
        visit = ours.get(branch_id)
        if visit is None:
            visit = Visit(clinic_id=customer.clinic_id, customer_id=customer.id, created_at=now)
            visit.ask_on = at.astimezone(customer.clinic.settings.voice.zone).date() + ASK_AFTER
            session.add(visit)
            changed.new.append(visit)
        changed.there.append(visit)
        visit.branch_id, visit.visited_at = branch_id, tellings[0].at
        visit.service_code = next((one.service_code for one in tellings if one.service_code), None)
        session.flush()
        for one in tellings:
            one.visit_id = visit.id
    kept = {visit.id for visit in ours.values()}
    for visit in there:
        if visit.id not in kept and visit.id in told_of:
            visit.uncounted = "void"
            changed.gone.append(visit)
    session.flush()
    return changed


def only_paid(session: Session, clinic: Clinic, ids: Collection[UUID]) -> dict[UUID, Decimal]:
    """Of those of these visits that nothing but payments tell of, how much was paid, what another source had told
    already left out."""
    if not ids:
        return {}
    paid = Telling.kind == "payment"
    same = (Payment.source == Telling.source) & (Payment.external_id == Telling.external_id)
    told = (
        select(Telling.visit_id, func.coalesce(func.sum(Payment.amount).filter(Payment.uncounted.is_(None)), 0))
        .outerjoin(Payment, and_(paid, Payment.clinic_id == Telling.clinic_id, same))
        .where(Telling.clinic_id == clinic.id, among(Telling.visit_id, ids), Telling.withdrawn_at.is_(None))
        .group_by(Telling.visit_id)
        .having(func.bool_and(paid))
    )
    return {id_: amount for id_, amount in session.execute(told) if id_ is not None}


def on_day(session: Session, customer: Customer, at: datetime, branch_id: UUID | None = None) -> Visit | None:
    """The customer's visit of the local day of this moment, whoever told it; at this branch, or at none that is
    known."""
    there = _counted(session, customer, at)
    same = (one for one in there if branch_id is None or one.branch_id in (branch_id, None))
    return next(same, None)


def _counted(session: Session, customer: Customer, at: datetime) -> list[Visit]:
    begins, ends = bounds(customer.clinic, at)
    theirs: tuple[ColumnElement[bool], ...] = (Visit.customer_id == customer.id, Visit.uncounted.is_(None))
    day = Visit.visited_at >= begins, Visit.visited_at < ends
    return list(session.scalars(select(Visit).where(*theirs, *day).order_by(Visit.visited_at, Visit.id)))


def _reviewed_first(session: Session, visits: Sequence[Visit]) -> list[Visit]:
    """Of those that turn out to be one, what customers have said of it stays with the one that counts."""
    reviewed = set(session.scalars(select(Review.visit_id).where(Review.visit_id.in_([one.id for one in visits]))))
    return sorted(visits, key=lambda one: one.id not in reviewed)


def _by_branch(tellings: Sequence[Telling]) -> dict[UUID | None, list[Telling]]:
    first = next((one.branch_id for one in tellings if one.branch_id is not None), None)
    groups: dict[UUID | None, list[Telling]] = {}
    for one in tellings:
        groups.setdefault(one.branch_id or first, []).append(one)
    return groups


def _matched(
    groups: dict[UUID | None, list[Telling]], there: Sequence[Visit], told_of: Collection[UUID | None]
) -> dict[UUID | None, Visit]:
    """Which visit each group is: the one at this branch, else one that any of it has added to, else one of which nobody
    has ever told."""
    added_to = {branch_id: {one.visit_id for one in tellings} for branch_id, tellings in groups.items()}
    ways: tuple[Callable[[Visit, UUID | None], bool], ...] = (
        lambda visit, branch_id: visit.branch_id == branch_id,
        lambda visit, branch_id: visit.id in added_to[branch_id],
        lambda visit, _branch_id: visit.id not in told_of,
    )
    left, found = list(there), dict[UUID | None, Visit]()
    for fits in ways:
        for branch_id in [one for one in groups if one not in found]:
            visit = next((one for one in left if fits(one, branch_id)), None)
            if visit is not None:
                found[branch_id] = visit
                left.remove(visit)
    return found
