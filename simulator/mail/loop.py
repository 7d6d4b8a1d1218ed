"""An event loop in a thread of its own, so that it also runs where the caller's thread has a loop running already."""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

LONGEST = 10.0
"""Seconds that a caller waits for what it gave to the loop."""


class OwnLoop:
    def __init__(self, name: str) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True, name=name)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """What `work` gives, done in the loop's thread; TimeoutError after `LONGEST` seconds."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(LONGEST)

    def end(self) -> None:
        """Cancels what still runs, and ends the thread."""
        self.run(_cancelled())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(LONGEST)
        self.loop.close()


async def _cancelled() -> None:
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()
    await asyncio.sleep(0.02)
