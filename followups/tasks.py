"""Calls that the staff are asked for: what is open, and who has done it. The first who says so has done it.

Each stands in the list (`tasks` in the group, `flask tasks`) whether or not there is a group to be told of it.
"""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from customers import journey, staff_notices
from followups.kind import kinds
from models.base import new_id
from models.clinics import Clinic
from models.followups import FollowupExecution
from models.staff_notices import NoticeData
from models.tasks import Task

JOINED = timedelta(minutes=2)
"""For so long one that is not urgent waits for others, which go in the same push."""
CODE = 6
"""Letters of a task's code."""
MOST = 100
"""More than anybody reads at once."""


class DoneBefore(Exception):
    """Somebody was quicker: the task's `done_by`."""


def ask(session: Session, one: FollowupExecution, now: datetime) -> Task:
    """The staff are to call the customer; their group hears of it."""
    id_ = new_id()
    task = Task(
        id=id_,
        clinic_id=one.clinic_id,
        customer_id=one.customer_id,
        execution_id=one.id,
        kind=one.rule.type,
        priority=one.rule.priority,
        code=id_.hex[-CODE:].upper(),
        state="open",
        until=one.not_after,
        created_at=now,
    )
    session.add(task)
    session.flush()
    wait = timedelta(0) if task.priority == "high" else JOINED
    clinic, data = one.customer.clinic, NoticeData(task=str(id_))
    staff_notices.write(
        session, clinic, "call_task", now, key=_told(task), customer=one.customer, data=data, wait=wait,
        worth=task.until - now - wait,
    )  # fmt: skip
    return task


def open_(session: Session, clinic: Clinic, now: datetime) -> list[Task]:
    """Those that are still of use, the urgent first, then the ones that are over soonest."""
    mine = Task.clinic_id == clinic.id, Task.state == "open", Task.until > now
    found = session.scalars(select(Task).where(*mine).order_by(Task.until, Task.id).limit(MOST)).all()
    return sorted((one for one in found if holds(session, one, now)), key=lambda one: one.priority != "high")


def holds(session: Session, task: Task, now: datetime) -> bool:
    """Whether it is still to be done: nobody has, and nothing has happened that makes it needless."""
    if task.state != "open" or task.until <= now or task.customer.data_key is None:
        return False
    return kinds[task.kind].why_not(session, task.execution, now) is None


def by_code(session: Session, clinic: Clinic, code: str) -> Task | None:
    """The last with this code, open or not, as a person typed it."""
    named = Task.clinic_id == clinic.id, Task.code == code.upper()
    return session.scalars(select(Task).where(*named).order_by(Task.created_at.desc()).limit(1)).first()


def done(session: Session, task: Task, now: datetime, *, actor: str) -> None:
    """Raises `DoneBefore`."""
    session.refresh(task, with_for_update=True)
    if task.state == "done":
        raise DoneBefore
    task.state, task.done_at, task.done_by = "done", now, actor
    staff_notices.drop(session, task.customer.clinic, _told(task))
    journey.write(
        session, task.customer, "called", now, key=f"called:{task.id}",
        data={"by": actor, "kind": task.kind, "execution": str(task.execution_id)},
    )  # fmt: skip


def _told(task: Task) -> str:
    """The key of the notice that it was asked for."""
    return f"call_task:{task.id}"
