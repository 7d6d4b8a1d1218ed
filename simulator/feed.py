"""What happened, told live to every open screen (Server-Sent Events)."""

import json
import queue
import threading
from collections.abc import Iterator
from typing import Any

HEARTBEAT = 10.0


class Feed:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._screens: list[queue.Queue[str | None]] = []

    def tell(self, kind: str, **facts: Any) -> None:
        line = f"data: {json.dumps({'kind': kind, **facts})}\n\n"
        with self._lock:
            screens = list(self._screens)
        for screen in screens:
            try:
                screen.put_nowait(line)
            except queue.Full:
                # A screen that does not read has gone; it re-reads everything when it comes back.
                self._leave(screen)

    def listen(self) -> Iterator[bytes]:
        """The stream of one screen; ends when the simulator stops."""
        screen: queue.Queue[str | None] = queue.Queue(maxsize=1000)
        with self._lock:
            self._screens.append(screen)
        try:
            yield b"retry: 1000\n\n"
            while True:
                try:
                    line = screen.get(timeout=HEARTBEAT)
                except queue.Empty:
                    line = ": still here\n\n"
                if line is None:
                    return
                yield line.encode()
        finally:
            self._leave(screen)

    def close(self) -> None:
        with self._lock:
            screens = list(self._screens)
        for screen in screens:
            screen.put(None)

    def _leave(self, screen: "queue.Queue[str | None]") -> None:
        with self._lock:
            if screen in self._screens:
                self._screens.remove(screen)
