"""What RQ runs. Each drain takes its work from PostgreSQL and ends soon; lost or doubled, it does no harm.

A drain asks once which clinics have work and goes round them, a batch each, so that a flood in one clinic waits behind
nobody and nobody behind it.
"""

import time
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from uuid import UUID

import structlog
from prometheus_client import Counter
from sqlalchemy import select

from channels.line.client import Line
from channels.line.replies import Replies
from channels.outbox import Outbox
from customers import profiles
from followups import notifications
from models.clinics import Clinic
from richmenus import link
from runtime.context import Runtime
from runtime.database import lost
from runtime.registry import Registry
from runtime.wake import wakeups
from workers import calendar
from workers.aside import Aside
from workers.inbox import Inbox

log = structlog.get_logger(__name__)
_broken = Counter("aura_steps_broken", "Steps of a drain that raised past their row", ["drain"])

BATCH = 20
"""Of one clinic, before the next one's turn."""
BUSY_AFTER = 50
"""A drain that has found this much wakes another worker, where there is one."""


@dataclass(frozen=True)
class WorkerContext:
    """What drains need from the process, made by the composition root."""

    runtime: Runtime
    line: Line
    inbox: Inbox
    replies: Replies
    outbox: Outbox
    turns: dict[str, UUID] = field(default_factory=dict)
    """Drain → the clinic whose turn was last, so that the next drain goes on behind it."""

    @property
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
    return drains[name](context)


def _round(
    context: WorkerContext,
    name: str,
    due: Callable[[], Sequence[UUID]],
    step: Callable[[UUID], bool],
    *,
    began: float | None = None,
) -> int:
    """Go round the clinics that can be read until nothing is found, or the drain's time is over.

    What breaks ends its clinic's turn, no more. The first turn is that of the clinic behind the one that had the last,
    in this drain or the one before: however short a drain is, each clinic comes to its turn. `began`: of the drain, on
    the monotonic clock, where it is more than one round.
    """
    waker, limit = context.runtime.waker, context.runtime.timing.drain.total_seconds()
    began, done, before = time.monotonic() if began is None else began, 0, -1
    while done > before:
        before = done
        for clinic_id in _behind(context.turns.get(name), context.aside.at_work(due())):
            context.turns[name] = clinic_id
            for _ in range(BATCH):
                if not _stepped(name, clinic_id, step):
                    break
                done += 1
                if done == BUSY_AFTER:
                    waker.wake(name)
                if time.monotonic() - began > limit:
                    waker.wake(name, force=True)
                    return done
    return done


def _behind(last: UUID | None, clinics: Sequence[UUID]) -> list[UUID]:
    ordered = sorted(clinics)
    return [one for one in ordered if last is None or one > last] + [one for one in ordered if last and one <= last]


def _stepped(name: str, clinic_id: UUID, step: Callable[[UUID], bool]) -> bool:
    """A step keeps with its row whatever goes wrong; what comes out of it all the same stops no other clinic."""
    try:
        return step(clinic_id)
    except Exception as error:
        if lost(error):
            raise
        log.error("step broke", drain=name, clinic=str(clinic_id), exc_info=error)
        _broken.labels(name).inc()
        return False


def _chat(context: WorkerContext) -> int:
    """Answer what came in, then what could not be answered before."""
    began = time.monotonic()
    done = _round(context, "chat", context.inbox.due, context.inbox.drain_one, began=began)
    retry_in = context.inbox.next_retry()
    if retry_in is not None:
        context.runtime.waker.wake_in("chat", retry_in)
    return done + _round(context, "chat", context.replies.due, context.replies.sweep_one, began=began)


def _send(context: WorkerContext) -> int:
    def due() -> list[UUID]:
        return list(dict.fromkeys([*notifications.due(context.runtime), *context.outbox.due()]))

    def step(clinic_id: UUID) -> bool:
        merged = notifications.merge_one(context.runtime, context.outbox.channels, clinic_id)
        return context.outbox.send_one(clinic_id) or merged

    return _round(context, "send", due, step)


def _menus(context: WorkerContext) -> int:
    def step(clinic_id: UUID) -> bool:
        return link.link_one(context.runtime, context.line, clinic_id)

    return _round(context, "menus", lambda: link.due(context.runtime), step)


def _profiles(context: WorkerContext) -> int:
    def step(clinic_id: UUID) -> bool:
        return profiles.fetch_one(context.runtime, context.line, clinic_id)

    return _round(context, "profiles", lambda: profiles.due(context.runtime), step)


def _calendar(context: WorkerContext) -> int:
    with context.runtime.sessions() as session:
        clinics = session.scalars(select(Clinic.id)).all()
    return calendar.run_due(context.runtime, context.aside.at_work(clinics))


for _name, _drain in (
    ("chat", _chat), ("send", _send), ("menus", _menus), ("profiles", _profiles), ("calendar", _calendar),
):  # fmt: skip
    drains.add(_name, _drain)
if missing := set(wakeups) ^ set(drains):
    raise LookupError(f"wake-ups and drains differ: {', '.join(sorted(missing))}")
