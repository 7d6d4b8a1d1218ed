"""A command that meets a busy or absent database says what to do, and a script can tell it from a mistake."""

from typing import Any

import click
import psycopg
import pytest
from click.testing import CliRunner
from sqlalchemy.exc import OperationalError, ProgrammingError

from runtime.commands import telling


def run(error: Exception) -> Any:
    @click.group()
    def group() -> None: ...

    @group.command("one")
    def one() -> None:
        raise error

    return CliRunner().invoke(telling(group), ["one"])


@pytest.mark.parametrize(
    ("error", "says"),
    [(psycopg.errors.LockNotAvailable(), "somebody else holds"), (psycopg.OperationalError("gone"), "is away")],
)
def test_what_passes_is_said(error: Exception, says: str) -> None:
    result = run(OperationalError("SELECT", None, error))
    assert result.exit_code == 75
    assert says in result.output
    assert "run it again" in result.output


def test_a_mistake_stays_one() -> None:
    result = run(ProgrammingError("SELECT", None, psycopg.errors.UndefinedTable()))
    assert isinstance(result.exception, ProgrammingError)
