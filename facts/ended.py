"""The time of an appointment is over: whatever was told of its day is held against it, and nothing else happens.

Where the clinic has chosen so (`appointments.completed_after_hours`), it counts as completed some hours later unless
somebody has told of a no-show. Each is looked at when that is due: what lies ahead costs nothing.
"""

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from facts import days
from loyalty import ledger
from models.appointments import Appointment
from models.customers import Customer
from runtime import work
from runtime.clock import BUSINESS_NOW
from runtime.context import Runtime
from runtime.database import transient

AGAIN = timedelta(minutes=1)
TRIED_FOR = timedelta(days=3)
"""What cannot be worked out for so long is left to a person."""
BUSY = timedelta(milliseconds=500)
"""After a lock that somebody held: nothing is wrong with it."""

log = structlog.get_logger(__name__)

_DUE = and_(Appointment.look_at.is_not(None), Appointment.look_at <= BUSINESS_NOW)
_FAILING = Appointment.look_failing_since.is_not(None)

work.queues.add(
    "appointments",
    work.Queue(
        Appointment.id,
        Appointment.clinic_id,
        waiting=_DUE,
        due=Appointment.look_at,
        error=Appointment.look_error,
        retry={"look_at": BUSINESS_NOW, "look_error": None, "look_failing_since": None, "look_again_at": None},
        drop=lambda reason: {"look_at": None, "look_error": reason, "look_failing_since": None},
        wake="send",
        dead=and_(Appointment.look_at.is_(None), _FAILING),
        also=_FAILING,
    ),
)

OPEN = select(Appointment.clinic_id).where(_DUE).distinct()
"""The clinics that have appointments which are over; it reads no others."""


def step(runtime: Runtime, clinic_id: UUID) -> bool:
    """Look at one of the clinic's. False when none is due."""
    with runtime.sessions() as session:
        now = runtime.clock.now(session)
        theirs = Appointment.clinic_id == clinic_id, Appointment.look_at.is_not(None), Appointment.look_at <= now
        now_or_again = or_(Appointment.look_again_at.is_(None), Appointment.look_again_at <= now)
        found = select(Appointment.id, Appointment.customer_id).where(*theirs, now_or_again)
        due = session.execute(found.order_by(Appointment.look_at).limit(1)).one_or_none()
        if due is None:
            return False
        try:
            over(session, session.get_one(Customer, (due.customer_id, clinic_id)), due.id, now)
            session.commit()
        except Exception as error:
            session.rollback()
            log.error("appointment not worked out", appointment=str(due.id), exc_info=error)
            _postpone(session, clinic_id, due.id, error, now)
            session.commit()
        return True


def over(session: Session, customer: Customer, id_: UUID, now: datetime) -> None:
    """Under the lock of the profile of whom it was of a moment ago, as all that settles a day."""
    ledger.open_profile(session, customer, now)
    one = session.get_one(Appointment, (id_, customer.clinic_id), with_for_update=True, populate_existing=True)
    if one.customer_id != customer.id or one.look_at is None or one.look_at > now:
        return  # somebody else was at it
    days.settle(session, customer, one.starts_at, now)
    hours = customer.clinic.settings.appointments.completed_after_hours
    if hours is None or one.outcome is not None or one.state not in ("booked", "confirmed"):
        return
    if days.end_of(one) + timedelta(hours=hours) <= now:
        one.clocked_for = one.starts_at
        days.settle(session, customer, one.starts_at, now)


def _postpone(session: Session, clinic_id: UUID, id_: UUID, error: Exception, now: datetime) -> None:
    """Tried again after a minute, then after as long as it has failed: time in which nobody tried is no failure."""
    one = session.get_one(Appointment, (id_, clinic_id), with_for_update=True)
    if transient(error):
        one.look_again_at = now + BUSY
        return
    one.look_failing_since = one.look_failing_since or now
    again = now + max(AGAIN, now - one.look_failing_since)
    one.look_again_at = again
    if again > one.look_failing_since + TRIED_FOR:
        one.look_at = None
    one.look_error = type(error).__name__
