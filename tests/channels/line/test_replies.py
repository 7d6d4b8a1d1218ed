"""What becomes of an answer whose sending failed."""

from datetime import timedelta

import pytest

from channels.line.errors import LineError
from channels.line.replies import Fate, outcome
from runtime.timing import Timing

AWAY = LineError("away", permanent=False, kind="NewConnectionError")
RATE = LineError("rate", 429, permanent=False)
STALE_TOKEN = LineError("refused", 401, permanent=False)
TIMEOUT = LineError("unknown", permanent=False, outcome_unknown=True, kind="ReadTimeoutError")


@pytest.mark.parametrize("error", [AWAY, RATE, STALE_TOKEN], ids=lambda error: error.fault)
def test_a_try_that_line_certainly_did_not_take_does_not_count(error: LineError) -> None:
    """Only an answer without a counted try may go as a push when its token has grown old."""
    assert outcome(1, None, error, Timing()) == Fate("open", 0, str(error), None, timedelta(seconds=1))


def test_a_try_of_unknown_outcome_counts() -> None:
    assert outcome(1, None, TIMEOUT, Timing()) == Fate("open", 1, str(TIMEOUT), None, timedelta(seconds=1))
