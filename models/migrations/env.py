"""Run by alembic, with the database given by `migrations.config`."""

from typing import Literal

from alembic import context
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from models import Base
from models.base import Rest, Word
from runtime import database, limits

LOCK = 0x41555241
"""Any number, as long as all migrations take the same: two starting servers must not both migrate."""


def plain(kind: str, item: object, _context: object) -> str | Literal[False]:
    """A migration speaks of types as the database has them: how a program compares is not its business."""
    return {Word: "sa.Text()", Rest: "sa.BigInteger()"}.get(type(item), False) if kind == "type" else False


url = context.config.attributes["database_url"]
engine = create_engine(
    url, poolclass=NullPool, hide_parameters=True, connect_args=database.arguments(url, limits.COMMAND)
)
with engine.connect() as connection:
    connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
    connection.commit()
    context.configure(
        connection=connection, target_metadata=Base.metadata, compare_server_default=True, render_item=plain
    )
    with context.begin_transaction():
        context.run_migrations()
