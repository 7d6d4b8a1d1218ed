"""For the engineer: is it ready, how much waits. Whether it is alive is told by `web/gate.py`."""

from collections.abc import Callable

import structlog
from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from prometheus_client import REGISTRY as PROCESS
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from models.clinics import Clinic
from runtime import database, work
from runtime.outage import DATABASE

READY_SECONDS = 1.0
"""Whoever asks is about to decide where requests go: a database that says nothing for so long takes none."""

log = structlog.get_logger(__name__)


def blueprint(sessions: sessionmaker[Session], behind: Callable[[], int], redis: Callable[[], bool]) -> Blueprint:
    """`behind`: how many days of daily jobs are due and not done. `redis`: whether it takes a word; waits briefly."""
    routes = Blueprint("ops", __name__)

    @routes.get("/readyz")
    def ready() -> tuple[dict[str, str], int]:
        """Whether traffic may come: the database answers. Without Redis it may: answers come a second later."""
        try:
            with database.at_most(READY_SECONDS), sessions() as session:
                read_only = session.scalar(text("SELECT current_setting('transaction_read_only')")) == "on"
        except SQLAlchemyError as error:
            return {"status": "unavailable", "database": type(error).__name__}, 503
        if read_only:
            return {"status": "unavailable", "database": "read_only"}, 503
        answers = redis()
        told = {"status": "ok" if answers else "degraded", "database": "ok", "redis": "ok" if answers else "away"}
        return told, 200

    @routes.get("/metrics")
    def metrics() -> Response:
        """Prometheus text: this process's counters, and how much work waits in the database while it answers."""
        redis()  # so that `aura_redis_up` is of now
        shared = CollectorRegistry()
        rows = Gauge("aura_work", "Work in the database, by what became of it", ["queue", "state"], registry=shared)
        overdue = Gauge("aura_work_overdue_seconds", "Since when the oldest is due", ["queue"], registry=shared)
        answers = Gauge("aura_database_up", "1 while the database answers", registry=shared)
        try:
            with sessions() as session:
                session.execute(text("SELECT 1"))
                answers.set(1)
                for name, state, count, seconds in work.totals(session):
                    rows.labels(name, state).set(count)
                    if state == "waiting":
                        overdue.labels(name).set(seconds)
                aside = session.scalar(select(func.count()).where(Clinic.aside_reason.is_not(None))) or 0
            late = behind()
            # Only once they are known: a 0 that nobody counted would end an alert.
            Gauge("aura_clinics_set_aside", "Clinics that cannot be read", registry=shared).set(aside)
            Gauge("aura_calendar_behind", "Days of daily jobs that are due and not done", registry=shared).set(late)
        except SQLAlchemyError as error:
            if database.lost(error):
                DATABASE.met(error)
            else:
                log.error("what waits is not counted", exc_info=error)
        return Response(generate_latest(PROCESS) + generate_latest(shared), content_type=CONTENT_TYPE_LATEST)

    return routes
