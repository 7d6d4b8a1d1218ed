"""Opening connections beside those who wait for them: the server may take longer than anybody has time."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock, Timer
from typing import Generic, Protocol, TypeVar

import psycopg

KEPT_SECONDS = 5.0
"""For one who asks again; then what nobody has taken is closed."""


class Closable(Protocol):
    def close(self) -> None: ...


Connection = TypeVar("Connection", bound=Closable)


class Opening(Generic[Connection]):
    """What nobody had the time to wait for is there for the next one who asks. At most so many as may ask at once."""

    def __init__(self, most: int) -> None:
        self._threads = ThreadPoolExecutor(most, thread_name_prefix="opening")
        self._left: list[Future[Connection]] = []
        self._lock = Lock()

    def take(self, open_one: Callable[[], Connection], within: float | None) -> Connection:
        """Raises `psycopg.OperationalError` when there is none after `within` seconds, or whatever `open_one` does."""
        opened = self._begun() or self._threads.submit(_opened, open_one)
        try:
            return opened.result(within)
        except TimeoutError:
            self._leave(opened)
            raise psycopg.OperationalError("no connection to the database in time") from None
        except BaseException:  # whatever ended the waiting
            self._leave(opened)
            raise

    def _leave(self, opened: Future[Connection]) -> None:
        with self._lock:
            self._left.append(opened)
        opened.add_done_callback(self._keep)

    def _keep(self, opened: Future[Connection]) -> None:
        timer = Timer(KEPT_SECONDS, self._close, (opened,))
        timer.daemon = True
        timer.start()

    def _close(self, opened: Future[Connection]) -> None:
        with self._lock:
            if opened not in self._left:
                return
            self._left.remove(opened)
        if opened.exception() is None:
            opened.result().close()

    def _begun(self) -> Future[Connection] | None:
        """One that was left and has not failed since: why it failed may have passed."""
        with self._lock:
            while self._left:
                opened = self._left.pop(0)
                if not opened.done() or opened.exception() is None:
                    return opened
        return None


def _opened(open_one: Callable[[], Connection]) -> Connection:
    """Lets go of the frames in which it failed: one holds the half-open connection, which the server would count as one
    more until the interpreter collects it.
    """
    try:
        return open_one()
    except psycopg.Error as error:
        raise error.with_traceback(None) from None
