"""An outage is said once, however many meet it, and its end once."""

import pytest
from structlog.testing import capture_logs

from runtime import outage
from runtime.outage import Outage


def test_it_is_said_once_and_its_end_once() -> None:
    database = Outage()
    with capture_logs() as lines:
        database.over()
        for _ in range(50):
            database.met(OSError("gone"))
        for _ in range(3):
            database.over()
        database.met(OSError("gone again"))
    said = [(line["event"], line["times"]) for line in lines]
    assert said == [("database is away", 1), ("database is back", 50), ("database is away", 1)]


def test_while_it_lasts_it_is_said_again(monkeypatch: pytest.MonkeyPatch) -> None:
    database = Outage()
    monkeypatch.setattr(outage, "AGAIN", 0.0)
    with capture_logs() as lines:
        for _ in range(3):
            database.met(OSError("gone"))
    assert [line["times"] for line in lines] == [1, 2, 3]
