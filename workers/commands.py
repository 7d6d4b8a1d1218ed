"""`flask worker <queue>` and `flask cron`: the processes beside the web server."""

import click
import structlog
from redis import Redis

from workers.jobs import WORKSHOP, Workshop, drain
from workers.serve import QUEUES, make_worker, scheduler

log = structlog.get_logger(__name__)


def commands(shop: Workshop) -> tuple[click.Command, click.Command]:
    @click.command("worker")
    @click.argument("queue", type=click.Choice(QUEUES))
    def worker(queue: str) -> None:
        """Serve one queue until stopped."""
        if queue in ("chat", "send"):
            shop.line.warm()
        WORKSHOP.set(shop)
        log.info("worker ready", queue=queue)
        make_worker(queue, shop.runtime.settings.redis_url, shop.runtime.timing).work(logging_level="WARNING")

    @click.command("cron")
    def cron() -> None:
        """Tick until stopped. One process of it, or every tick comes twice (which does no harm)."""
        log.info("calendar ready")
        redis = Redis.from_url(shop.runtime.settings.redis_url)
        scheduler(redis, drain, shop.runtime.timing).start()  # type: ignore[no-untyped-call]

    return worker, cron
