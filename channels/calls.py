"""Calls that wait for a network: each in a thread of its channel's small pool, and what came of it for the drain.

The database stays in the drain's thread: it claims, commits, begins calls, and records what has landed. A call that
hangs keeps a thread and nobody else; where the pool is full, or the provider away, nothing of its channel is claimed.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, Generic, TypeVar
from uuid import UUID

from channels.base import ChannelError
from channels.breaker import Breaker
from runtime.timing import Timing

IN_FLIGHT = 64
"""Of one channel in one process."""
IN_FLIGHT_OF_A_CLINIC = 32
"""Behind a provider that answers in 50 ms it is 640 calls a second; one clinic's never take the whole pool."""

NOT_TRIED = ChannelError("not tried", permanent=False)
"""What a claim ends with for which there was no room any more when its turn came."""

Claim = TypeVar("Claim")


@dataclass(frozen=True)
class Landed(Generic[Claim]):
    """A call that has ended: with the provider's answer, or with what it raised."""

    claim: Claim
    answer: Any = None
    error: Exception | None = None
    stopped: bool = False
    """The breaker is open: who called was not alone, and waits for the breaker and for nothing besides."""


class Lane(Generic[Claim]):
    """What one kind of work has begun in this process, and what has landed of it.

    For one thread at a time, the drain's; only `land` is for others.
    """

    def __init__(self, late: Callable[[], object]) -> None:
        """`late` is called when something lands for which no drain waits any more."""
        self._late, self._landed, self._left = late, SimpleQueue[Landed[Claim]](), False
        self._again: float | None = None
        self.in_flight = 0

    def land(self, landed: Landed[Claim]) -> None:
        self._landed.put(landed)
        if self._left:
            self._late()

    def landed(self, wait: float = 0.0) -> list[Landed[Claim]]:
        """All that has landed; the first is waited for this many seconds, where something is in flight."""
        self._left, found = False, list[Landed[Claim]]()
        while self.in_flight:
            try:
                found.append(self._landed.get(timeout=0 if found else wait))
            except Empty:
                break
            self.in_flight -= 1
        return found

    def leave(self) -> float | None:
        """The drain ends; seconds until another look is worth while, None when nothing asks for one.

        0 when something has landed meanwhile.
        """
        self._left = True
        again, self._again = self._again, None
        if not self._landed.empty():
            return 0.0
        return None if again is None else max(again - time.monotonic(), 0.0)

    def again_in(self, seconds: float) -> None:
        """Something is due, or let through, this much later."""
        at = time.monotonic() + seconds
        self._again = at if self._again is None else min(self._again, at)


class ChannelCalls:
    """The calls of one channel in this process. One breaker for all kinds of them, and one a clinic."""

    def __init__(self, name: str, timing: Timing) -> None:
        self.name, self._timing, self._breaker = name, timing, Breaker(timing.breaker_rest, timing.breaker_rest)
        self._of_clinics: dict[UUID, Breaker] = {}
        """Only of those whose own calls are refused."""
        self._in_flight: Counter[UUID] = Counter()
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(IN_FLIGHT, thread_name_prefix=f"calls-{name}")

    def _breakers(self, clinic_id: UUID) -> list[Breaker]:
        own = self._of_clinics.get(clinic_id)
        return [self._breaker] if own is None else [self._breaker, own]

    def closed(self, clinic_id: UUID) -> bool:
        """Whether, as far as is known, the provider is there and takes what this clinic sends."""
        return all(breaker.closed for breaker in self._breakers(clinic_id))

    def room(self, clinic_id: UUID) -> int:
        """How many calls of this clinic may be begun now."""
        free = min(IN_FLIGHT - self._in_flight.total(), IN_FLIGHT_OF_A_CLINIC - self._in_flight[clinic_id])
        return min(free, *(breaker.room for breaker in self._breakers(clinic_id)))

    def wait(self, clinic_id: UUID) -> float:
        """Seconds until a breaker lets something of this clinic through."""
        return max(breaker.wait for breaker in self._breakers(clinic_id))

    def begin(self, clinic_id: UUID, lane: Lane[Claim], claim: Claim, call: Callable[[], Any]) -> bool:
        """False when there is no room. What becomes of it lands in the lane."""
        with self._lock:
            if self.room(clinic_id) < 1:
                return False
            self._in_flight[clinic_id] += 1
            for breaker in self._breakers(clinic_id):
                breaker.begun()
        lane.in_flight += 1
        self._pool.submit(self._carry, clinic_id, lane, claim, call)
        return True

    def _carry(self, clinic_id: UUID, lane: Lane[Claim], claim: Claim, call: Callable[[], Any]) -> None:
        began, answer, error = time.monotonic(), None, None
        try:
            answer = call()
        except Exception as raised:  # noqa: BLE001 - whatever it is, the drain keeps it with its row
            error = raised
        with self._lock:
            self._in_flight[clinic_id] -= 1
            self._learn(clinic_id, began, error)
            stopped = error is not None and not self.closed(clinic_id)
        lane.land(Landed(claim, answer, error, stopped))

    def _learn(self, clinic_id: UUID, began: float, error: Exception | None) -> None:
        if error is not None and not isinstance(error, ChannelError):
            return  # a fault of ours says nothing of the provider
        if error is not None and error.scope == "channel":
            self._breaker.failed(began, certain=not error.outcome_unknown)
            return
        if error is None or error.request_id:
            self._breaker.passed()  # also when it refused: it is there
        if error is None:
            self._of_clinics.pop(clinic_id, None)
        elif error.scope == "clinic":
            own = self._of_clinics.setdefault(clinic_id, Breaker(self._timing.breaker_rest, self._timing.tick))
            own.failed(began, certain=True)


class Calls:
    """Those of this process, by channel: whoever speaks over one shares its pool and its breakers."""

    def __init__(self, timing: Timing) -> None:
        self._timing, self._channels = timing, dict[str, ChannelCalls]()

    def of(self, channel: str) -> ChannelCalls:
        if channel not in self._channels:
            self._channels[channel] = ChannelCalls(channel, self._timing)
        return self._channels[channel]
