"""For the engineer: is it alive, is it ready, how much waits."""

from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from prometheus_client import REGISTRY as PROCESS
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

_WAITING = text(
    """
    SELECT 'inbox_open' AS what, count(*) AS n FROM inbox WHERE state = 'new'
    UNION ALL SELECT 'inbox_late', count(*) FROM inbox WHERE state = 'new' AND due_at < now() - interval '1 minute'
    UNION ALL SELECT 'replies_open', count(*) FROM replies WHERE state = 'open'
    UNION ALL SELECT 'sends_open', count(*) FROM sends WHERE state = 'queued'
    UNION ALL SELECT 'menus_due', count(*) FROM line_links WHERE menu_due_at IS NOT NULL
    """
)


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
        """Prometheus text: this process's counters, and how much work waits in the database."""
        waiting = CollectorRegistry()
        gauge = Gauge("aura_waiting", "Work that waits in the database", ["what"], registry=waiting)
        with engine.connect() as connection:
            for what, count in connection.execute(_WAITING):
                gauge.labels(what).set(count)
        return Response(generate_latest(PROCESS) + generate_latest(waiting), content_type=CONTENT_TYPE_LATEST)

    return routes
