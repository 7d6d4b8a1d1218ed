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
SLICE_SECONDS = 0.05
"""How long a drain that waits for calls does not look for new work."""

log = structlog.get_logger(__name__)
_broken = Counter("aura_steps_broken", "Steps of a drain that raised past their row", ["drain"])


class Lasting(Protocol):
    """What a drain asks of a lane."""

    @property
    def in_flight(self) -> int: ...
    def leave(self) -> float | None: ...


class Carried(Protocol):
    """Calls that were begun, and what has landed of them."""

    @property
    def lane(self) -> Lasting: ...
    def record(self, wait: float = 0.0) -> int: ...


@dataclass(frozen=True)
class Work:
    """One kind of work: the clinics that have some, and a step that takes some of a clinic's, and says how much."""

    due: Callable[[], Sequence[UUID]]
    step: Callable[[UUID], int]


class TimeIsOver(Exception):
    """The drain has lasted long enough: its successor goes on."""


@dataclass
class Rounds:
    """One drain of `name`. `at_work` says which of some clinics can be read."""

    name: str
    waker: Waker
    timing: Timing
    at_work: Callable[[Sequence[UUID]], Sequence[UUID]]
    turns: dict[str, UUID]
    """Kind of work → the clinic whose turn was last, so that the next drain goes on behind it."""
    stopping: threading.Event
    """The process is asked to end: nothing more is claimed, and what is in flight is waited for."""
    bell: Bell | None = None
    """Of a drain that lingers."""
    began: float = field(default_factory=time.monotonic)
    done: int = 0
    more: bool = False
    """Whether another round may find something: a clinic's turn has ended before its work, or something has landed that
    held others up. Whatever comes meanwhile wakes by itself."""

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
            self.waker.wake_in(self.name, again)
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
        """Round after round while something is found or lands. Whether anything did."""
        began = quiet_since = time.monotonic()
        while True:
            before, self.more = self.done, False
            for number, work in enumerate(works):
                self._round(f"{self.name}-{number}", work, carried)
            self.more |= carried.record() > 0
            if self.more or self.done > before:
                quiet_since = time.monotonic()
            if self.more:
                continue
            if not self._landed(carried, quiet_since + self.timing.call_patience.total_seconds()):
                return quiet_since > began

    def _landed(self, carried: Carried, until: float) -> bool:
        """Waits for what is in flight. False when nothing is, or nothing lands in time."""
        while carried.lane.in_flight and (left := until - time.monotonic()) > 0:
            self._in_time()
            if carried.record(min(SLICE_SECONDS, left)) or self._may_have_come():
                return True
        return False

    def _may_have_come(self) -> bool:
        """Whether there may be new work: somebody rang, or nobody could be heard."""
        return self.bell is None or self.waker.reach.away or self.bell.rung(0)

    def _round(self, kind: str, work: Work, carried: Carried) -> None:
        """Each clinic's turn, first that of the one behind the last: in however short drains, each comes to it."""
        for clinic_id in _behind(self.turns.get(kind), self._with_work(work)):
            self.turns[kind] = clinic_id
            turn = 0
            while turn < TURN:
                taken = self._stepped(clinic_id, work.step)
                self.more |= carried.record() > 0
                if not taken:
                    break
                if self.done < BUSY_AFTER <= self.done + taken:
                    self.waker.wake(self.name)
                turn += taken
                self.done += taken
                self._in_time()
            else:
                self.more = True

    def _with_work(self, work: Work) -> Sequence[UUID]:
        """None while somebody holds the table: then it waits, and the other kinds of work do not."""
        try:
            return self.at_work(work.due())
        except DBAPIError as error:
            if not locked(error):
                raise
            later(self.name, self.waker, error)
            return []

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
