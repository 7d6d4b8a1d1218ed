"""`flask worker <queue>`: the processes beside the web server; and the commands that look at their work."""

from collections.abc import Callable
from dataclasses import replace

import click
import structlog
from prometheus_client import start_http_server

from runtime import limits
from runtime.limits import Limits
from runtime.wake import LINGER
from workers import attention, doctor, fence
from workers.guard import Guard
from workers.jobs import CONTEXT, WorkerContext
from workers.serve import QUEUES

log = structlog.get_logger(__name__)


def commands(context: WorkerContext, context_of: Callable[[Limits], WorkerContext]) -> tuple[click.Command, ...]:
    """`context`: of a command; `context_of` makes that of a worker, under the limits of its queue."""

    @click.command("worker")
    @click.argument("queue", type=click.Choice(QUEUES))
    def worker(queue: str) -> None:
        """Serve one queue until stopped."""
        if queue in ("chat", "send"):
            context.line.warm()
        own = context_of(limits.of_queue(queue))
        CONTEXT.set(replace(own, bell=own.runtime.waker.bell(queue) if queue in LINGER else None))
        _serve_metrics(context, queue)
        log.info("worker ready", queue=queue)
        Guard(own, queue).serve()

    runtime = context.runtime
    return worker, attention.commands(runtime, context.line), doctor.command(context), fence.commands(runtime)


def _serve_metrics(context: WorkerContext, queue: str) -> None:
    """Each process has its counters, so each has an address. One whose port is taken works without."""
    first = context.runtime.settings.metrics_port
    if not first:
        return
    port = first + QUEUES.index(queue)
    try:
        start_http_server(port, addr="127.0.0.1")
    except OSError as error:
        log.error("metrics not served", port=port, exc_info=error)
