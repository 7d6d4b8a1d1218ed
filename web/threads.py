"""Threads of their own for each kind of request, so that one kind that is stuck takes none from another."""

import asyncio
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any


class Busy(Exception):
    """No thread was free in time: ask again."""


class _Job:
    __slots__ = ("answer", "do", "once")

    def __init__(self, do: Callable[[], Any], answer: "asyncio.Future[Any]") -> None:
        self.do: Callable[[], Any] | None = do
        self.answer = answer
        # Whoever takes it decides: a thread does the job, or the event loop gives it up and no thread will.
        self.once = threading.Lock()


class Threads:
    """For one event loop. Its threads do what they are handed, in order.

    Not a pool of `concurrent.futures`: there a request waits without an end, whoever gives one up does not know whether
    it has begun, and a process waits for the pool's threads before it ends.
    """

    def __init__(self, name: str, number: int, *, room: int, wait: float = 1.0, hurry: bool = False) -> None:
        """`room`: how many may wait for a thread; `wait`: how many seconds. `hurry`: these are for the work as well."""
        self._number, self._room, self._wait, self._hurry = number, room, wait, hurry
        self._jobs: SimpleQueue[_Job] = SimpleQueue()
        self._open = 0
        # Since when all threads are taken and none has finished, and whether somebody wanted one meanwhile.
        self._moved, self._wanted = 0.0, False
        for n in range(number):
            threading.Thread(target=self._work, name=f"{name}-{n}", daemon=True).start()

    async def run(self, do: Callable[[], Any], *, begun: bool = False) -> Any:
        """What `do` returns or raises. Raises `Busy`: then it was not begun, unless they are in a hurry.

        `begun`: it goes on with something that has begun, so it waits as long as it takes and is never `Busy`.
        """
        loop = asyncio.get_running_loop()
        if self._open >= self._number + self._room and not begun:
            self._wanted = True
            raise Busy
        self._open += 1
        if self._open == self._number:
            self._moved = loop.time()
        self._wanted = self._open > self._number
        job = _Job(do, loop.create_future())
        self._jobs.put(job)
        timer = None if begun else loop.call_later(self._wait, self._give_up, job)
        try:
            return await job.answer
        finally:
            if timer:
                timer.cancel()

    def stuck(self) -> float:
        """For how many seconds no thread has finished anything while requests wanted one."""
        return asyncio.get_running_loop().time() - self._moved if self._wanted else 0.0

    def _give_up(self, job: _Job) -> None:
        begun = not job.once.acquire(blocking=False)
        if not begun:
            job.do = None  # with the body that it holds
        if (self._hurry or not begun) and not job.answer.done():
            job.answer.set_exception(Busy())

    def _work(self) -> None:
        while True:
            job = self._jobs.get()
            answer, error = None, None
            if job.once.acquire(blocking=False) and job.do:
                try:
                    answer = job.do()
                except BaseException as caught:  # noqa: BLE001 - it is raised where the answer is awaited
                    error = caught
            try:
                job.answer.get_loop().call_soon_threadsafe(self._finish, job.answer, answer, error)
            except RuntimeError:  # the loop is closed: the process ends
                return

    def _finish(self, answer: "asyncio.Future[Any]", result: Any, error: BaseException | None) -> None:
        self._open -= 1
        self._moved, self._wanted = asyncio.get_running_loop().time(), self._open > self._number
        if answer.done():
            return
        if error is None:
            answer.set_result(result)
        else:
            answer.set_exception(error)
