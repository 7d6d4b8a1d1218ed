"""`flask worker <queue>` and `flask cron`: the processes beside the web server."""

import click
import structlog
from flask import current_app
from redis import Redis

from workers import cron as calendar
from workers import jobs
from workers.serve import QUEUES, make_worker

log = structlog.get_logger(__name__)


@click.command("worker")
@click.argument("queue", type=click.Choice(QUEUES))
def worker(queue: str) -> None:
    """Serve one queue until stopped."""
    hands = jobs.hands()
    if queue in ("chat", "send"):
        hands.ears.line.warm()
    log.info("worker ready", queue=queue)
    make_worker(queue, current_app.config["SETTINGS"].redis_url).work(logging_level="WARNING")


@click.command("cron")
def cron() -> None:
    """Tick until stopped. One process of it, or every tick comes twice (which does no harm)."""
    log.info("calendar ready")
    calendar.scheduler(Redis.from_url(current_app.config["SETTINGS"].redis_url)).start()  # type: ignore[no-untyped-call]
