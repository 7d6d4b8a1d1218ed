"""What becomes of an answer whose sending failed."""

from datetime import timedelta

import pytest

from channels.calls import Landed
from channels.line.client import Access
from channels.line.errors import LineError
from channels.line.tries import Fate, PreparedReply, outcome
from models.base import new_id
from runtime.clock import real
from runtime.timing import Timing

AWAY = LineError("away", permanent=False, kind="NewConnectionError")
RATE = LineError("rate", 429, permanent=False)
STALE_TOKEN = LineError("refused", 401, permanent=False)
TIMEOUT = LineError("unknown", permanent=False, outcome_unknown=True, kind="ReadTimeoutError")


def after(attempts: int, error: LineError, *, stopped: bool = False) -> Fate:
    """What the try of this number leaves that ended so."""
    claim = PreparedReply((new_id(), new_id()), False, attempts, real(), Access("1", "secret"), "t" * 32, b"[]")
    return outcome(Landed(claim, error=error, stopped=stopped), Timing())


@pytest.mark.parametrize("error", [AWAY, RATE, STALE_TOKEN], ids=lambda error: error.fault)
def test_a_try_that_line_certainly_did_not_take_does_not_count(error: LineError) -> None:
    """Only an answer without a counted try may go as a push when its token has grown old."""
    assert after(1, error) == Fate("open", 0, str(error), None, timedelta(seconds=1))


def test_a_try_of_unknown_outcome_counts() -> None:
    assert after(1, TIMEOUT) == Fate("open", 1, str(TIMEOUT), None, timedelta(seconds=1))


def test_the_wait_grows_with_the_tries_but_not_while_line_is_away() -> None:
    waits = [
        [after(tries, TIMEOUT, stopped=stopped).wait.seconds for tries in (1, 2, 3, 9)] for stopped in (False, True)
    ]
    assert waits == [[1, 2, 5, 5], [1, 1, 1, 1]]
