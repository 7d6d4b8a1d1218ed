"""The durations fit each other, as they are and divided."""

from dataclasses import fields
from datetime import timedelta

import pytest

from runtime.timing import KEPT, Timing, after_failure


@pytest.mark.parametrize("timing", [Timing(), Timing().scaled(10)], ids=["as it is", "divided"])
def test_what_must_be_longer_is_longer(timing: Timing) -> None:
    call = timing.call_connect + timing.call_read
    assert call < min(timing.reply_lease, timing.send_lease, timing.menu_lease, timing.profile_lease)
    assert timing.reply_lease < timing.tick
    assert timing.tick_without_redis < timing.tick
    assert sum(timing.event_retries, timing.tick) < timing.token_life
    assert timing.drain + call < timing.job
    assert timing.calendar < timing.daily_job
    assert timing.key_life < timedelta(hours=24)


def test_all_but_what_is_not_ours_to_decide_is_divided() -> None:
    whole, tenth = Timing(), Timing().scaled(10)
    same = {field.name for field in fields(whole) if getattr(whole, field.name) == getattr(tenth, field.name)}
    assert same == KEPT
    assert tenth.tick == timedelta(seconds=1.5)
    assert tenth.event_retries == (timedelta(seconds=0.2), timedelta(seconds=1))
    assert whole.scaled(1) == whole
    with pytest.raises(ValueError, match="at least 1"):
        whole.scaled(0)


def test_the_last_wait_repeats() -> None:
    backoff = Timing().send_backoff
    assert [after_failure(backoff, attempts).total_seconds() for attempts in (0, 1, 2, 5, 9)] == [1, 1, 5, 300, 900]
