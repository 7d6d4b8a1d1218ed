"""The database's history. `upgrade(url)` brings a database to the newest form; a test holds the models to it.

Alembic is read where it is needed: every process knows the commands of the database, and few give one.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from runtime import limits
from runtime.database import locked

if TYPE_CHECKING:
    from alembic.config import Config

TRIES = 12
PAUSE = limits.COMMAND.lock
"""Seconds between two tries, as long as one of them waits: so half of the time is the others'."""
WHO = "select pid, application_name, query from pg_stat_activity where cardinality(pg_blocking_pids(pid)) = 0"


def config(database_url: str) -> "Config":
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent))
    settings.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    settings.attributes["database_url"] = database_url
    return settings


def upgrade(database_url: str, say: Callable[[str], None] = print) -> None:
    """Bring the database to the newest revision; safe to run again, and by two processes at once.

    Who holds a table that is to be changed is waited for only so long, because everybody else who needs it waits
    behind; then they all get their turn, and it is tried again. Raises the last refusal.
    """
    from alembic import command

    for left in reversed(range(TRIES)):
        try:
            command.upgrade(config(database_url), "head")
            return
        except DBAPIError as error:
            if not left or not locked(error):
                raise
        say(f"Somebody holds what is to be changed. Trying again in {PAUSE:g} seconds, {left} times at most: {WHO}")
        time.sleep(PAUSE)


def revisions(connection: Connection) -> tuple[str | None, str | None]:
    """The revision that the database has, and the newest."""
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory.from_config(config(""))
    return MigrationContext.configure(connection).get_current_revision(), scripts.get_current_head()
