"""Calls that have lasted too long are cut: one thread looks after all of them, and only while there are some."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

LOOK_SECONDS = 0.25


class Deadlines:
    """Shared by threads."""

    def __init__(self) -> None:
        self._open: dict[socket.socket, float] = {}
        self._lock = threading.Lock()
        self._looking = False

    @contextlib.contextmanager
    def until(self, deadline: float, line: socket.socket) -> Iterator[None]:
        """Who reads from the line after `deadline` (of `time.monotonic`) gets its end. Raises `TimeoutError` then."""
        with self._lock:
            self._open[line] = deadline
            if not self._looking:
                self._looking = True
                threading.Thread(target=self._look, name="deadlines", daemon=True).start()
        try:
            yield
        finally:
            with self._lock:
                del self._open[line]
        if time.monotonic() >= deadline:  # what was read may have been cut
            raise TimeoutError

    def _look(self) -> None:
        while True:
            time.sleep(LOOK_SECONDS)
            with self._lock:
                if not self._open:
                    self._looking = False
                    return
                for line, deadline in self._open.items():
                    if time.monotonic() >= deadline:
                        with contextlib.suppress(OSError):  # it has ended by itself
                            line.shutdown(socket.SHUT_RDWR)
