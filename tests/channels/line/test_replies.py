"""What becomes of an answer whose sending failed."""

import pytest

from channels.line.client import LineError
from channels.line.replies import outcome

AWAY = LineError("away", "nobody listens", permanent=False)
RATE = LineError("rate", "429 The API rate limit has been exceeded", permanent=False)
STALE_TOKEN = LineError("refused", "401 Authentication failed", permanent=False)
TIMEOUT = LineError("unknown", "ReadTimeoutError", permanent=False, outcome_unknown=True)


@pytest.mark.parametrize("error", [AWAY, RATE, STALE_TOKEN], ids=lambda error: error.fault)
def test_a_try_that_line_certainly_did_not_take_does_not_count(error: LineError) -> None:
    """Only an answer without a counted try may go as a push when its token has grown old."""
    assert outcome(1, error) == {"error": str(error), "attempts": 0}


def test_a_try_of_unknown_outcome_counts() -> None:
    assert "attempts" not in outcome(1, TIMEOUT)
