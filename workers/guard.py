"""A worker process: the looking thread, and RQ's loop, which begins anew as often as Redis ends it.

RQ 3 ends its loop when Redis is full or hangs in the wrong moment, and does not begin it while Redis is away. Here the
process stays, because the thread goes on answering.
"""

import contextlib
import logging
import os
import signal
import sys
import threading
import time
from types import FrameType
from typing import NoReturn

from redis.exceptions import RedisError
from rq.exceptions import StopRequested

from workers.jobs import WorkerContext
from workers.look import Look
from workers.serve import PatientWorker, make_worker

FAREWELL_SECONDS = 1.0
"""What RQ has still to tell Redis at the end of a process waits for Redis this long; it is nothing of value."""


class Guard:
    """Runs in the main thread, which alone is told of signals."""

    def __init__(self, context: WorkerContext, queue: str) -> None:
        self._context, self._queue = context, queue
        self._look = Look(context, queue)
        self._worker: PatientWorker | None = None

    def serve(self) -> NoReturn:
        """Until SIGTERM or SIGINT, then ends the process; what is in hand is finished. A second one waits for nothing.

        The interpreter's own end would free what the kernel frees, and takes seconds on a busy machine.
        """
        with contextlib.suppress(StopRequested):
            self._until_asked()
        with contextlib.suppress(StopRequested):
            self._look.end()
        os._exit(0)

    def _until_asked(self) -> None:
        """Raises `StopRequested` as soon as somebody asks, from the moment in which the signals are heard."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._asked)
        logging.getLogger("rq.worker").addFilter(_not_of_redis)
        self._look.start()
        threading.Thread(target=self._end, name="end", daemon=True).start()
        timing = self._context.runtime.timing
        while not self._context.stopping.is_set():
            self._loop()
            if not self._context.stopping.is_set():
                time.sleep(timing.tick_without_redis.total_seconds())

    def _loop(self) -> None:
        """RQ's loop, once."""
        runtime = self._context.runtime
        try:
            self._worker = make_worker(self._queue, runtime.settings.redis_url, runtime.timing, runtime.waker.reach)
            self._worker.work(logging_level="WARNING")
        except (RedisError, OSError) as error:
            runtime.waker.reach.failed(error)
        finally:
            self._worker = None

    def _end(self) -> None:
        """Whatever RQ waits for then, the process ends when the drains in hand have."""
        self._context.stopping.wait()
        self._look.end()
        self._context.alone.ended()
        time.sleep(FAREWELL_SECONDS)
        os._exit(0)

    def _asked(self, _number: int, _frame: FrameType | None) -> None:
        """Ends a wait at once, by an exception as RQ itself does; a job is let to its end."""
        if not self._context.stopping.is_set():
            self._context.stopping.set()
        if self._worker is None or not self._worker.ends_after_job():
            raise StopRequested


def _not_of_redis(_record: logging.LogRecord) -> bool:
    """What RQ says where it has caught an error of Redis is left out: that Redis is away is said once, by `Reach`."""
    return not isinstance(sys.exc_info()[1], RedisError)
