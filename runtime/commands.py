"""What a command says when the database is busy or away, instead of a traceback."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import click
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from runtime.database import locked, transient


class Later(click.ClickException):
    """Nothing is wrong with what was asked."""

    exit_code = 75
    """sysexits' "temporary failure": a script may say the same again."""


def telling(command: click.Command) -> click.Command:
    """The command, or group of them, that says what to do."""
    if isinstance(command, click.Group):
        for each in command.commands.values():
            telling(each)
    elif command.callback is not None:
        command.callback = _told(command.callback)
    return command


def _told(callback: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(callback)
    def told(*args: Any, **kwargs: Any) -> Any:
        try:
            return callback(*args, **kwargs)
        except (DBAPIError, PoolTimeout) as error:
            if not transient(error):
                raise
            if locked(error):
                raise Later(
                    "somebody else holds what this would change; the step was taken back, run it again"
                ) from error
            raise Later(
                f"the database is away or too busy ({type(error).__name__}); see to it, and run it again"
            ) from error

    return told
