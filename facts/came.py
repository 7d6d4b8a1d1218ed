"""A member of the staff says of an appointment that its customer came, or did not come."""

from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from customers import journey, staff_acts
from customers.staff_members import actor
from facts import days
from loyalty import ledger
from models.appointments import Appointment
from models.customers import JourneyData
from models.facts import Visit
from models.staff import StaffAct, StaffMember

Said = Literal["come", "no_show"]
Why = Literal["known", "elsewhere", "called_off", "too_soon"]


class NotSaid(Exception):
    """Nothing was changed. `why`: it is known already; its own system says otherwise, and is right until that is mended
    there; it was moved or called off; nobody can have missed what has not begun."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


def say(session: Session, member: StaffMember, appointment: Appointment, said: Said, now: datetime) -> StaffAct:
    """The last word of the staff holds. Raises `NotSaid`, and `CustomerMerged`."""
    customer, by = appointment.customer, actor(member)
    ledger.open_profile(session, customer, now)
    session.refresh(appointment, with_for_update=True)
    _check(appointment, said, now)
    act = staff_acts.note(session, member, said, "done", now, customer=customer)
    act.appointment_id, act.done_by, act.done_at = appointment.id, by, now
    appointment.staff_said, appointment.staff_said_at = said, now
    appointment.staff_said_by, appointment.staff_said_for = by, appointment.starts_at
    data: JourneyData = {"appointment": str(appointment.id), "by": by, "act": str(act.id)}
    journey.write(session, customer, f"appointment_{said}", now, key=f"said:{act.id}", data=data)
    days.settle(session, customer, appointment.starts_at, now, actor=by)
    days.look(appointment, now)
    session.flush()
    return act


def undo(session: Session, act: StaffAct, now: datetime, by: str) -> list[Visit]:
    """What was said before it holds again; the visits that nothing else tells of. The caller holds the profile."""
    appointment = session.get_one(
        Appointment, (act.appointment_id, act.clinic_id), with_for_update=True, populate_existing=True
    )
    others = StaffAct.appointment_id == appointment.id, StaffAct.state == "done", StaffAct.id != act.id
    last = select(StaffAct).where(*others).order_by(StaffAct.done_at.desc(), StaffAct.id.desc()).limit(1)
    before = session.scalars(last).one_or_none()
    appointment.staff_said = None if before is None else "come" if before.kind == "come" else "no_show"
    appointment.staff_said_at = before.done_at if before is not None else None
    appointment.staff_said_by = before.done_by if before is not None else None
    data: JourneyData = {"appointment": str(appointment.id), "by": by, "act": str(act.id)}
    journey.write(session, appointment.customer, "appointment_word_undone", now, key=f"unsaid:{act.id}", data=data)
    gone = days.settle(session, appointment.customer, appointment.starts_at, now, actor=by).gone
    days.look(appointment, now)
    return gone


def _check(one: Appointment, said: Said, now: datetime) -> None:
    if one.state in ("cancelled", "moved"):
        raise NotSaid("called_off")
    if one.outcome_by == "source":
        came = one.outcome in ("come", "completed")
        raise NotSaid("known" if came == (said == "come") else "elsewhere")
    if said == "no_show" and one.starts_at > now:
        raise NotSaid("too_soon")
    theirs = one.staff_said if one.staff_said_for == one.starts_at else None
    if said == theirs or (said == "come" and one.outcome == "completed"):
        raise NotSaid("known")
