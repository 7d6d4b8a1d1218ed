"""For the engineer: is it alive, is it ready, how much waits."""

import structlog
from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from prometheus_client import REGISTRY as PROCESS
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from runtime import work

log = structlog.get_logger(__name__)


def blueprint(engine: Engine) -> Blueprint:
    routes = Blueprint("ops", __name__)

    @routes.get("/healthz")
    def alive() -> dict[str, str]:
        """The process answers; it says nothing about anything else, so that a database outage restarts nobody."""
        return {"status": "ok"}

    @routes.get("/readyz")
    def ready() -> tuple[dict[str, str], int]:
        """Whether traffic may come: the database answers. Redis being away is slower, not unready."""
        try:
            with engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except SQLAlchemyError as error:
            return {"status": "unavailable", "database": type(error).__name__}, 503
        return {"status": "ok", "database": "ok"}, 200

    @routes.get("/metrics")
    def metrics() -> Response:
        """Prometheus text: this process's counters, and how much work waits in the database while it answers."""
        shared = CollectorRegistry()
        waiting = Gauge("aura_waiting", "Work that waits in the database", ["what"], registry=shared)
        answers = Gauge("aura_database_up", "1 while the database answers", registry=shared)
        try:
            with engine.connect() as connection:
                for what, count in work.counted(connection).items():
                    waiting.labels(what).set(count)
            answers.set(1)
        except SQLAlchemyError as error:
            log.error("what waits is not counted", error=type(error).__name__)
        return Response(generate_latest(PROCESS) + generate_latest(shared), content_type=CONTENT_TYPE_LATEST)

    return routes
