"""The limits fit each other, the durations around them, and what the documentation says of them."""

from datetime import timedelta
from itertools import pairwise

import pytest

from runtime import limits
from runtime.limits import Limits
from runtime.timing import Timing
from tests.check.tree import ROOT
from web.ops import READY_SECONDS
from webhooks.receive import ANSWER_SECONDS


def said(seconds: float) -> str:
    return f"{seconds:g} s" if seconds else "none"


def row(name: str, one: Limits) -> str:
    lock = f"{said(one.lock)}, then again" if one is limits.COMMAND else said(one.lock)
    cells = (name, said(one.statement), lock, said(one.idle), said(one.pool), str(one.connections), one.above)
    return f"| {' | '.join(cells)} |"


def test_the_documentation_has_this_table() -> None:
    heading = "| process | one statement | one lock | idle in a transaction | a connection | of these | above it |"
    table = "\n".join([heading, "|---|---|---|---|---|---|---|", *(row(*each) for each in limits.ALL.items())])
    assert table in (ROOT / "docs/architecture.md").read_text(encoding="utf-8"), f"it should read\n{table}"


@pytest.mark.parametrize("one", [one for one in limits.ALL.values() if one.statement], ids=lambda one: one.process)
def test_the_server_ends_first_what_can_be_ended(one: Limits) -> None:
    order = (one.lock, one.statement, one.patience)
    assert all(earlier < later for earlier, later in pairwise(order))
    assert one.idle >= one.statement


def test_all_of_it_ends_before_what_stands_above_it() -> None:
    timing = Timing()
    assert limits.WEBHOOK.patience < ANSWER_SECONDS <= 1.0
    assert limits.HEALTH.lock < READY_SECONDS <= 1.0
    assert timedelta(seconds=limits.QUICK.patience) + timing.drain < timing.job
    assert timedelta(seconds=limits.SLOW.patience) + timing.calendar < timing.daily_job
