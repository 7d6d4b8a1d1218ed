"""One worker process for one queue: a worker on two queues loses a job it had popped but not started."""

import os
import threading
from typing import Any

import structlog
from redis import ConnectionPool, Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError, RedisError, TimeoutError  # noqa: A004 - they are Redis's names
from redis.retry import Retry
from rq import Queue, SimpleWorker, worker_registration
from rq.timeouts import BaseDeathPenalty
from rq.worker import WorkerStatus

from runtime.reach import Reach
from runtime.timing import Timing

log = structlog.get_logger(__name__)

OVERRUN = 70
"""The status of a process that a job's alarm has ended: sysexits' "internal software error"."""
QUEUES = ("chat", "send", "slow")
_TERMS: dict[str, Any] = {"worker_ttl": 30, "maintenance_interval": 10, "job_monitoring_interval": 5}
POP_SECONDS = 1
"""How long RQ waits for a job at a time, before it says again that it lives."""
SOCKET_SECONDS = 2
"""For every other answer of Redis too; longer than the pop, so that an empty queue is no hung Redis."""


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

    @property
    def dequeue_timeout(self) -> int:
        return POP_SECONDS

    @property
    def connection_timeout(self) -> int:
        return SOCKET_SECONDS

    def ends_after_job(self) -> bool:
        """Whether there is a job in hand; then the loop ends behind it."""
        busy: bool = self.get_state() == WorkerStatus.BUSY
        self._stop_requested = busy
        return busy

    def handle_exception(self, job: Any, *exc_info: Any) -> None:
        """RQ's own line has the whole traceback, with the message of the exception."""
        if not isinstance(exc_info[1], RedisError):  # the drain was done, and RQ could not say so
            log.error("job failed", job=job.id, exc_info=exc_info)

    def run_maintenance_tasks(self) -> None:
        """A Redis that was wiped, or hung for long, knows of no worker: who asks for them finds this one again."""
        super().run_maintenance_tasks()  # type: ignore[no-untyped-call]
        with self.connection.pipeline() as pipeline:
            pipeline.hset(self.key, mapping=self.serialize())
            worker_registration.register(self, pipeline)
            pipeline.execute()

    def subscribe(self) -> None:
        """RQ would take commands from Redis here, by a thread that a Redis which is away ends. Nobody sends any."""

    def _install_signal_handlers(self) -> None:
        """RQ's would ask Redis inside a running job. The guard has its own."""


class _Heard(Redis):
    """Tells when Redis has not answered RQ. That it is back is told by a write that was taken, not by any answer."""

    def __init__(self, reach: Reach, pool: ConnectionPool) -> None:
        super().__init__(connection_pool=pool)
        self._reach = reach

    def execute_command(self, *args: Any, **options: Any) -> Any:
        try:
            return super().execute_command(*args, **options)  # type: ignore[no-untyped-call]
        except (ConnectionError, TimeoutError) as error:
            self._reach.failed(error)
            raise


def make_worker(queue: str, redis_url: str, timing: Timing, reach: Reach) -> PatientWorker:
    """Raises `ValueError` for a queue that does not exist, `RedisError` or `OSError` while Redis is away."""
    if queue not in QUEUES:
        raise ValueError(f"there is no queue {queue!r}; there are {', '.join(QUEUES)}")
    pool = ConnectionPool.from_url(
        redis_url,
        socket_timeout=SOCKET_SECONDS,
        socket_connect_timeout=SOCKET_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
    connection = _Heard(reach, pool)
    worker = PatientWorker([Queue(queue, connection=connection)], connection=connection, **_TERMS)
    worker.max_connection_wait_time = timing.tick_without_redis.total_seconds()
    return worker
