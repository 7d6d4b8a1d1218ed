"""`flask worker <queue>` and `flask cron`: the processes beside the web server."""

from collections.abc import Callable

import click
import structlog
from prometheus_client import start_http_server
from redis import Redis

from runtime import limits
from runtime.limits import Limits
from workers import attention, doctor
from workers.jobs import CONTEXT, WorkerContext, drain
from workers.serve import QUEUES, make_worker, scheduler

CRON = "cron"

log = structlog.get_logger(__name__)


def commands(context: WorkerContext, context_of: Callable[[Limits], WorkerContext]) -> tuple[click.Command, ...]:
    """`context`: of a command; `context_of` makes that of a worker, under the limits of its queue."""

    @click.command("worker")
    @click.argument("queue", type=click.Choice(QUEUES))
    def worker(queue: str) -> None:
        """Serve one queue until stopped."""
        if queue in ("chat", "send"):
            context.line.warm()
        CONTEXT.set(context_of(limits.of_queue(queue)))
        _serve_metrics(context, queue)
        log.info("worker ready", queue=queue)
        make_worker(queue, context.runtime.settings.redis_url, context.runtime.timing).work(logging_level="WARNING")

    @click.command(CRON)
    def cron() -> None:
        """Tick until stopped. One process of it, or every tick comes twice (which does no harm)."""
        _serve_metrics(context, CRON)
        log.info("calendar ready")
        redis = Redis.from_url(context.runtime.settings.redis_url)
        scheduler(redis, drain, context.runtime.timing).start()  # type: ignore[no-untyped-call]

    return worker, cron, attention.commands(context.runtime, context.line), doctor.command(context)


def _serve_metrics(context: WorkerContext, process: str) -> None:
    """Each process has its counters, so each has an address. One whose port is taken works without."""
    first = context.runtime.settings.metrics_port
    if not first:
        return
    port = first + (*QUEUES, CRON).index(process)
    try:
        start_http_server(port, addr="127.0.0.1")
    except OSError as error:
        log.error("metrics not served", port=port, exc_info=error)
