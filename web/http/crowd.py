"""Requests that may come to wait for a lock: a few for as long as is allowed, those beside them briefly."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from runtime.database import hurry

PATIENT = 2
"""Half of the threads that the web server has for requests other than webhooks."""
SHORT = 0.1
"""Seconds: many times what a payment takes, so that those of one customer still pass one after the other; and ten of
them together less than others wait for a thread."""


class Crowd:
    """One a process. A profile that somebody holds for a minute must not take the threads of all other customers."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0

    @contextmanager
    def among(self, session: Session, *, writes: bool) -> Iterator[None]:
        if not writes:
            yield
            return
        with self._lock:
            self._inside += 1
            many = self._inside > PATIENT
        try:
            if many:
                hurry(session, SHORT)
            yield
        finally:
            with self._lock:
                self._inside -= 1
