"""Courses, as the clinic's own systems tell them: shown, and never changed by ourselves.

No session is taken or lost but by the source's word: an end that has passed leaves what is left to be seen.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, and_, any_, case, func, literal, or_, select
from sqlalchemy.orm import Session, joinedload

from models.base import among
from models.clinics import Clinic
from models.courses import Course, CourseSession, CourseState
from models.customers import Customer

MAY_CANCEL = timedelta(days=7)
"""After the sale, of what is unused: Notification of the Contract Committee on beauty services, B.E. 2568."""
_PLANNED_FOR = timedelta(hours=1)
"""After its beginning a planned session is still the next one, as an appointment is."""
Day = tuple[UUID, date]
"""Of a customer's."""
_SHOWN: tuple[CourseState, ...] = ("active", "frozen", "ended")


def of_source(session: Session, clinic: Clinic, source: str, external_id: str) -> Course | None:
    """Locked: two that tell of the same one come after each other."""
    chosen = Course.clinic_id == clinic.id, Course.source == source, Course.external_id == external_id
    locked = select(Course).where(*chosen).with_for_update().execution_options(populate_existing=True)
    return session.scalars(locked).one_or_none()


def of_customer(session: Session, customer: Customer, today: date, most: int) -> list[Course]:
    """Those of which something is left, the soonest end first, and then those that have ended."""
    theirs = Course.clinic_id == customer.clinic_id, Course.customer_id == customer.id, Course.state.in_(_SHOWN)
    ended = or_(Course.state == "ended", and_(Course.state == "active", Course.ends_on < today))
    last = case((ended, 1), else_=0)
    ordered = select(Course).where(*theirs).order_by(last, Course.ends_on.nulls_last(), Course.id)
    return list(session.scalars(ordered.limit(most)))


def sold(session: Session, clinic: Clinic, days: Collection[Day]) -> dict[Day, Decimal | None]:
    """What the courses cost in all that customers bought on days; None: that is not told of each. Who bought none on
    a day is left out."""
    if not days:
        return {}
    of_them = among(Course.customer_id, {id_ for id_, _ in days}), Course.sold_on.in_({day for _, day in days})
    each = (
        select(Course.customer_id, Course.sold_on, func.sum(Course.price), func.bool_or(Course.price.is_(None)))
        .where(Course.clinic_id == clinic.id, Course.from_id.is_(None), *of_them)
        .group_by(Course.customer_id, Course.sold_on)
    )
    return {(id_, day): None if untold else price for id_, day, price, untold in session.execute(each)}


def next_planned(session: Session, clinic: Clinic, courses: Sequence[Course], now: datetime) -> dict[UUID, datetime]:
    """Course → its next session."""
    of = CourseSession.clinic_id == clinic.id, CourseSession.course_id.in_([one.id for one in courses])
    coming = CourseSession.state == "planned", CourseSession.at > now - _PLANNED_FOR
    soonest = select(CourseSession.course_id, func.min(CourseSession.at)).where(*of, *coming)
    rows = session.execute(soonest.group_by(CourseSession.course_id)).all() if courses else []
    return {row[0]: row[1] for row in rows}


def with_shared(session: Session, clinic: Clinic, ids: Collection[UUID]) -> set[UUID]:
    """These, and all that were shared from them or from what was."""
    found, more = set(ids), set(ids)
    while more:
        shared_from = Course.clinic_id == clinic.id, Course.from_id == any_(literal(list(more), ARRAY(Uuid())))
        more = set(session.scalars(select(Course.id).where(*shared_from))) - found
        found |= more
    return found


def origins(session: Session, clinic: Clinic, courses: Iterable[Course]) -> list[Course]:
    """All that these came from, so that `line` need not ask for each: as long as the caller keeps them. Cost: one
    statement a sharing, where it was shared on the more; none where nothing was."""
    found, known, wanted = list[Course](), set[UUID](), {one.from_id for one in courses if one.from_id}
    while wanted := wanted - known:
        of_them = Course.clinic_id == clinic.id, among(Course.id, wanted)
        more = session.scalars(select(Course).options(joinedload(Course.customer)).where(*of_them)).all()
        found += more
        known |= wanted
        wanted = {one.from_id for one in more if one.from_id}
    return found


def line(course: Course) -> list[Course]:
    """It and where its sessions came from, the nearest first; each once, also where rows lead in a circle."""
    found = [course]
    while (origin := found[-1].origin) is not None and origin not in found:
        found.append(origin)
    return found


def sessions_of(course: Course) -> int:
    """How many it has in all; of what was shared, as long as its source tells no more, as many as there were to share.

    Worked out whenever it is looked at: what was told of them may come in any order. Where more was shared than there
    were, each one that it was shared with lacks all that is too much, so that together they never have more.
    """
    *shared_on, first = line(course)
    many, origin = first.bought, first
    for one in reversed(shared_on):
        too_many = max(0, origin.shared_out - max(0, many - origin.used))
        many = one.bought if one.details_order >= 0 else max(0, one.shared_in - too_many)
        origin = one
    return many


def shared(course: Course) -> int:
    """How many of them are others' now."""
    return min(course.shared_out, max(0, sessions_of(course) - course.used))


def left(course: Course) -> int:
    return max(0, sessions_of(course) - course.used - course.shared_out)


def ends_on(course: Course) -> date | None:
    """Its own; of what was shared, as long as nothing else was told of it, that of where it came from."""
    return next((one.ends_on for one in line(course) if one.ends_on is not None), None)


def service_of(course: Course) -> str | None:
    return next((one.service_code for one in line(course) if one.service_code is not None), None)


def name_of(course: Course) -> str | None:
    """What the source calls it."""
    return next((name for one in line(course) if (name := one.name) is not None), None)


def state_on(course: Course, today: date) -> CourseState:
    """`today` is the clinic's. An end that has passed is one, whether or not the source says so."""
    if course.state == "active" and left(course) == 0:
        return "used_up"  # more was shared than there was
    last = ends_on(course)
    return "ended" if course.state == "active" and last is not None and last < today else course.state


def may_cancel_until(course: Course, today: date) -> date | None:
    """The last day on which the customer may cancel an unused course that is under the rules; None where they may not,
    or the source does not say that these hold for it."""
    last = course.sold_on + MAY_CANCEL
    untouched = course.used == 0 and course.shared_out == 0 and course.from_id is None
    open_ = course.state in ("active", "frozen")
    return last if course.controlled and open_ and untouched and today <= last else None


def settle(session: Session, course: Course) -> None:
    """Its sums and its state, from all that was told; the row is locked."""
    session.flush()
    own = CourseSession.clinic_id == course.clinic_id, CourseSession.course_id == course.id
    counted = select(
        func.count().filter(CourseSession.state == "used"), func.count().filter(CourseSession.state == "given_back")
    )
    course.used, course.given_back = session.execute(counted.where(*own)).one()
    out = select(func.coalesce(func.sum(Course.shared_in), 0))
    others = Course.clinic_id == course.clinic_id, Course.from_id == course.id
    course.shared_out = session.scalar(out.where(*others)) or 0
    if course.details_order < 0:
        course.bought = course.shared_in
    course.state = _state(course)
    session.flush()


def _state(course: Course) -> CourseState:
    ended = course.told_state == "ended"
    if course.told_state == "refunded":
        return "refunded"
    if course.bought <= course.used + course.shared_out:
        return "used_up"
    return "active" if ended and course.extended_order > course.state_order else course.told_state
