"""One worker process for one queue: a worker on two queues loses a job it had popped but not started."""

from typing import Any

import structlog
from redis import Redis
from rq import Queue, SimpleWorker, Worker
from rq.cron import CronScheduler
from rq.worker import BaseWorker

from runtime.timing import Timing
from runtime.wake import Drain, limit, wakeups

log = structlog.get_logger(__name__)

QUEUES = ("chat", "send", "slow")
_TERMS: dict[str, Any] = {"worker_ttl": 30, "maintenance_interval": 10, "job_monitoring_interval": 5}


class _Told(BaseWorker):
    def handle_exception(self, job: Any, *exc_info: Any) -> None:
        """RQ's own line has the whole traceback, with the message of the exception."""
        log.error("job failed", job=job.id, exc_info=exc_info)


class PatientWorker(_Told, SimpleWorker):
    """For short jobs, in the process itself, so that connections to LINE live on."""


class ForkingWorker(_Told, Worker):
    """For long jobs: each in a child of its own, which may be killed without taking the worker along."""

    def get_heartbeat_ttl(self, job: Any, working_time: float = 0.0) -> int:  # noqa: ARG002 - the shape is RQ's
        """Seconds after which a job whose worker died counts as abandoned; RQ's own would be over a minute."""
        return 30


def make_worker(queue: str, redis_url: str, timing: Timing) -> BaseWorker:
    """`chat` and `send` run in the process itself, so that connections to LINE live on. Raises `ValueError`."""
    if queue not in QUEUES:
        raise ValueError(f"there is no queue {queue!r}; there are {', '.join(QUEUES)}")
    connection = Redis.from_url(redis_url)
    kind: type[BaseWorker] = ForkingWorker if queue == "slow" else PatientWorker
    worker = kind([Queue(queue, connection=connection)], connection=connection, **_TERMS)
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
