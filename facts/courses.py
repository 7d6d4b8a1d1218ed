"""A clinic's system has told of a course: sold, used, given back, frozen, extended, shared, ended, refunded."""

from datetime import date, datetime, timedelta
from typing import get_args

from sqlalchemy import select
from sqlalchemy.orm import Session

from customers import appointments, courses, journey
from customers.errors import FactRefused
from facts.refunded import refunded
from facts.told import CourseTold, NotYet, RefundTold, Sale, SessionTold, ShareTold
from facts.whose import owner
from loyalty import notifications
from models.clinics import Clinic
from models.courses import Course, CourseSaid, CourseSession, SessionState
from models.customers import Customer, JourneyData
from models.facts import Payment
from models.loyalty import NotificationData

NEWS = timedelta(days=7)
"""What was shared longer ago is nothing to tell the two of now: it comes with a system's old records."""


def told(
    session: Session, clinic: Clinic, source: str, fact: CourseTold, now: datetime, *, by: str | None = None
) -> Course:
    """The course as it is after the fact; told again, late or in another order it ends the same.

    Nothing is earned by it: that is what a payment does. Money given back is the refund of a payment, as if it were
    told apart. `by`: who has shared it, where that was not the source. Raises `NotYet` for what nobody has told of
    yet, `FactRefused` for another customer's, as `refunded` does, `NeverAgain` where nobody is named, and
    `Contradiction`.
    """
    fact.check(clinic.settings.voice.zone)
    if fact.refund is not None:
        _give_back(session, clinic, source, fact.refund, now)  # profiles are locked before courses
    known = found = courses.of_source(session, clinic, source, fact.external_id)
    if fact.sale is not None:
        found = _sold(session, clinic, source, found, fact, fact.sale, now)
    if found is None:
        raise NotYet(f"{source} has not told of this course yet")
    before, last = found.state, found.ends_on
    _ends(found, fact)
    if known is not None and found.ends_on != last:
        _write(session, found, "end_moved", fact, f"{fact.order}:{found.ends_on}")
    if fact.state is not None and _rank(fact.order, fact.state) > _rank(found.state_order, found.told_state):
        found.told_state, found.state_order = fact.state, fact.order
        found.ended_at = fact.at if fact.state == "ended" else None
        _write(session, found, "resumed" if fact.state == "active" else fact.state, fact, str(fact.order))
    if fact.session is not None:
        _session(session, found, fact, fact.session, now)
    if fact.share is not None:
        _share(session, clinic, found, fact, fact.share, now, by)
    found.told_at = max(found.told_at, fact.at)
    courses.settle(session, found)
    if found.state == "used_up" != before:
        _write(session, found, "used_up", fact, str(fact.order))
    return found


def _sold(
    session: Session, clinic: Clinic, source: str, found: Course | None, fact: CourseTold, sale: Sale, now: datetime
) -> Course:
    customer = owner(session, clinic, source, sale.person, now, fact.at)
    if found is not None and found.customer is not customer:
        raise FactRefused("this course is known with another customer")
    code = appointments.service_code(session, clinic, source, sale.service)
    if found is None:
        found = _new(session, clinic, source, fact.external_id, customer, sale.sold_on, fact, now)
    elif fact.order == found.details_order:
        found.service_code = found.service_code or code  # told again: the file may know it by now
        return found
    if fact.order < found.details_order:
        return found
    first, found.details_order = found.details_order < 0, fact.order
    found.name, found.contract, found.service_code = sale.name, sale.contract, code
    found.bought, found.price, found.sold_on = sale.sessions, sale.price, sale.sold_on
    found.controlled = sale.controlled
    if first:
        _write(session, found, "sold", fact, "")
    return found


def _new(
    session: Session, clinic: Clinic, source: str, id_: str, customer: Customer, day: date, fact: CourseTold,
    now: datetime,
) -> Course:  # fmt: skip
    made = Course(
        clinic_id=clinic.id,
        customer_id=customer.id,
        customer=customer,
        source=source,
        external_id=id_,
        state="active",
        told_state="active",
        sold_on=day,
        bought=0,
        shared_in=0,
        used=0,
        shared_out=0,
        state_order=-1,
        details_order=-1,
        ends_order=-1,
        extended_order=-1,
        shared_order=-1,
        told_at=fact.at,
        created_at=now,
    )
    session.add(made)
    session.flush()
    return made


def _ends(course: Course, fact: CourseTold) -> None:
    """A course that has ended and is extended afterwards goes on; what else tells its end does not say that."""
    if fact.ends_on is None:
        return
    if (fact.order, fact.ends_on) > (course.ends_order, course.ends_on or date.min):
        course.ends_on, course.ends_order = fact.ends_on, fact.order
    if fact.extends:
        course.extended_order = max(course.extended_order, fact.order)


def _rank(order: int, state: CourseSaid) -> tuple[int, int]:
    return order, get_args(CourseSaid).index(state)


def _session(session: Session, course: Course, fact: CourseTold, one: SessionTold, now: datetime) -> None:
    chosen = (
        CourseSession.clinic_id == course.clinic_id,
        CourseSession.course_id == course.id,
        CourseSession.external_id == one.external_id,
    )
    found = session.scalars(select(CourseSession).where(*chosen)).one_or_none()
    states = get_args(SessionState)
    if found is None:
        found = CourseSession(
            clinic_id=course.clinic_id, course_id=course.id, external_id=one.external_id, created_at=now
        )
        session.add(found)
    elif (fact.order, states.index(one.state)) <= (found.told_order, states.index(found.state)):
        return
    found.state, found.at, found.told_order = one.state, one.at, fact.order
    found.appointment = one.appointment
    _write(session, course, one.state, fact, f"{found.id}:{fact.order}")


def _share(
    session: Session, clinic: Clinic, course: Course, fact: CourseTold, share: ShareTold, now: datetime, by: str | None
) -> None:
    """Its sessions go to a course of the other's, as many as the newest fact of this sharing says."""
    customer = owner(session, clinic, course.source, share.person, now, fact.at)
    theirs = courses.of_source(session, clinic, course.source, share.external_id)
    if theirs is course or customer is course.customer:
        raise FactRefused("what is shared becomes another customer's, in a course of another id")
    if theirs in courses.line(course):
        raise FactRefused(
            "data.sharedAs: these sessions came from that course: share fewer from there, or write another id"
        )
    day = fact.at.astimezone(clinic.settings.voice.zone).date()
    if theirs is None:
        theirs = _new(session, clinic, course.source, share.external_id, customer, day, fact, now)
    if theirs.customer is not customer or theirs.from_id not in (None, course.id):
        raise FactRefused("this course is known with another customer, or from another course")
    theirs.told_at = max(theirs.told_at, fact.at)
    if (fact.order, share.sessions) <= (theirs.shared_order, theirs.shared_in):
        return
    more = share.sessions - theirs.shared_in
    theirs.from_id, theirs.shared_in, theirs.shared_order = course.id, share.sessions, fact.order
    if theirs.details_order < 0:
        theirs.sold_on = day
    courses.settle(session, theirs)
    session.refresh(theirs, ["origin"])
    key = f"{theirs.id}:{fact.order}"
    _write(session, course, "shared", fact, key, by)
    _write(session, theirs, "received", fact, key, by)
    courses.settle(session, course)
    more = min(more, courses.sessions_of(theirs))
    if more > 0 and fact.at > now - NEWS:
        _tell(session, course, theirs, more, key, now)


def _tell(session: Session, course: Course, theirs: Course, many: int, key: str, now: datetime) -> None:
    """Both are told, each of their own course."""
    ours: NotificationData = {"course": str(course.id), "to": str(theirs.id), "sessions": many}
    notifications.write(session, course.customer, "course_shared", now, data=ours, key=f"course_shared:{key}")
    got: NotificationData = {"course": str(theirs.id), "sessions": many}
    notifications.write(session, theirs.customer, "course_received", now, data=got, key=f"course_received:{key}")


def _give_back(session: Session, clinic: Clinic, source: str, back: RefundTold, now: datetime) -> None:
    of = Payment.clinic_id == clinic.id, Payment.source == source, Payment.external_id == back.payment
    payment = session.scalars(select(Payment).where(*of)).one_or_none()
    if payment is None:
        raise NotYet(f"{source} has not told of this payment yet")
    refunded(session, payment, external_id=back.external_id, amount=back.amount, refunded_at=back.at, now=now)


def _write(session: Session, course: Course, what: str, fact: CourseTold, key: str, by: str | None = None) -> None:
    data: JourneyData = {"course": str(course.id), "service": courses.service_of(course), "by": by or course.source}
    journey.write(
        session, course.customer, f"course_{what}", fact.at, key=f"course:{course.id}:{what}:{key}", data=data
    )
