"""The database's history. `upgrade(url)` brings a database to the newest form; a test holds the models to it."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection


def config(database_url: str) -> Config:
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent))
    settings.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    settings.attributes["database_url"] = database_url
    return settings


def upgrade(database_url: str) -> None:
    """Bring the database to the newest revision; safe to run again, and by two processes at once."""
    command.upgrade(config(database_url), "head")


def revisions(connection: Connection) -> tuple[str | None, str | None]:
    """The revision that the database has, and the newest."""
    scripts = ScriptDirectory.from_config(config(""))
    return MigrationContext.configure(connection).get_current_revision(), scripts.get_current_head()
