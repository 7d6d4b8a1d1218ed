"""What a request is told when the database was busy or away."""

import structlog
from flask import Response, request
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from runtime.database import locked, lost, transient
from runtime.outage import DATABASE
from web.http.problems import GENERAL, Problem

AGAIN_SECONDS = 2

log = structlog.get_logger(__name__)


def unavailable(error: DBAPIError | PoolTimeout) -> Problem | None:
    """None where the database is not to blame."""
    if not transient(error):
        return None
    why = ""
    if lost(error):
        DATABASE.met(error)
    else:
        rule = request.url_rule
        log.warning("request met a lock", rule=rule.rule if rule else None, exc_info=error)
        why = "Somebody else holds what this would change." if locked(error) else "It took too long."
    return Problem("unavailable", why, headers={"Retry-After": str(AGAIN_SECONDS)})


def of_database(error: DBAPIError | PoolTimeout) -> Response:
    """The answer of every address that says nothing else. Raises the error where the database is not to blame."""
    problem = unavailable(error)
    if problem is None:
        raise error
    return problem.response(GENERAL[problem.code])
