"""Calls that wait for a network: each in a thread of its channel's small pool, and what came of it for the drain.

The database stays in the drain's thread: it claims, commits, begins calls, and records what has landed. A call that
hangs keeps a thread and nobody else; where the pool is full, or the provider away, nothing of its channel is claimed.
"""

import math
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from itertools import count, islice
from queue import Empty, SimpleQueue
from typing import Any, Generic, TypeVar
from uuid import UUID

from channels.base import ChannelError
from channels.breaker import TOLERATED, Breaker
from runtime.timing import Timing, after_failure

GRAIN_SECONDS = 0.02
"""What is due within this time of each other is looked at together."""
IN_FLIGHT = 64
"""Of one channel in one process."""
IN_FLIGHT_OF_A_CLINIC = 32
"""Behind a provider that answers in 50 ms it is 640 calls a second; one clinic's never take the whole pool."""

NOT_TRIED = ChannelError("not tried", permanent=False)
"""What a claim ends with for which there was no room any more when its turn came."""
OVERTAKEN = ChannelError("overtaken", permanent=False, outcome_unknown=True)
"""What a call ends with that hangs while younger ones pass."""

Claim = TypeVar("Claim")


@dataclass(frozen=True)
class Landed(Generic[Claim]):
    """A call that has ended: with the provider's answer, or with what it raised."""

    claim: Claim
    answer: Any = None
    error: Exception | None = None
    stopped: bool = False
    """The breaker is open: who called was not alone, and waits for the breaker and for nothing besides."""

    def pause(self, backoff: tuple[timedelta, ...], attempts: int) -> timedelta:
        """How long the row waits for its next try."""
        if self.error is OVERTAKEN:
            return timedelta(0)
        return after_failure(backoff, 1 if self.stopped else attempts)


@dataclass(frozen=True)
class _Flight(Generic[Claim]):
    claim: Claim
    began: float
    calls: "ChannelCalls"
    again: bool


class Lane(Generic[Claim]):
    """What one kind of work has begun in this process, and what has landed of it.

    For one thread at a time, the drain's; only `land` is for others.
    """

    def __init__(self, late: Callable[[], object]) -> None:
        """`late` is called when something lands for which no drain waits any more."""
        self._late, self._left = late, False
        self._queue = SimpleQueue[tuple[int, Landed[Claim]]]()
        self._flights = dict[int, _Flight[Claim]]()
        self._numbers = count()
        self._again = set[int]()

    @property
    def in_flight(self) -> int:
        return len(self._flights)

    def fly(self, claim: Claim, calls: "ChannelCalls", *, again: bool) -> int:
        """A call begins; its number."""
        number = next(self._numbers)
        self._flights[number] = _Flight(claim, time.monotonic(), calls, again)
        return number

    def land(self, number: int, landed: Landed[Claim]) -> None:
        self._queue.put((number, landed))
        if self._left:
            self._late()

    def landed(self, wait: float = 0.0) -> list[Landed[Claim]]:
        """All that has landed; the first is waited for this many seconds, where something is in flight."""
        self._left, found = False, self._arrived() or self._overtaken()
        if not found and self._flights and wait:
            try:
                self._queue.put(self._queue.get(timeout=wait))
            except Empty:
                return []
            found = self._arrived()
        return found

    def _arrived(self) -> list[Landed[Claim]]:
        found = []
        while not self._queue.empty():
            number, landed = self._queue.get_nowait()
            if self._flights.pop(number, None) is not None:
                found.append(landed)
        return found

    def _overtaken(self) -> list[Landed[Claim]]:
        """Those that hang while one that began later has passed: they are taken for lost, and whatever still comes of
        them is not waited for. Only of what may be said again."""
        lost = [number for number, one in self._flights.items() if one.again and one.calls.overtook(one.began)]
        return [Landed(self._flights.pop(number).claim, error=OVERTAKEN) for number in lost]

    def leave(self) -> float | None:
        """The drain ends; seconds until another look is worth while, None when nothing asks for one.

        0 when something has landed meanwhile, or has become due.
        """
        self._left = True
        if self._flights:
            self.again_in(next(iter(self._flights.values())).calls.patience)
        if self.asks() or not self._queue.empty():
            return 0.0
        return min(self._again) * GRAIN_SECONDS - time.monotonic() if self._again else None

    def again_in(self, wait: timedelta | float) -> None:
        """Something is due, or let through, this much later; 0 is now. Each is looked at when its time has come."""
        seconds = wait.total_seconds() if isinstance(wait, timedelta) else wait
        self._again.add(math.ceil((time.monotonic() + seconds) / GRAIN_SECONDS) if seconds else 0)

    def asks(self) -> bool:
        """Whether the time has come for something that was to be looked at again."""
        now = time.monotonic()
        past = {at for at in self._again if at * GRAIN_SECONDS <= now}
        self._again -= past
        return bool(past)


class ChannelCalls:
    """The calls of one channel in this process. One breaker for all kinds of them, and one a clinic."""

    def __init__(self, name: str, timing: Timing) -> None:
        self.name, self._timing, self._breaker = name, timing, Breaker(timing.breaker_rest, timing.breaker_rest)
        self._of_clinics: dict[UUID, Breaker] = {}
        """Only of those whose own calls are refused."""
        self._in_flight: Counter[UUID] = Counter()
        self._flights, self._flying = count(), dict[int, float]()
        """When each call began that is on its way, the oldest first."""
        self._passed = 0.0
        """When the youngest call began that has passed."""
        self.patience = timing.call_patience.total_seconds()
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
        self._suspect()
        free = min(IN_FLIGHT - self._in_flight.total(), IN_FLIGHT_OF_A_CLINIC - self._in_flight[clinic_id])
        return min(free, *(breaker.room for breaker in self._breakers(clinic_id)))

    def wait(self, clinic_id: UUID) -> float:
        """Seconds until a breaker lets something of this clinic through."""
        return max(breaker.wait for breaker in self._breakers(clinic_id))

    def begin(
        self, clinic_id: UUID, lane: Lane[Claim], claim: Claim, call: Callable[[], Any], *, again: bool = True
    ) -> bool:
        """False when there is no room. What becomes of it lands in the lane. `again`: said twice, it is done once."""
        with self._lock:
            if self.room(clinic_id) < 1:
                return False
            self._in_flight[clinic_id] += 1
            for breaker in self._breakers(clinic_id):
                breaker.begun()
            flight = next(self._flights)
            self._flying[flight] = time.monotonic()
        number = lane.fly(claim, self, again=again)
        self._pool.submit(self._carry, clinic_id, lane, number, flight, claim, call)
        return True

    def _suspect(self) -> None:
        """Several hang and none passes: it is as good as failed, long before their time is out. What is not begun now
        has not been tried, and may still go another way."""
        several = next(islice(list(self._flying.values()), TOLERATED, None), None)
        if several is not None and several > self._passed and time.monotonic() - several > self.patience:
            self._breaker.failed(several, certain=True)

    def overtook(self, began: float) -> bool:
        """Whether a call that began then, and has had its time, should have ended before one that has passed."""
        return began < self._passed and time.monotonic() - began > self.patience

    def _carry(
        self, clinic_id: UUID, lane: Lane[Claim], number: int, flight: int, claim: Claim, call: Callable[[], Any]
    ) -> None:
        began, answer, error = time.monotonic(), None, None
        try:
            answer = call()
        except Exception as raised:  # noqa: BLE001 - whatever it is, the drain keeps it with its row
            error = raised
        with self._lock:
            del self._flying[flight]
            self._in_flight[clinic_id] -= 1
            self._learn(clinic_id, began, error)
            stopped = error is not None and not self.closed(clinic_id)
        lane.land(number, Landed(claim, answer, error, stopped))

    def _learn(self, clinic_id: UUID, began: float, error: Exception | None) -> None:
        if error is not None and not isinstance(error, ChannelError):
            return  # a fault of ours says nothing of the provider
        if error is not None and error.scope == "channel":
            self._breaker.failed(began, certain=not error.outcome_unknown)
            return
        if error is None or error.request_id:
            self._breaker.passed()  # also when it refused: it is there
            self._passed = max(self._passed, began)
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
