"""Opening connections beside those who wait for them: the server may take longer than anybody has time."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import Generic, TypeVar

import psycopg

Connection = TypeVar("Connection")


class Opening(Generic[Connection]):
    """What nobody had the time to wait for is there for the next one who asks. At most so many as may ask at once."""

    def __init__(self, most: int) -> None:
        self._threads = ThreadPoolExecutor(most, thread_name_prefix="opening")
        self._left: list[Future[Connection]] = []
        self._lock = Lock()

    def take(self, open_one: Callable[[], Connection], within: float | None) -> Connection:
        """Raises `psycopg.OperationalError` when there is none after `within` seconds, or whatever `open_one` does."""
        opened = self._begun() or self._threads.submit(open_one)
        try:
            return opened.result(within)
        except TimeoutError:
            raise psycopg.OperationalError("no connection to the database in time") from None
        finally:
            if not opened.done():  # whatever ended the waiting
                with self._lock:
                    self._left.append(opened)

    def _begun(self) -> Future[Connection] | None:
        """One that was left and has not failed since: why it failed may have passed."""
        with self._lock:
            while self._left:
                opened = self._left.pop(0)
                if not opened.done() or opened.exception() is None:
                    return opened
        return None
