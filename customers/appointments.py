"""Appointments, as a clinic's booking systems tell them. What follows from one is with `facts/appointments.py`."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import get_args
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from customers import abroad
from customers.visits import bounds
from models.appointments import Appointment, AppointmentState
from models.base import among
from models.branches import Branch, Service
from models.clinics import Clinic
from models.customers import Customer
from models.facts import Visit
from models.visits import Telling

OPEN: tuple[AppointmentState, ...] = ("requested", "booked", "confirmed")
"""States of what is to come."""
_SETTLED: tuple[AppointmentState, ...] = ("come", "completed", "no_show", "cancelled")
UNDO = timedelta(minutes=3)
"""For so long a change of an appointment may be taken back, and nobody is told of it."""
_ANSWERED_FOR = timedelta(days=8)
"""For so long, today with it, the staff may still say what came of one."""
_SHOWN_FOR = timedelta(hours=1)
"""After its beginning: who is late, or asks on the way, still sees it."""


def rank(order: int, state: AppointmentState) -> tuple[int, int]:
    """What is told later counts; of two that the source puts at the same place, the one that is further on."""
    return order, get_args(AppointmentState).index(state)


def of_source(session: Session, clinic: Clinic, source: str, external_id: str) -> Appointment | None:
    """Locked: two that tell of the same one come after each other."""
    chosen = (
        Appointment.clinic_id == clinic.id,
        Appointment.source == source,
        Appointment.external_id == external_id,
    )
    return session.scalars(select(Appointment).where(*chosen).with_for_update()).one_or_none()


def whose(session: Session, clinic: Clinic, source: str, external_id: str) -> Customer | None:
    """Whom one is of that is known, not locked."""
    chosen = Appointment.source == source, Appointment.external_id == external_id
    found = select(Customer).join(Appointment.customer).where(Appointment.clinic_id == clinic.id, *chosen)
    return session.scalars(found).one_or_none()


def of_day(session: Session, customer: Customer, at: datetime) -> Sequence[Appointment]:
    """The customer's of the local day of this moment, locked. The caller holds the lock of their profile."""
    begins, ends = bounds(customer.clinic, at)
    theirs = Appointment.clinic_id == customer.clinic_id, Appointment.customer_id == customer.id
    day = Appointment.starts_at >= begins, Appointment.starts_at < ends
    order = Appointment.starts_at, Appointment.source, Appointment.external_id
    found = select(Appointment).where(*theirs, *day).order_by(*order).with_for_update()
    session.flush()
    return session.scalars(found.execution_options(populate_existing=True)).all()


def days_of_both(session: Session, one: Customer, other: Customer) -> list[datetime]:
    """A moment of each local day of which something was told of both: that they were there, or an appointment."""
    zone = one.clinic.settings.voice.zone

    def days(customer: Customer) -> dict[date, datetime]:
        theirs = Telling.customer_id == customer.id, Telling.withdrawn_at.is_(None)
        told = session.scalars(select(Telling.at).where(Telling.clinic_id == customer.clinic_id, *theirs)).all()
        mine = Appointment.clinic_id == customer.clinic_id, Appointment.customer_id == customer.id
        booked = session.scalars(select(Appointment.starts_at).where(*mine)).all()
        return {at.astimezone(zone).date(): at for at in (*told, *booked)}

    first, second = days(one), days(other)
    return [first[day] for day in sorted(first.keys() & second.keys())]


def replaced_by(session: Session, appointment: Appointment) -> Appointment | None:
    """The one in whose place it stands, as `of_source`; None where its source has not told of that, or it is itself."""
    id_ = appointment.replaces
    if not id_ or id_ == appointment.external_id:
        return None
    return of_source(session, appointment.clinic, appointment.source, id_)


def in_its_place(session: Session, appointment: Appointment) -> Sequence[Appointment]:
    """Those that replace it, as far as its source has told of any."""
    others = (
        Appointment.clinic_id == appointment.clinic_id,
        Appointment.source == appointment.source,
        Appointment.replaces == appointment.external_id,
        Appointment.external_id != appointment.external_id,
    )
    return session.scalars(select(Appointment).where(*others)).all()


def circle(session: Session, appointment: Appointment) -> list[Appointment]:
    """Those that stand in each other's place all round, it among them: its source contradicts itself. Nothing where it
    is in none."""
    found = [appointment]
    while (old := replaced_by(session, found[-1])) is not None and old not in found:
        found.append(old)
    return found if old is appointment else []


def oldest(circle_: Sequence[Appointment]) -> Appointment:
    """Of such a circle the one whose word holds least, so that the one that it replaces stands."""
    return min(circle_, key=lambda one: (one.details_order, one.external_id))


def listed(
    session: Session, clinic: Clinic, now: datetime, branch_id: UUID | None, most: int, after: Appointment | None = None
) -> tuple[Sequence[Appointment], int]:
    """(those of today of which nobody has told what came of them, the soonest first; how many there are in all), each
    of the first with its number for good. `branch_id`: of this branch or none; None: of all. `after`: those that begin
    after this one.

    Who was there today by another's word is left out: it says what came of theirs when its time is over.
    """
    begins, ends = bounds(clinic, now)
    day = Appointment.clinic_id == clinic.id, Appointment.starts_at >= begins, Appointment.starts_at < ends
    waiting = Appointment.state.in_(("booked", "confirmed")), Appointment.outcome.is_(None), *day
    found = select(Appointment).where(*waiting).order_by(Appointment.starts_at, Appointment.id)
    # Locked, so that of two lists that are made at once each number is one appointment's.
    open_ = session.scalars(found.with_for_update().execution_options(populate_existing=True)).all()
    seen = Visit.visited_at >= begins, Visit.visited_at < ends, Visit.uncounted.is_(None)
    people = [one.customer_id for one in open_]
    there = set(session.scalars(select(Visit.customer_id).where(Visit.customer_id.in_(people), *seen)))
    theirs = [one for one in open_ if _at(one, branch_id) and (one.customer_id not in there or for_whom(one))]
    if after is not None:
        theirs = [one for one in theirs if _place(one) > _place(after)]
    last = session.scalar(select(func.max(Appointment.listed_as)).where(*day)) or 0
    for one in theirs[:most]:
        if one.listed_as is None:
            one.listed_as = last = last + 1
    session.flush()
    return theirs[:most], len(theirs)


def left_open(
    session: Session,
    clinic: Clinic,
    now: datetime,
    branch_id: UUID | None,
    most: int,
    before: Appointment | None = None,
) -> tuple[Sequence[Appointment], int]:
    """(those of the days before of which nobody has told what came of them, as long as the staff may still say so, the
    newest first; how many there are in all). `branch_id`: as of `listed`; `before`: those that began before this one.
    """
    begins, ends = bounds(clinic, now)
    days = Appointment.starts_at >= ends - _ANSWERED_FOR, Appointment.starts_at < begins
    open_ = Appointment.clinic_id == clinic.id, Appointment.state.in_(("booked", "confirmed")), *days
    newest = Appointment.starts_at.desc(), Appointment.id.desc()
    found = session.scalars(select(Appointment).where(*open_, Appointment.outcome.is_(None)).order_by(*newest)).all()
    theirs = [one for one in found if _at(one, branch_id) and (before is None or _place(one) < _place(before))]
    return theirs[:most], len(theirs)


def _place(one: Appointment) -> tuple[datetime, UUID]:
    return one.starts_at, one.id


def by_number(
    session: Session, clinic: Clinic, number: int, now: datetime, branch_id: UUID | None
) -> Appointment | None:
    """The one of today that the staff were shown under this number."""
    begins, ends = bounds(clinic, now)
    day = Appointment.clinic_id == clinic.id, Appointment.starts_at >= begins, Appointment.starts_at < ends
    found = session.scalars(select(Appointment).where(*day, Appointment.listed_as == number)).all()
    ours = [one for one in found if _at(one, branch_id)]
    return ours[0] if len(ours) == 1 else None


def by_code(session: Session, clinic: Clinic, code: str, now: datetime) -> Appointment | None:
    """The one whose button says this, of today or the week before."""
    _, ends = bounds(clinic, now)
    week = (
        Appointment.clinic_id == clinic.id,
        Appointment.starts_at >= ends - _ANSWERED_FOR,
        Appointment.starts_at < ends,
    )
    ids = [id_ for id_ in session.scalars(select(Appointment.id).where(*week)) if code_of(id_) == code.upper()]
    return session.get(Appointment, (ids[0], clinic.id)) if len(ids) == 1 else None


def code_of(id_: UUID) -> str:
    """By which the staff's buttons name it: the end of its id, told apart from the others of a week."""
    return id_.hex[-6:].upper()


def _at(one: Appointment, branch_id: UUID | None) -> bool:
    return branch_id is None or one.branch_id in (branch_id, None)


def ahead(session: Session, customer: Customer, now: datetime, most: int) -> list[Appointment]:
    """The customer's next ones, the soonest first."""
    mine = Appointment.clinic_id == customer.clinic_id, Appointment.customer_id == customer.id
    coming = Appointment.state.in_(OPEN), Appointment.starts_at > now - _SHOWN_FOR
    chosen = select(Appointment).where(*mine, *coming, Appointment.outcome.is_(None))
    return list(session.scalars(chosen.order_by(Appointment.starts_at, Appointment.id).limit(most)))


def behind(session: Session, customer: Customer, now: datetime, most: int) -> list[Appointment]:
    """The customer's that are not `ahead`, the newest first: those that are over and those that were called off. One
    that was moved is seen as the one that stands in its place."""
    mine = Appointment.clinic_id == customer.clinic_id, Appointment.customer_id == customer.id
    over = or_(Appointment.outcome.is_not(None), Appointment.starts_at <= now - _SHOWN_FOR)
    left = or_(Appointment.state.in_(_SETTLED), and_(Appointment.state.in_(OPEN), over))
    chosen = select(Appointment).where(*mine, left)
    return list(session.scalars(chosen.order_by(Appointment.starts_at.desc(), Appointment.id.desc()).limit(most)))


def came_of(one: Appointment) -> AppointmentState | None:
    """`completed` for one that was kept, `no_show` or `cancelled`; None where nobody has told."""
    said = one.outcome or one.state
    if said in ("come", "completed"):
        return "completed"
    return said if said in ("no_show", "cancelled") else None


def last_ahead(session: Session, clinic_id: UUID, customers: Collection[UUID]) -> dict[UUID, datetime]:
    """When the last that is open of each of these customers begins, or began: `still_ahead` says which of both."""
    mine = Appointment.clinic_id == clinic_id, among(Appointment.customer_id, customers)
    coming = Appointment.state.in_(OPEN), Appointment.outcome.is_(None)
    chosen = select(Appointment.customer_id, func.max(Appointment.starts_at)).where(*mine, *coming)
    return dict(session.execute(chosen.group_by(Appointment.customer_id)).all())


def still_ahead(begins: datetime, now: datetime) -> bool:
    """As `ahead` takes it."""
    return begins > now - _SHOWN_FOR


def for_whom(appointment: Appointment) -> str | None:
    """The name for whom it is, where that is another than the customer's; None as long as theirs is not known."""
    name, about = appointment.customer.display_name, appointment.about
    return about if name and about and not abroad.alike(name, about) else None


def service_code(session: Session, clinic: Clinic, source: str, told: str | None) -> str | None:
    """The code of the clinic's file for what a source calls a service: what the file says of that source, else the
    code itself. None where the file knows neither."""
    if told is None:
        return None
    services = list(session.scalars(select(Service).where(Service.clinic_id == clinic.id, Service.active)))
    mapped = (one.code for one in services if told in one.booked_as.get(source, ()))
    return next(mapped, None) or next((one.code for one in services if one.code == told), None)


def branch_of(session: Session, clinic: Clinic, source: str, told: str | None) -> Branch | None:
    """The branch that a source means, as with services; one that was closed is known by its code."""
    if told is None:
        return None
    places = session.scalars(select(Branch).where(Branch.clinic_id == clinic.id)).all()
    mapped = (one for one in places if one.active and told in one.booked_as.get(source, ()))
    return next(mapped, None) or next((one for one in places if one.code == told), None)


def branch_unknown(session: Session, clinic: Clinic, source: str, told: str | None) -> bool:
    """Whether it is said where, and not known; of a clinic that has one place nobody need know it."""
    if told is None or branch_of(session, clinic, source, told) is not None:
        return False
    return len(session.scalars(select(Branch.id).where(Branch.clinic_id == clinic.id, Branch.active)).all()) > 1


def services_by_code(session: Session, clinic: Clinic, codes: Sequence[str]) -> dict[str, Service]:
    chosen = Service.clinic_id == clinic.id, Service.code.in_(codes)
    return {one.code: one for one in session.scalars(select(Service).where(*chosen))} if codes else {}
