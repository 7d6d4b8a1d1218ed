"""One drain at a time in a process: RQ's job and the looking thread never drain side by side."""

import threading
import time
from collections.abc import Callable


class Alone:
    """A job that finds the thread draining leaves its name here and ends, and the thread drains once more for it.

    So RQ's loop waits for nobody and no wake-up is lost: the name is left before the lock is tried, and the thread
    looks for names after it has let go.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._left: set[str] = set()
        self._began: dict[str, float] = {}

    @property
    def left(self) -> list[str]:
        """What jobs have left for the thread."""
        return sorted(self._left)

    def since(self, name: str) -> float:
        """Seconds since a drain of this name last began."""
        return time.monotonic() - self._began.get(name, float("-inf"))

    def job(self, name: str, drain: Callable[[], int]) -> int:
        """Drains, or leaves it to the thread that is draining; what was done here."""
        self._left.add(name)
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
            self._left.discard(name)  # whoever leaves it from now on means work that came later
            self._began[name] = time.monotonic()
            return drain()
        finally:
            self._lock.release()
