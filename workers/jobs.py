"""What RQ runs. Each drain takes its work from PostgreSQL and ends soon; lost or doubled, it does no harm."""

import threading
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cached_property, partial
from uuid import UUID

from sqlalchemy import select

import followups.kinds  # noqa: F401 - fills the registry of kinds
from bot import staff_notices
from channels import outbox
from channels.line import replies
from channels.line.client import Line
from channels.line.replies import Replies
from channels.outbox import Outbox
from customers import profiles
from customers.profiles import Asker
from facts import ended
from followups import dispatch, heard, notifications, planner
from models.clinics import Clinic
from richmenus import link
from richmenus.link import Linker
from runtime.bell import Bell
from runtime.context import Runtime
from runtime.registry import Registry
from runtime.wake import wakeups
from workers import calendar, fence, inbox
from workers.alone import Alone
from workers.aside import Aside
from workers.catching_up import CatchingUp
from workers.enduring import enduring
from workers.inbox import Inbox
from workers.rounds import Nothing, Rounds, Work


@dataclass(frozen=True)
class WorkerContext:
    """What drains need from the process, made by the composition root."""

    runtime: Runtime
    line: Line
    inbox: Inbox
    replies: Replies
    outbox: Outbox
    linker: Linker
    asker: Asker
    alone: Alone
    turns: dict[str, UUID] = field(default_factory=dict)
    """Of `Rounds`, from one drain to the next."""
    bell: Bell | None = None
    """Of a worker whose drains linger; a look does not."""
    catching_up: CatchingUp = field(default_factory=CatchingUp)
    stopping: threading.Event = field(default_factory=threading.Event)
    """The process is asked to end: a drain takes nothing more."""

    @cached_property
    def aside(self) -> Aside:
        return Aside(self.runtime, self.line)


CONTEXT: ContextVar[WorkerContext] = ContextVar("context")
"""Set by `flask worker` before RQ calls `drain`: RQ hands over names and not objects."""

drains: Registry[Callable[[WorkerContext], int]] = Registry("drain")


def drain(name: str) -> int:
    """The one name that RQ looks up. How much was done."""
    context = CONTEXT.get()
    # The flag goes first, so that work arriving meanwhile wakes anew.
    context.runtime.waker.clear(name)
    return context.alone.job(name, partial(drains[name], context))


def _rounds(context: WorkerContext, name: str, bell: Bell | None = None) -> Rounds:
    runtime, again_in = context.runtime, partial(context.alone.leave, name)
    with_work = context.aside.with_work
    return Rounds(name, runtime.waker, runtime.timing, with_work, context.turns, again_in, context.stopping, bell)


def _chat(context: WorkerContext) -> int:
    """Answer what came in, and send what could not be sent before."""
    events = Work(inbox.OPEN, context.inbox.step, inbox.BATCH)
    answers = Work(replies.DUE, context.replies.step)
    return _rounds(context, "chat", context.bell).run(events, answers, carried=context.replies)


def _send(context: WorkerContext) -> int:
    merge = partial(
        notifications.merge_one, context.runtime, context.outbox.channels, catching_up=context.catching_up
    )  # fmt: skip
    telling = Work(notifications.OPEN, merge, feeds=True)
    noticing = Work(
        staff_notices.OPEN, partial(staff_notices.push, context.runtime, context.outbox.channels), feeds=True
    )
    kept = Work(ended.OPEN, partial(ended.step, context.runtime), feeds=True)
    say = partial(
        dispatch.step, context.runtime, context.outbox.channels, later=partial(context.alone.leave, "send")
    )  # fmt: skip
    saying = Work(dispatch.OPEN, say, feeds=True)
    fenced = fence.stands(context.runtime)
    sending = Work(outbox.OPEN, partial(context.outbox.step, staff_only=fenced))
    works = (kept, noticing, sending) if fenced else (kept, telling, noticing, saying, sending)
    return _rounds(context, "send").run(*works, carried=context.outbox)


def _followups(context: WorkerContext) -> int:
    planning = partial(planner.step, context.runtime)
    return _rounds(context, "followups").run(
        Work(planner.CHANGED, planning), Work(planner.OPEN, planning, heard.BATCH), carried=Nothing()
    )


def _menus(context: WorkerContext) -> int:
    return _rounds(context, "menus").run(Work(link.OPEN, context.linker.step), carried=context.linker)


def _profiles(context: WorkerContext) -> int:
    return _rounds(context, "profiles").run(Work(profiles.OPEN, context.asker.step), carried=context.asker)


def _calendar(context: WorkerContext) -> int:
    with context.runtime.sessions() as session:
        clinics = session.scalars(select(Clinic.id)).all()
    return calendar.run_due(context.runtime, context.aside.at_work(clinics), context.stopping)


def _enduring(name: str, drain: Callable[[WorkerContext], int]) -> Callable[[WorkerContext], int]:
    return lambda context: enduring(name, context.runtime.waker, partial(drain, context))


for _name, _drain in (
    ("chat", _chat), ("send", _send), ("followups", _followups), ("menus", _menus), ("profiles", _profiles),
    ("calendar", _calendar),
):  # fmt: skip
    drains.add(_name, _enduring(_name, _drain))
if missing := set(wakeups) ^ set(drains):
    raise LookupError(f"wake-ups and drains differ: {', '.join(sorted(missing))}")
