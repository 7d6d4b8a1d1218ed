"""A drain that meets a busy or absent database ends without an error, and looks again soon by itself."""

from collections.abc import Callable

import structlog

from runtime.database import lost, transient
from runtime.outage import DATABASE
from runtime.wake import Waker

AGAIN = 1.0
"""Seconds until the next look: the server comes back within seconds, and nobody would wake for what already waits."""

log = structlog.get_logger(__name__)


def later(name: str, waker: Waker, error: Exception) -> None:
    """What was met is said, and the drain looks again soon."""
    if lost(error):
        DATABASE.met(error)
    else:
        log.warning("drain met a lock", drain=name, exc_info=error)
    waker.wake_in(name, AGAIN)


def enduring(name: str, waker: Waker, drain: Callable[[], int]) -> int:
    """What the drain has done. Whatever else it raises is raised."""
    try:
        done = drain()
    except Exception as error:
        if not transient(error):
            raise
        later(name, waker, error)
        return 0
    if done:
        DATABASE.over()
    return done
