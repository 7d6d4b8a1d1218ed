"""Every worker looks for itself: a wake-up may be lost, and Redis may be away.

A thread beside RQ's loop asks Redis every second whether it takes a word. It calls the drains of its queue every tick,
and every second while Redis does not. What RQ has begun within that time is not looked at again. What a drain has left
for later in this process is drained when its time has come.
"""

import os
import threading
import time
from functools import partial

import structlog
from rq.timeouts import JobTimeoutException

from runtime.wake import limit, wakeups
from workers.jobs import WorkerContext, drains
from workers.serve import OVERRUN, Alarm

log = structlog.get_logger(__name__)

PATIENT = "slow"
"""The queue whose work comes with the tick and not with a customer: Redis being away does not hurry it."""


class Look:
    """The looking thread of one worker process."""

    def __init__(self, context: WorkerContext, queue: str) -> None:
        self._context, self._timing = context, context.runtime.timing
        self._names = [name for name in wakeups if wakeups[name] == queue]
        self._hurries = queue != PATIENT
        self._hurried_until = 0.0
        self._thread = threading.Thread(target=self._run, name="look", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def end(self) -> None:
        """Waits for the drain in hand, which sees that the process is asked to stop; its alarm bounds the wait."""
        self._context.alone.over()
        self._thread.join()

    def once(self) -> None:
        """What is due to be looked at, and what a job has left."""
        waker, alone = self._context.runtime.waker, self._context.alone
        waker.ask()
        if waker.reach.away:
            # Afterwards too: web processes rest still, and RQ's loop may have to begin.
            self._hurried_until = time.monotonic() + self._timing.tick.total_seconds()
        hurried = self._hurries and time.monotonic() < self._hurried_until
        every = (self._timing.tick_without_redis if hurried else self._timing.tick).total_seconds()
        for name in self._names:
            if alone.since(name) >= every:
                self._drain(name)
        while left := alone.left:
            for name in left:
                self._drain(name)

    def _run(self) -> None:
        wait = self._timing.tick_without_redis.total_seconds()
        try:
            while not self._context.stopping.is_set():
                self.once()
                self._context.alone.wait(wait)
        except BaseException as error:
            log.critical("looking thread died", exc_info=error)
            os._exit(OVERRUN)  # without it the process would look healthy; its supervisor starts another

    def _drain(self, name: str) -> None:
        try:
            self._context.alone.look(name, partial(self._guarded, name))
        except Exception as error:
            log.error("look broke", name=name, exc_info=error)

    def _guarded(self, name: str) -> int:
        """What a job may not do, a look may not: it has the same time, and the same end."""
        with Alarm(limit(name, self._timing), JobTimeoutException, job_id=f"look {name}"):
            return drains[name](self._context)
