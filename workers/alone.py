"""One drain at a time in a process: RQ's job and the looking thread never drain side by side."""

import threading
import time
from collections.abc import Callable


class Alone:
    """A job that finds the thread draining leaves its name here and ends, and the thread drains once more for it.

    So RQ's loop waits for nobody and no wake-up is lost: the name is left before the lock is tried, and the thread
    looks for names after it has let go. A name is left too for what only this process knows, a call that still hangs
    or has ended late: a wake-up may be another worker's.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._left: dict[str, float] = {}
        """Until when each name is left."""
        self._changed, self._over = threading.Condition(), False
        self._began: dict[str, float] = {}

    def leave(self, name: str, seconds: float = 0.0) -> None:
        """For the thread, this much later; what was left for an earlier moment stays so."""
        with self._changed:
            self._left[name] = min(time.monotonic() + seconds, self._left.get(name, float("inf")))
            self._changed.notify()

    @property
    def left(self) -> list[str]:
        """What the thread is to drain now."""
        with self._changed:
            return sorted(name for name, at in self._left.items() if at <= time.monotonic())

    def wait(self, seconds: float) -> None:
        """Until something is left that is due, or this long."""
        until = time.monotonic() + seconds
        with self._changed:
            while not self._over and (left := min([until, *self._left.values()]) - time.monotonic()) > 0:
                self._changed.wait(left)

    def over(self) -> None:
        """The process ends: nothing is waited for any more."""
        with self._changed:
            self._over = True
            self._changed.notify()

    def since(self, name: str) -> float:
        """Seconds since a drain of this name last began."""
        return time.monotonic() - self._began.get(name, float("-inf"))

    def job(self, name: str, drain: Callable[[], int]) -> int:
        """Drains, or leaves it to the thread that is draining; what was done here."""
        with self._changed:
            self._left[name] = 0.0  # without a word to the thread: where it is draining it looks afterwards
        return self._held(name, drain) if self._lock.acquire(blocking=False) else 0

    def look(self, name: str, drain: Callable[[], int]) -> int:
        """Drains once the job that is at it has ended, which its alarm sees to."""
        self._lock.acquire()
        return self._held(name, drain)

    def ended(self) -> None:
        """Returns when nobody drains."""
        with self._lock:
            return

    def _held(self, name: str, drain: Callable[[], int]) -> int:
        try:
            with self._changed:
                self._left.pop(name, None)  # whoever leaves it from now on means work that came later
            self._began[name] = time.monotonic()
            return drain()
        finally:
            self._lock.release()
