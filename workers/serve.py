"""One worker process for one queue: a worker on two queues loses a job it had popped but not started."""

import os
import threading
from typing import Any

import structlog
from redis import Redis
from rq import Queue, SimpleWorker
from rq.cron import CronScheduler
from rq.timeouts import BaseDeathPenalty
from rq.worker import BaseWorker

from runtime.timing import Timing
from runtime.wake import Drain, limit, wakeups

log = structlog.get_logger(__name__)

OVERRUN = 70
"""The status of a process that a job's alarm has ended: sysexits' "internal software error"."""
QUEUES = ("chat", "send", "slow")
_TERMS: dict[str, Any] = {"worker_ttl": 30, "maintenance_interval": 10, "job_monitoring_interval": 5}


class Alarm(BaseDeathPenalty):
    """Ends the process of a job that runs out of time: one line, and out.

    RQ's own throws an exception into whatever is running. Inside a wait for the database that leaves a connection of
    which nobody knows the state, held by a process that lives on. A process that has ended holds nothing: its rows are
    free as soon as the server sees the closed socket, and its supervisor starts another. From a thread, because a
    signal's handler waits until the interpreter is asked, which a call into a library may put off.
    """

    def __init__(self, timeout: float, exception: type[BaseException], job_id: str = "") -> None:
        super().__init__(timeout, exception)  # type: ignore[no-untyped-call]
        self._job_id = job_id
        self._timer = threading.Timer(timeout, self._end)
        self._timer.daemon = True

    def setup_death_penalty(self) -> None:
        if self._timeout > 0:
            self._timer.start()

    def cancel_death_penalty(self) -> None:
        self._timer.cancel()

    def _end(self) -> None:
        log.critical("job ran out of time", job=self._job_id, seconds=self._timeout)
        os._exit(OVERRUN)


class PatientWorker(SimpleWorker):
    """Runs jobs in the process itself, so that connections to LINE and counters live on."""

    death_penalty_class = Alarm

    def handle_exception(self, job: Any, *exc_info: Any) -> None:
        """RQ's own line has the whole traceback, with the message of the exception."""
        log.error("job failed", job=job.id, exc_info=exc_info)


def make_worker(queue: str, redis_url: str, timing: Timing) -> BaseWorker:
    """Raises `ValueError` for a queue that does not exist."""
    if queue not in QUEUES:
        raise ValueError(f"there is no queue {queue!r}; there are {', '.join(QUEUES)}")
    connection = Redis.from_url(redis_url)
    worker = PatientWorker([Queue(queue, connection=connection)], connection=connection, **_TERMS)
    worker.max_connection_wait_time = timing.redis_wait.total_seconds()
    return worker


def scheduler(redis: Redis, drain: Drain, timing: Timing) -> CronScheduler:
    """Rings for each kind of work that may wait, and for the calendar, every tick."""
    cron = CronScheduler(connection=redis, name="aura-calendar", logging_level="WARNING")
    tick = max(1, round(timing.tick.total_seconds()))
    for name in wakeups:
        # A tick that nobody took before the next one comes is worthless.
        cron.register(
            drain, wakeups[name], args=(name,), interval=tick, ttl=tick, result_ttl=0, failure_ttl=300,
            job_timeout=limit(name, timing),
        )  # fmt: skip
    return cron
