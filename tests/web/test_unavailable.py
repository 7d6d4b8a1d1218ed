"""A database that is away is told by kind and place, in the log of whoever met it."""

from collections.abc import Callable

import pytest
from flask import Flask

from runtime.outage import DATABASE
from runtime.settings import Settings


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [("/api/loyalty/profile", 503, "database is away"), ("/metrics", 200, "database is away")],
)
def test_the_log_says_where(
    settings: Settings, make_app: Callable[[Settings], Flask], capsys: pytest.CaptureFixture[str],
    path: str, status: int, said: str,
) -> None:  # fmt: skip
    DATABASE.over()
    away = settings.model_copy(update={"database_url": "postgresql+psycopg://typed@127.0.0.1:1/none"})
    key = {"Authorization": "Bearer aura_aura_" + "x" * 43}
    query = {"customerId": "ext:till:typed"}
    assert make_app(away).test_client().get(path, headers=key, query_string=query).status_code == status
    (line,) = [one for one in capsys.readouterr().err.splitlines() if said in one]
    assert "OperationalError" in line
    assert "where=" in line or '"where"' in line
    assert "trace" in line
    assert "typed" not in line
