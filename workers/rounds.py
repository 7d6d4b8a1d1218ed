"""A drain: round and round the clinics, a batch each, so that a flood in one waits behind nobody and nobody behind it.

It claims what is due, and its calls wait in the pools of their channels; what has landed is recorded between the turns.
When nothing is left to be claimed it waits a moment for what is in flight, and leaves what hangs to the next one.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

import structlog
from prometheus_client import Counter
from sqlalchemy import SelectBase
from sqlalchemy.exc import DBAPIError

from runtime.bell import Bell
from runtime.database import locked, lost
from runtime.timing import Timing
from runtime.wake import Waker
from workers.enduring import later

TURN = 16
"""How much of one clinic is taken before the next one's turn: one full batch, or as many steps of one each."""
BUSY_AFTER = 50
"""A drain that has found this much wakes another worker, where there is one."""
SLICE_SECONDS = 0.02
"""How long a drain that waits for calls does not look for new work."""

log = structlog.get_logger(__name__)
_broken = Counter("aura_steps_broken", "Steps of a drain that raised past their row", ["drain"])


class Lasting(Protocol):
    """What a drain asks of a lane."""

    @property
    def in_flight(self) -> int: ...
    def asks(self) -> bool: ...
    def leave(self) -> float | None: ...


class Carried(Protocol):
    """Calls that were begun, and what has landed of them. Its lane asks for a look at what that had held up."""

    @property
    def lane(self) -> Lasting: ...
    def record(self, wait: float = 0.0) -> int: ...


class _Empty:
    in_flight = 0

    def asks(self) -> bool:
        return False

    def leave(self) -> float | None:
        return None


class Nothing:
    """What a drain carries that calls nobody."""

    lane = _Empty()

    def record(self, wait: float = 0.0) -> int:  # noqa: ARG002 - nothing lands
        return 0


@dataclass(frozen=True)
class Work:
    """One kind of work: the clinics that have some, and a step that takes some of a clinic's, and says how much."""

    open: SelectBase
    step: Callable[[UUID], int]
    batch: int = 1
    """What one step takes; one that takes less has found the end, unless its lane asks for another look."""
    feeds: bool = False
    """Whether what it does is work of another kind, to be looked for afterwards."""


class TimeIsOver(Exception):
    """The drain has lasted long enough: its successor goes on."""


@dataclass
class Rounds:
    """One drain of `name`. `with_work` says of each kind of work which clinics have some, of those that can be read."""

    name: str
    waker: Waker
    timing: Timing
    with_work: Callable[[Sequence[SelectBase]], Sequence[Sequence[UUID]]]
    turns: dict[str, UUID]
    """Kind of work → the clinic whose turn was last, so that the next drain goes on behind it."""
    again_in: Callable[[float], object]
    """Told after how many seconds this process is to drain once more: what hangs in it no other can record."""
    stopping: threading.Event
    """The process is asked to end: nothing more is claimed, and what is in flight is waited for."""
    bell: Bell | None = None
    """Of a drain that lingers."""
    began: float = field(default_factory=time.monotonic)
    done: int = 0
    more: bool = False
    """Whether another round may find something: a clinic's turn has ended before its work. What held others up asks by
    its lane, and whatever comes meanwhile wakes by itself."""
    busy_at: float = 0.0
    """When something was last found, or landed."""

    def run(self, *works: Work, carried: Carried) -> int:
        """Go round until nothing is found and nothing lands, or time is over. How much was done."""
        again: float | None = None
        try:
            again = self._until_quiet(works, carried)
        except Exception as error:
            carried.lane.leave()  # what lands from now on wakes the next drain
            if not isinstance(error, TimeIsOver):
                raise
            self.waker.wake(self.name, force=True)
            if self.stopping.is_set():
                self._land(carried)
        if again:
            self.again_in(again)
        return self.done

    def _until_quiet(self, works: Sequence[Work], carried: Carried) -> float | None:
        """Seconds until another look is worth while, if one is."""
        if self.bell is not None:
            self.bell.answer()
        until, last = time.monotonic() + self.timing.linger.total_seconds(), False
        while True:
            if self._run(works, carried):
                until, last = time.monotonic() + self.timing.linger.total_seconds(), False
            again = carried.lane.leave()
            if again == 0.0:
                continue
            if self.bell is None or last or self.waker.reach.away:
                return again
            self._in_time()
            wait = until - time.monotonic()
            if wait <= 0 or (not self.bell.rung(min(wait, again or wait)) and time.monotonic() >= until):
                # From here on a wake-up is a job again; what rang before this is found by the last round.
                self.bell.answer()
                last = True

    def _run(self, works: Sequence[Work], carried: Carried) -> bool:
        """Round after round while something may be found. Whether anything was, or landed."""
        began = self.busy_at = time.monotonic()
        while True:
            self.more = False
            for number, clinics in enumerate(self._with_work(works)):
                self._round(f"{self.name}-{number}", works[number], clinics, carried)
            self._record(carried)
            if not (self.more or carried.lane.asks() or self._asked(carried)):
                return self.busy_at > began

    def _asked(self, carried: Carried) -> bool:
        """Waits for what is in flight, until there may be something to do. False when nothing is in flight any more, or
        nothing lands in time."""
        patience = self.timing.call_patience.total_seconds()
        while carried.lane.in_flight and (left := self.busy_at + patience - time.monotonic()) > 0:
            self._in_time()
            self._record(carried, min(SLICE_SECONDS, left))
            if carried.lane.asks() or (carried.lane.in_flight and self._may_have_come()):
                return True
        return False

    def _record(self, carried: Carried, wait: float = 0.0) -> None:
        if carried.record(wait):
            self.busy_at = time.monotonic()

    def _may_have_come(self) -> bool:
        """Whether there may be new work: somebody rang, or nobody could be heard."""
        return self.bell is None or self.waker.reach.away or self.bell.rung(0)

    def _round(self, kind: str, work: Work, clinics: Sequence[UUID], carried: Carried) -> None:
        """Each clinic's turn, first that of the one behind the last: in however short drains, each comes to it."""
        for clinic_id in _behind(self.turns.get(kind), clinics):
            self.turns[kind] = clinic_id
            turn = 0
            while turn < TURN:
                taken = self._stepped(clinic_id, work.step)
                self._record(carried)
                if taken:
                    self._has_done(taken)
                    self.more |= work.feeds
                turn += taken
                if taken < work.batch:
                    break
            else:
                self.more = True

    def _has_done(self, taken: int) -> None:
        if self.done < BUSY_AFTER <= self.done + taken:
            self.waker.wake(self.name)
        self.done += taken
        self.busy_at = time.monotonic()
        self._in_time()

    def _with_work(self, works: Sequence[Work]) -> Sequence[Sequence[UUID]]:
        """Of a kind whose table somebody holds there is none: it waits, and the other kinds of work do not."""
        try:
            return self.with_work([work.open for work in works])
        except DBAPIError as error:
            if not locked(error):
                raise
            if len(works) > 1:
                return [clinics for work in works for clinics in self._with_work([work])]
            later(self.name, self.waker, error)
            return [[]]

    def _in_time(self) -> None:
        if self.stopping.is_set() or time.monotonic() - self.began > self.timing.drain.total_seconds():
            raise TimeIsOver

    def _land(self, carried: Carried) -> None:
        """What does not land in time is repeated by whoever finds its lease run out."""
        until = time.monotonic() + self.timing.call_patience.total_seconds()
        while carried.lane.in_flight and time.monotonic() < until:
            carried.record(SLICE_SECONDS)

    def _stepped(self, clinic_id: UUID, step: Callable[[UUID], int]) -> int:
        """A step keeps with its row whatever goes wrong; what comes out of it all the same stops no other clinic."""
        try:
            return step(clinic_id)
        except Exception as error:
            if lost(error):
                raise
            log.error("step broke", drain=self.name, clinic=str(clinic_id), exc_info=error)
            _broken.labels(self.name).inc()
            return 0


def _behind(last: UUID | None, clinics: Sequence[UUID]) -> list[UUID]:
    ordered = sorted(clinics)
    return [one for one in ordered if last is None or one > last] + [one for one in ordered if last and one <= last]
