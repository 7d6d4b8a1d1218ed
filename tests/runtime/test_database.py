"""A database that has stopped answering is down, and nobody waits for it for ever."""

import time

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from runtime import database
from runtime.keys import Vault
from runtime.settings import Settings


def test_an_impatient_connection_gives_up_and_the_next_one_works(settings: Settings) -> None:
    engine, _ = database.connect(settings, Vault.from_settings(settings), connections=1, patience=0.3)
    started = time.monotonic()
    with engine.connect() as connection, pytest.raises(OperationalError, match="not answered in time") as refused:
        connection.execute(text("SELECT pg_sleep(20)"))
    assert refused.value.connection_invalidated
    assert time.monotonic() - started < 5
    with engine.connect() as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1
    engine.dispose()
