"""Calls in flight: what hangs delays nobody, and what is away is asked by one call at a time."""

import threading
import time
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest

from channels.base import ChannelError
from channels.breaker import TOLERATED, Breaker
from channels.calls import IN_FLIGHT_OF_A_CLINIC, OVERTAKEN, ChannelCalls, Lane
from runtime.timing import Timing
from tests.fixtures.waiting import eventually

AURA, GLOW = UUID(int=1), UUID(int=2)
HOUR, AT_ONCE = timedelta(hours=1), timedelta(0)
AWAY = ChannelError("nobody listens", permanent=False, scope="channel")
SILENT = ChannelError("no answer in time", permanent=False, outcome_unknown=True, scope="channel")
BAD_TOKEN = ChannelError("401", permanent=False, scope="clinic", request_id="1")
REFUSED = ChannelError("400", permanent=True, request_id="2")


def fails(error: Exception) -> None:
    raise error


class Office:
    """The calls of one channel, and one lane; what lands is read as text."""

    def __init__(self, rest: timedelta = HOUR, patience: timedelta = HOUR) -> None:
        timing = Timing(breaker_rest=rest, tick=rest, call_patience=patience)
        self.calls, self.late = ChannelCalls("test", timing), threading.Event()
        self.lane = Lane[str](self.late.set)
        self.door = threading.Event()

    def begin(self, name: str, clinic: UUID = AURA, error: Exception | None = None, **how: bool) -> bool:
        call = (
            partial(self.door.wait, 60) if how.pop("hangs", False) else partial(fails, error) if error else lambda: name
        )
        return self.calls.begin(clinic, self.lane, name, call, **how)

    def made(self, name: str, clinic: UUID = AURA, error: Exception | None = None) -> bool:
        """A call from its beginning to its end; whether it had to wait for more than itself."""
        assert self.begin(name, clinic, error)
        (landed,) = self.lane.landed(60)
        return landed.stopped


@pytest.fixture
def office() -> Office:
    return Office()


def test_one_that_hangs_delays_nobody(office: Office) -> None:
    assert office.begin("hangs", hangs=True)
    for number in range(3):
        assert office.begin(f"call {number}")
        assert [one.answer for one in office.lane.landed(60)] == [f"call {number}"]
    assert office.lane.landed() == []
    office.door.set()
    assert [one.claim for one in office.lane.landed(60)] == ["hangs"]


def test_what_hangs_of_one_clinic_leaves_room_for_another(office: Office) -> None:
    for number in range(IN_FLIGHT_OF_A_CLINIC):
        assert office.begin(f"hangs {number}", hangs=True)
    assert not office.begin("one more")
    assert (office.calls.room(AURA), office.calls.room(GLOW)) == (0, IN_FLIGHT_OF_A_CLINIC)
    assert office.begin("theirs", GLOW)
    assert [one.claim for one in office.lane.landed(60)] == ["theirs"]
    office.door.set()
    eventually(lambda: office.calls.room(AURA) == IN_FLIGHT_OF_A_CLINIC)


def test_what_hangs_while_younger_ones_pass_is_taken_for_lost() -> None:
    """So it is tried again at once, and not when its time is out; whatever comes of it later is not heard."""
    office = Office(patience=timedelta(milliseconds=20))
    assert office.begin("hangs", hangs=True)
    assert office.begin("younger")
    assert [one.claim for one in office.lane.landed(60)] == ["younger"]
    lost = eventually(office.lane.landed)
    assert [(one.claim, one.error, one.pause((HOUR,), 3)) for one in lost] == [("hangs", OVERTAKEN, AT_ONCE)]
    office.door.set()
    assert office.begin("third")
    assert [one.claim for one in office.lane.landed(60)] == ["third"]


def test_several_that_hang_are_as_good_as_failed() -> None:
    """Whoever comes after them is not tried, and may still go another way."""
    office = Office(patience=timedelta(milliseconds=20))
    for number in range(TOLERATED + 1):
        assert office.begin(f"hangs {number}", hangs=True)
    eventually(lambda: office.calls.room(AURA) == 0)
    assert not office.calls.closed(GLOW)
    office.door.set()
    eventually(lambda: office.calls.closed(AURA))


def test_what_may_be_said_once_only_is_waited_for() -> None:
    office = Office(patience=AT_ONCE)
    assert office.begin("hangs", hangs=True, again=False)
    assert office.begin("younger")
    assert [one.claim for one in office.lane.landed(60)] == ["younger"]
    assert office.lane.landed() == []
    office.door.set()
    assert [(one.claim, one.error) for one in office.lane.landed(60)] == [("hangs", None)]


def test_what_lands_after_its_drain_wakes_the_next(office: Office) -> None:
    office.begin("hangs", hangs=True)
    assert 3_590 < (office.lane.leave() or 0) < 3_601  # in case it is overtaken by then
    assert not office.late.is_set()
    office.door.set()
    assert office.late.wait(60)
    assert [one.claim for one in office.lane.landed()] == ["hangs"]


def test_what_landed_while_its_drain_ended_is_not_forgotten(office: Office) -> None:
    office.begin("quick")
    eventually(lambda: office.lane.leave() == 0.0)


def test_a_lane_says_when_to_look_again(office: Office) -> None:
    assert office.lane.leave() is None
    office.lane.again_in(60)
    office.lane.again_in(5)
    assert 4 < (office.lane.leave() or 0) < 5.1
    office.lane.again_in(0)
    eventually(lambda: office.lane.leave() == 0.0)
    assert 4 < (office.lane.leave() or 0) < 5.1, "what comes later is not forgotten for what came first"


def test_nothing_goes_out_while_nobody_is_there(office: Office) -> None:
    assert office.made("first", error=AWAY)
    assert (office.calls.closed(GLOW), office.calls.room(GLOW)) == (False, 0)
    assert not office.begin("second", GLOW)
    assert 3_590 < office.calls.wait(GLOW) <= 3_600


def test_after_a_rest_one_call_probes_and_what_passes_lets_all_through() -> None:
    office = Office(AT_ONCE)
    assert office.made("first", error=AWAY)
    assert office.calls.room(AURA) == 1
    assert office.made("probe", error=SILENT)
    assert office.calls.room(AURA) == 1
    assert not office.made("second probe")
    assert office.calls.room(AURA) == IN_FLIGHT_OF_A_CLINIC


def test_a_probe_that_hangs_is_followed_by_another() -> None:
    office = Office(timedelta(milliseconds=50))
    assert office.made("first", error=AWAY)
    eventually(lambda: office.begin("hangs", hangs=True))
    assert office.calls.room(AURA) == 0
    eventually(lambda: office.begin("passes"))
    assert [one.claim for one in office.lane.landed(60)] == ["passes"]
    assert office.calls.closed(AURA)
    office.door.set()


def test_a_body_that_breaks_the_provider_stops_nobody_else(office: Office) -> None:
    """It fails for ever; between its tries the others pass."""
    for _ in range(5):
        assert not any(office.made("poison", error=SILENT) for _ in range(TOLERATED))
        office.made("sound")
    assert office.calls.closed(AURA)
    assert [office.made("away", error=SILENT) for _ in range(TOLERATED + 1)] == [False] * TOLERATED + [True]


def test_a_refusal_says_that_somebody_is_there() -> None:
    office = Office(AT_ONCE)
    office.made("first", error=AWAY)
    assert not office.made("probe", error=REFUSED)
    assert office.calls.closed(AURA)


def test_a_fault_of_one_clinic_stops_that_clinic_only(office: Office) -> None:
    assert office.made("first", error=BAD_TOKEN)
    assert (office.calls.room(AURA), office.calls.room(GLOW)) == (0, IN_FLIGHT_OF_A_CLINIC)
    assert not office.made("theirs", GLOW)
    assert not office.calls.closed(AURA)


def test_a_fault_of_ours_says_nothing_of_the_provider(office: Office) -> None:
    for _ in range(TOLERATED + 1):
        assert not office.made("broken", error=TypeError("a bug"))
    assert office.calls.closed(AURA)


def test_a_call_that_hung_through_an_outage_does_not_begin_another() -> None:
    breaker, began = Breaker(HOUR, HOUR), time.monotonic()
    breaker.passed()
    for _ in range(TOLERATED + 1):
        breaker.failed(began, certain=False)
    assert breaker.closed


def test_the_rest_grows_to_its_limit_and_begins_anew() -> None:
    breaker = Breaker(timedelta(minutes=1), timedelta(minutes=3))
    waits = []
    for _ in range(2):
        breaker.failed(time.monotonic(), certain=True)
        for _ in range(4):
            waits.append(round(breaker.wait / 60))
            breaker.begun()
        breaker.passed()
    assert waits == [1, 1, 2, 3] * 2
